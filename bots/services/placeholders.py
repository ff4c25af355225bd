"""What each placeholder of a text stands for right now: known, empty, a secret, or nothing, with what would mend it.

Looks at the saved draft and the linked environment; never tells a value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bots.engine import spec, usage
from bots.models import Bot
from bots.services import bots, completions, names, owned
from integrations.engine import template
from integrations.engine.lookup import SYSTEM_NAMES, Placeholder
from integrations.services import definitions

MOST = 100
MOST_SUGGESTIONS = 2
NAME = re.compile(r"[A-Za-z_][\w.]{0,99}")
FIELD = re.compile(r"[A-Za-z_]\w{0,99}")
_SECRET = re.compile(r"secret|token|passw|api_?key|credential", re.IGNORECASE)
_INITIAL = re.compile(r"function\s+__initConversation\s*\(\s*\)\s*\{")


@dataclass(frozen=True, slots=True)
class Look:
    """state: known, empty, secret or unknown; why: a sentence unless it is known. fix: variable or field, where one
    step makes it known. suggestions: what may have been meant."""

    written: str
    state: str
    why: str = ""
    fix: str = ""
    suggestions: tuple[str, ...] = ()


def look(texts: Iterable[str], *, draft: spec.BotSpec, environment: dict[str, str]) -> list[Look]:
    """Say of each placeholder in the texts, once, what it stands for; paths into a response are not looked at."""
    known = usage.Known(draft)
    offers = [offer.written for offer in completions.of(draft, environment=environment)]
    found: dict[str, Look] = {}
    for placeholder in (each for text in texts for each in template.names(text)):
        written = f"{{{placeholder.source}}}"
        if placeholder.kind != "path" and written not in found and len(found) < MOST:
            found[written] = _look(placeholder, written, known, environment, offers)
    return list(found.values())


def _look(at: Placeholder, written: str, known: usage.Known, environment: dict[str, str], offers: list[str]) -> Look:
    if at.kind == "env":
        return _environment(at.name, written, environment, offers)
    if at.kind == "field":
        why = known.why_no_field(at.name)
        owner, _, key = at.name.partition(".")
        is_there = any(each.name == owner for each in known.spec.integrations)
        fix = "field" if is_there and FIELD.fullmatch(key.removesuffix(".count")) else ""
        return _unknown(written, why, fix, offers) if why else Look(written, "known")
    if at.kind == "system":
        return _system(at.name, written, offers)
    name = f"slot.{at.name}" if at.kind == "slot" else at.name
    if known.sets(name):
        return Look(written, "known")
    fix = "variable" if at.kind == "variable" and NAME.fullmatch(at.name) else ""
    return _unknown(written, f"nothing sets the {'slot' if at.kind == 'slot' else 'variable'} {at.name}", fix, offers)


def _environment(name: str, written: str, environment: dict[str, str], offers: list[str]) -> Look:
    if name not in environment:
        return _unknown(written, f"the bot's environment has no key {name}", "", offers)
    if not environment[name]:
        return Look(written, "empty", f"The environment's key {name} is empty.")
    is_secret = bool(_SECRET.search(name))
    return (
        Look(written, "secret", "It looks like a secret; this text carries its value.")
        if is_secret
        else Look(written, "known")
    )


def _system(name: str, written: str, offers: list[str]) -> Look:
    if name in SYSTEM_NAMES or name.partition(".")[0] in completions.SYSTEM:
        return Look(written, "known")
    return _unknown(written, f"there is no system variable {name}", "", offers)


def _unknown(written: str, why: str, fix: str, offers: list[str]) -> Look:
    near = difflib.get_close_matches(written, offers, n=MOST_SUGGESTIONS, cutoff=0.75)
    return Look(written, "unknown", f"{why[0].upper()}{why[1:]}.", fix, tuple(near))


@transaction.atomic
def create_variable(bot_id: int, *, user: Any, name: str) -> None:
    """Let every conversation begin with the variable, empty: one line in __initConversation of the global functions."""
    if not NAME.fullmatch(name):
        raise names.Refused("A variable's name begins with a letter and has letters, digits, dots and underscores.")
    bot = owned.bot(bot_id, user=user)
    line = f'\n  botContext.setBotVariable("{name}", "", true, false);'
    begins = _INITIAL.search(bot.global_functions)
    if begins:
        source = f"{bot.global_functions[: begins.end()]}{line}{bot.global_functions[begins.end() :]}"
    else:
        before = f"{bot.global_functions.rstrip()}\n\n" if bot.global_functions.strip() else ""
        source = f"{before}function __initConversation() {{{line}\n}}\n"
    bots.change_global_functions(bot.pk, user=user, source=source)


@transaction.atomic
def add_field(bot: Bot, *, user: Any, integration: str, key: str) -> int:
    """Give an integration a custom data field without a path yet; return the integration's primary key."""
    row = bot.integrations.filter(name=integration).first()
    if row is None or not FIELD.fullmatch(key):
        raise names.Refused(f"There is no integration {integration} that could have a field {key}.")
    if not any(each["key"] == key for each in row.fields):
        row.fields = [*row.fields, {"key": key, "value": "", "enabled": True, "note": ""}]
        definitions.save(row, actor=user)
    return int(row.pk)
