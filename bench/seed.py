"""Makes the measured bots, by the same services as people's own. Runs as a process in the product's environment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402 - Django must be set up before its models are imported

from bench import pagetimes  # noqa: E402
from bench.mock import TOKEN  # noqa: E402
from bench.seed_names import PASSWORD, USER  # noqa: E402
from bots.demo.build import END, bot, call, dialog, integration, starter, text  # noqa: E402
from bots.engine import spec  # noqa: E402
from bots.models import Bot, Dialog, Interaction  # noqa: E402
from bots.services import bots, channel_keys, transfer, versions  # noqa: E402
from config import redis  # noqa: E402
from credentials import kinds  # noqa: E402
from credentials.models import Credential  # noqa: E402
from credentials.services import organizations, vault  # noqa: E402

DELAYS = (0, 200, 1000)  # milliseconds that the API takes

PRE_PROCESS = """\
var visits = Number(botContext.getBotVariable('visits') || 0) + 1;
botContext.setBotVariable('visits', visits, true, false);
"""
TRANSFORM = """\
var response = botContext.getBotVariable('api_Balance');
var answer = JSON.parse(response.jsonData).api_Balance, total = 0;
answer.items.forEach(function (item) { total += item.price; });
response.jsonData = JSON.stringify({ api_Balance: { holder: answer.holder, total: total } });
botContext.setBotVariable('api_Balance', response, true, false);
"""
ENDLESS = "while (true) {}"


def turn_bot(name: str, *, url: str, credential: str, size: int = 0) -> spec.BotSpec:
    """Return the measured bot: script, call with a credential, transform, field, text; and more interactions."""
    balance = integration("Balance", url, fields={"holder": "{$.api_Balance.holder}"}, transform=TRANSFORM)
    asking = call("Get balance", "Balance", success="Say it", failure="Say no")
    parts = (
        starter("Starter", "go"),
        replace(asking, pre_process=PRE_PROCESS),
        text("Say it", "Hello {Balance.holder}, this is your visit {$botContext.visits}.", then=END),
        text("Say no", "The balance cannot be read.", then=END),
    )
    integrations = (replace(balance, url=url, credential=credential, slow_message=""),)
    return bot(name, dialog("Balance", *parts), *_padding(size - 5), integrations=integrations, fallback="Say go.")


def _padding(size: int) -> list[spec.Dialog]:
    """Return dialogs of a hundred interactions each, with patterns of their own."""
    made = []
    for first in range(0, max(size, 0), 100):
        talk = [
            text(f"Text {number}", f"Line {number} of something long enough to be a sentence.")
            for number in range(first + 1, min(first + 100, size))
        ]
        made.append(dialog(f"Topic {first}", starter(f"Starter {first}", f"*topic {first}*"), *talk))
    return made


def make_bots(api: str) -> dict[str, Any]:
    """Store an organization, a credential and the bots, published, each with a channel key."""
    user = User.objects.create_superuser(USER, password=PASSWORD)
    organization = organizations.create(name="Bench", creator=user)
    credential = vault.create(
        organization,
        actor=user,
        name="Token",
        kind=kinds.ALL["access_token"],
        values={"access_token": TOKEN, "token_type": "Bearer"},
        allowed_hosts=[api],
    )
    wanted = {
        f"turn {delay}": turn_bot(f"Turn {delay}", url=f"http://{api}/{delay}/balance", credential=str(credential.key))
        for delay in DELAYS
    }
    stuck = replace(text("Say it", "Never said", then=END), pre_process=ENDLESS)
    wanted["loop"] = bot("Loop", dialog("Loop", starter("Starter", "go"), stuck), integrations=(), fallback="Say go.")
    return {name: _publish(one, user, organization.pk)[0] for name, one in wanted.items()}


def _publish(draft: spec.BotSpec, user: Any, organization: int) -> tuple[dict[str, str], float]:
    row = bots.create(bots.NewBot(name=draft.name, draft=draft), user=user, organization_id=organization)
    seconds, _ = _timed(lambda: versions.publish(row.pk, user=user, note=""))
    _, key = channel_keys.create(row, label="Bench", actor=user)
    return {"bot": str(row.pk), "key": key}, seconds


def make_large(api: str, size: str) -> dict[str, Any]:
    """Store a bot with so many interactions; tells how long publishing, export and import took."""
    user, credential = User.objects.get(username=USER), Credential.objects.get()
    name = f"Large {size} {time.time_ns()}"
    draft = turn_bot(name, url=f"http://{api}/0/balance", credential=str(credential.key), size=int(size))
    made, publishing = _publish(draft, user, credential.organization_id)
    row = Bot.objects.get(pk=made["bot"])
    exporting, document = _timed(lambda: transfer.export_bot(row))
    decisions = transfer.Decisions(name=f"{name} again")
    importing, _ = _timed(
        lambda: transfer.import_bot(
            transfer.read(document.encode()), organization=row.organization, actor=user, decisions=decisions
        )
    )
    first = Dialog.objects.filter(bot=row, name="Topic 0").first() or row.dialogs.all()[0]
    page = f"/bots/{row.pk}/dialogs/{first.pk}/"
    times = {"publish": publishing, "export": exporting, "import": importing}
    return {**made, "page": page, "interactions": row.interactions.count(), "times": times}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def make_crowd(wanted: str) -> dict[str, Any]:
    """Fill the organization up to so many bots, as rows: each with a dialog of two interactions."""
    organization = Credential.objects.get().organization
    missing = range(organization.bots.count(), int(wanted))
    made = Bot.objects.bulk_create(Bot(organization=organization, name=f"Crowd {number:05}") for number in missing)
    dialogs = Dialog.objects.bulk_create(Dialog(bot=each, name="Talk") for each in made)
    kinds_of_rows = (("starter", {"patterns": ["*hello*"]}), ("text", {"text": "Hello."}))
    Interaction.objects.bulk_create(
        Interaction(bot_id=each.bot_id, dialog=each, name=kind, kind=kind, content=content, position=place)
        for each in dialogs
        for place, (kind, content) in enumerate(kinds_of_rows)
    )
    return {"bots": organization.bots.count()}


def tell_kept() -> dict[str, Any]:
    """Tell what is stored now: what the server needs for itself changes by the minute and does not count."""
    client, database = redis.client(), Path(settings.DATABASES["default"]["NAME"])
    kept = [client.memory_usage(key, samples=0) or 0 for key in client.scan_iter(count=1000)]
    files = database.parent.glob(f"{database.name}*")
    return {"redis": sum(kept), "keys": len(kept), "sql": sum(path.stat().st_size for path in files)}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "bots": make_bots,
    "large": make_large,
    "crowd": make_crowd,
    "kept": tell_kept,
    "pages": pagetimes.measure,
}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
