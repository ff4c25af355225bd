"""An organization that grows: every kind of row that a page lists, as many as asked for."""

from __future__ import annotations

from django.contrib.auth.models import User

from bots.engine import spec
from bots.models import Bot, Dialog, Intent, SavedTest
from bots.services import authoring, bots, channel_keys, dialogs, intents, savedtests, versions
from bots.services import rules as next_rules
from credentials import kinds
from credentials.models import Credential, Membership, Organization, Role
from credentials.services import audit, rules, vault
from integrations.models import Environment, Integration
from integrations.services import definitions, environments
from tests import factories

SCRIPT = "botContext.setBotVariable('seen{0}', '{0}', true, false);\n"
TEXT = "{{Call{0}.x}} {{$botContext.seen{0}}} {{$botContext.never{1}}}"
BASIC = {"user_name": "ann", "password": "correct horse"}


def grow(bot: Bot, *, user: User, by: int) -> None:
    """Add so many of everything to the bot and to its organization."""
    first = bot.dialogs.count()
    for number in range(first, first + by):
        _organization(bot.organization, user, number)
        fields = [{"key": "x", "value": "{$.a}", "on": True}]
        call = factories.make_integration(bot, name=f"Call{number}", fields=fields)
        _dialog(factories.make_dialog(bot, name=f"Talk {number}"), call, number, by)
        Intent.objects.create(bot=bot, name=f"Intent {number}", phrases=["hello there"], patterns=["hi"])
        SavedTest.objects.create(bot=bot, name=f"Test {number}", transcript=savedtests.EMPTY, answers="routes: []\n")
        channel_keys.create(bot, label=f"Key {number}", actor=user)
        versions.publish(bot.pk, user=user, note=f"Note {number}")
        _history(bot, user, number)


def _dialog(dialog: Dialog, call: Integration, number: int, size: int) -> None:
    factories.make_interaction(
        dialog, name=f"Start {number}", kind="starter", content={"patterns": [f"start {number}"]}
    )
    for each in range(size):
        content, script = {"text": TEXT.format(number, each)}, SCRIPT.format(number)
        factories.make_interaction(dialog, name=f"Say {number} {each}", content=content, pre_process=script)
    factories.make_interaction(dialog, name=f"Ask {number}", kind="integration", integration=call)


def _history(bot: Bot, user: User, number: int) -> None:
    """Save every kind of item once, so that each has a history."""
    dialog = bot.dialogs.get(name=f"Talk {number}")
    tile, other = bot.interactions.get(name=f"Ask {number}"), bot.dialogs.earliest("pk")
    environment = Environment.objects.get(organization=bot.organization, name=f"Set {number}")
    next_rules.add(tile.pk, user=user)
    authoring.change(tile.pk, user=user, values={"content": spec.Content(text="Wait", integration="")})
    authoring.move(tile.pk, user=user, to=0, dialog_id=other.pk)
    dialogs.change(dialog.pk, user=user, values={"description": f"About {number}"})
    intents.change(
        bot.intents.get(name=f"Intent {number}").pk, user=user, name=f"Wish {number}", phrases=[], patterns=[]
    )
    savedtests.delete(bot.saved_tests.create(name=f"Gone {number}", transcript=savedtests.EMPTY).pk, user=user)
    bots.change(bot.pk, user=user, values={"environment": environment})
    bots.change_global_functions(bot.pk, user=user, source=f"var a = {number};")
    call = bot.integrations.get(name=f"Call{number}")
    call.credential = Credential.objects.filter(organization=bot.organization).latest("pk")
    definitions.save(call, actor=user)
    for each in (environment, Environment.objects.filter(organization=bot.organization).earliest("pk")):
        written = environments.Written(each.name, each.description, {**each.values, f"more{number}": "1"})
        environments.change(each.pk, user=user, written=written)


def _organization(organization: Organization, user: User, number: int) -> None:
    values = {"key": "value"}
    environment = Environment.objects.create(organization=organization, name=f"Set {number}", values=values)
    other = factories.make_bot(organization, name=f"Bot {number}", environment=environment)
    factories.make_interaction(factories.make_dialog(other), kind="integration", name=f"Broken {number}")
    member = factories.make_user(f"member{number}")
    Membership.objects.create(organization=organization, user=member, role=Role.AUTHOR)
    rules.add(organization, actor=user, destination=f"api{number}.internal", port=8000)
    made = vault.create(organization, actor=user, name=f"Credential {number}", kind=kinds.ALL["basic"], values=BASIC)
    factories.make_integration(other, name=f"Other{number}", credential=made)
    audit.record(organization, actor=user, action="bot.created", subject=f"Bot {number}")
