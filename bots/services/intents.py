"""The intents of a bot: the writes, where they are used, and trying a message on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bots.engine import intents as engine
from bots.engine import spec
from bots.models import Bot, Intent
from bots.services import names, owned, revised, specs
from bots.services.variables import Spot
from integrations.models import Revision

LONGEST = 200  # of an imported key, or name


@dataclass(frozen=True, slots=True)
class Entry:
    """An intent and the starters and rules that ask for it."""

    row: Intent
    used: tuple[Spot, ...]

    @property
    def trained(self) -> bool:
        return bool(self.row.phrases or self.row.patterns)


def listing(bot: Bot) -> list[Entry]:
    """Return the bot's intents by name."""
    draft = specs.draft(bot)
    return [Entry(row, tuple(_used(draft, row))) for row in bot.intents.all()]


def entry(row: Intent) -> Entry:
    return Entry(row, tuple(_used(specs.draft(row.bot), row)))


def choices(bot: Bot) -> list[tuple[str, str]]:
    """Return the intents for a selection: key and name."""
    return [(row.key, row.name) for row in bot.intents.only("key", "name")]


@transaction.atomic
def create(bot_id: int, *, user: Any, name: str) -> Intent:
    """Make an intent without examples; raises Refused for a name in use."""
    bot = owned.bot(bot_id, user=user)
    names.check_free(name, taken=_names(bot), what="An intent")
    row = Intent.objects.create(bot=bot, name=name)
    revised.made(row, user=user)
    owned.touch(bot)
    return row


class Changed(Exception):
    """Somebody else saved the intent since this author saw it; `theirs` is what is stored now."""

    def __init__(self, theirs: Intent) -> None:
        super().__init__("Somebody else changed this intent since you opened it.")
        self.theirs = theirs


def revision(row: Intent) -> str:
    """What an open form remembers, to notice that somebody else saved in between."""
    return hashlib.sha256(json.dumps([row.name, row.phrases, row.patterns]).encode()).hexdigest()[:16]


@transaction.atomic
def change(
    intent_id: int, *, user: Any, name: str, phrases: Iterable[str], patterns: Iterable[str], seen: str = ""
) -> Intent:
    """Store what an author typed; raises Refused for a name in use, Changed unless it is still what was `seen`."""
    row = _owned(intent_id, user)
    if seen and seen != revision(row):
        raise Changed(row)
    if name != row.name:
        names.check_free(name, taken=_names(row.bot, besides=row), what="An intent")
    with revised.watch(row, user=user):
        row.name, row.phrases, row.patterns = name, list(phrases), list(patterns)
        row.save()
    owned.touch(row.bot)
    return row


@transaction.atomic
def delete(intent_id: int, *, user: Any) -> Revision:
    """Delete it; returns the revision that puts it back. What asks for it stays, with a problem until it is mended."""
    row = _owned(intent_id, user)
    revision = revised.gone(row, user=user)
    row.delete()
    owned.touch(row.bot)
    return revision


def store(bot: Bot, *, draft: spec.BotSpec) -> None:
    """Make the bot's rows say what the draft says of intents; used wherever a whole draft is stored."""
    kept = {row.key: row for row in bot.intents.all()}
    usable = {key: name for key, name in draft.intents.items() if len(key) <= LONGEST}
    for key, name in usable.items():
        examples = draft.intent_examples.get(key, spec.Examples())
        row = kept.pop(key, None) or Intent(bot=bot, key=key)
        row.name, row.phrases, row.patterns = name[:LONGEST], list(examples.phrases), list(examples.patterns)
        row.save()
    bot.intents.filter(pk__in=[row.pk for row in kept.values()]).delete()


def try_out(bot: Bot, *, message: str) -> tuple[engine.Candidate, ...]:
    """Return what the draft would take the message for, best first."""
    return engine.recognise(specs.draft(bot), message)


def _owned(intent_id: int, user: Any) -> Intent:
    found = Intent.objects.only("bot_id").get(pk=intent_id)
    locked = owned.bot(found.bot_id, user=user)
    row: Intent = Intent.objects.get(pk=intent_id)
    row.bot = locked
    return row


def _names(bot: Bot, besides: Intent | None = None) -> list[str]:
    return [name for pk, name in bot.intents.values_list("pk", "name") if besides is None or pk != besides.pk]


def _used(draft: spec.BotSpec, row: Intent) -> Iterable[Spot]:
    wanted = {str(row.key), row.name}
    for _, tile in draft.interaction_by_key.values():
        asked = {value for rule in tile.rules if _asks(rule) and rule.condition for value in rule.condition.values}
        if tile.content.intent in wanted or asked & wanted:
            yield Spot(tile.name, interaction=tile.key)


def _asks(rule: spec.Rule) -> bool:
    return rule.condition is not None and rule.condition.kind == "intent"
