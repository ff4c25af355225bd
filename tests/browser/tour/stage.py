"""Sets the stage of the tour beside a running product: bots with problems, versions, intents, tests, and people.

A program with the product's environment (`python -m tests.browser.tour.stage`), because whoever drives a browser has
no Django of that product; prints the addresses of the bots as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - Django must be set up before its models are imported
from django.db import transaction  # noqa: E402

from bots.demo import content  # noqa: E402
from bots.engine import spec  # noqa: E402
from bots.models import Bot, Interaction  # noqa: E402
from bots.services import authoring, bots, importjobs, intents, savedtests, versions  # noqa: E402
from credentials.models import Organization  # noqa: E402
from credentials.services import organizations  # noqa: E402
from tests.browser.tour import troubles  # noqa: E402

PLACES = {"balance": "Account balance", "orders": "Order status", "empty": "My first bot", "broken": "Parcel desk"}
IMPORTS = ("waiting", "stopped")
NEWCOMER = "eve"  # whose organization has nothing yet
TEST = """scenarios:
  - id: found
    title: asks for number and address
    turns:
      - user: {text: "What is my balance?"}
        expect:
          messages: [{kind: text, text: "What is your account number?"}]
      - user: {text: "10024417"}
        expect:
          messages: [{kind: text, text: "Which e-mail address is it registered with?"}]
"""
INTENTS = {
    "Ask for the balance": ["how much money do I have", "what is on my account", "show me my balance"],
    "Close the account": ["I want to close my account", "cancel my account please"],
}


@transaction.atomic
def set_up() -> dict[str, str]:
    """Make what is not there yet; answer the address of each bot and import by its name in the table of stops."""
    demo = User.objects.get(username=content.ADMINISTRATOR)
    home = Organization.objects.get(name=content.ORGANIZATION)
    if not User.objects.filter(username=NEWCOMER).exists():
        newcomer = User.objects.create_user(NEWCOMER, password=content.PASSWORD)
        organizations.create(name="Bright Ideas", creator=newcomer)
        enrich(Bot.objects.get(organization=home, name=PLACES["balance"]), user=demo)
        bots.create(bots.NewBot(name=PLACES["empty"]), user=demo, organization_id=home.pk)
        break_one(home.pk, user=demo)
        troubles.store(home, user=demo, bot=Bot.objects.get(organization=home, name="Store locator"))
    found = {name: f"/bots/{Bot.objects.get(organization=home, name=label).pk}/" for name, label in PLACES.items()}
    return found | leave_imports(home.pk, user=demo)


def leave_imports(organization_id: int, *, user: Any) -> dict[str, str]:
    """A large import that no worker has taken, and one that its author cancelled; answer the address of each."""
    for token in IMPORTS:
        importjobs.begin(user, organization=organization_id, token=token, name="parcel-desk.json", total=3_990)
    stopped = importjobs.find(user, token="stopped")
    assert stopped is not None
    importjobs.cancel(stopped)
    return {token: f"/bots/import/{token}/" for token in IMPORTS}


def enrich(balance: Bot, *, user: Any) -> None:
    """A second version, intents, and two tests, one of which is wrong."""
    row = Interaction.objects.get(bot=balance, name="Say balance")
    words = "Thank you, {Balance.holder}. You have {Balance.balance} {Balance.currency}."
    authoring.change(row.pk, user=user, values={"content": spec.Content(text=words)})
    versions.publish(balance.pk, user=user, note="Shorter words for the balance")
    for name, phrases in INTENTS.items():
        intent = intents.create(balance.pk, user=user, name=name)
        intents.change(intent.pk, user=user, name=name, phrases=phrases, patterns=["*account*"])
    savedtests.create(balance.pk, user=user, text=savedtests.Text("Asks for number and address", TEST))
    wrong = TEST.replace("What is your account number?", "Which account?")
    savedtests.create(balance.pk, user=user, text=savedtests.Text("Asks for the account", wrong))


def break_one(organization_id: int, *, user: Any) -> None:
    """A bot with something wrong in each of its parts."""
    new = bots.NewBot(name=PLACES["broken"], description="Says where a parcel is.")
    broken = bots.create(new, user=user, organization_id=organization_id)
    dialog = broken.dialogs.get(kind="standard")
    for kind, name, values in (
        ("integration", "Look it up", {}),
        ("text", "Say where", {"content": spec.Content(text="It is in {Parcel.town}, {parcelNumber}.")}),
        ("universal", "Tidy up", {"pre_process": "var x = (1;\n"}),
    ):
        made = authoring.insert(dialog.pk, user=user, kind=kind)
        authoring.change(made.pk, user=user, values={"name": name, **values})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(set_up()))
