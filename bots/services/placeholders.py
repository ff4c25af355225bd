"""What each placeholder of a text stands for right now: known, empty, a secret, or nothing, with what would mend it.

Looks at the saved draft and the linked environment; never tells a value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db import transaction

from bots.engine import spec, usage
from bots.models import Bot
from bots.services import bots, completions, names, owned
from integrations.engine import template
from integrations.engine.lookup import SYSTEM_NAMES
from integrations.services import definitions, environments

MOST = 100
MOST_SUGGESTIONS = 2
NAME = re.compile(r"[A-Za-z_][\w.]{0,99}")
FIELD = re.compile(r"[A-Za-z_]\w{0,99}")
_COUNT = ".count}"
_INITIAL = tuple(  # the first of these that is there runs
    re.compile(rf"\bfunction\s+{name}\s*\(\s*\)\s*\{{") for name in ("__initConversation", "initConversation")
)


@dataclass(frozen=True, slots=True)
class Look:
    """state: known, empty, secret or unknown; why: a sentence unless it is known. fix: variable or field, where one
    step makes it known. suggestions: what may have been meant."""

    written: str
    state: str
    why: str = ""
    fix: str = ""
    suggestions: tuple[str, ...] = ()


def look(texts: Iterable[str], *, draft: spec.BotSpec, environment: dict[str, str]) -> list[list[Look]]:
    """Say for each text what its placeholders stand for, each once; paths into a response are not looked at."""
    looking = _Looking(draft, environment)
    return [looking.at_text(text) for text in texts]


@dataclass
class _Looking:
    """What is known of a bot, found once for all its texts."""

    draft: spec.BotSpec
    environment: dict[str, str]

    @cached_property
    def known(self) -> usage.Known:
        return usage.Known(self.draft)

    @cached_property
    def offers(self) -> list[str]:
        return [offer.written for offer in completions.of(self.draft, environment=self.environment)]

    def at_text(self, text: str) -> list[Look]:
        found: dict[str, Look] = {}
        for placeholder in template.names(text):
            written = f"{{{placeholder.source}}}"
            if placeholder.kind != "path" and written not in found and len(found) < MOST:
                found[written] = self._kinds[placeholder.kind](self, placeholder.name, written)
        return list(found.values())

    def _variable(self, name: str, written: str) -> Look:
        if self.known.sets(name):
            return Look(written, "known")
        fix = "variable" if NAME.fullmatch(name) else ""
        return self._unknown(written, f"nothing sets the variable {name}", fix)

    def _slot(self, name: str, written: str) -> Look:
        if self.known.sets(f"slot.{name}"):
            return Look(written, "known")
        return self._unknown(written, f"nothing sets the slot {name}")

    def _field(self, name: str, written: str) -> Look:
        why = self.known.why_no_field(name)
        if not why:
            return Look(written, "known")
        owner, _, key = name.partition(".")
        is_there = any(each.name == owner for each in self.draft.integrations)
        return self._unknown(written, why, "field" if is_there and FIELD.fullmatch(key.removesuffix(".count")) else "")

    def _system(self, name: str, written: str) -> Look:
        if name in SYSTEM_NAMES or name.partition(".")[0] in completions.SYSTEM:
            return Look(written, "known")
        return self._unknown(written, f"there is no system variable {name}")

    def _environment_key(self, name: str, written: str) -> Look:
        if name not in self.environment:
            return self._unknown(written, f"the bot's environment has no key {name}")
        if not self.environment[name]:
            return Look(written, "empty", f"The environment's key {name} is empty.")
        if environments.is_secret(name):
            return Look(written, "secret", "It looks like a secret; this text carries its value.")
        return Look(written, "known")

    def _unknown(self, written: str, why: str, fix: str = "") -> Look:
        is_count = written.endswith(_COUNT)
        offers = [offer for offer in self.offers if offer.endswith(_COUNT) == is_count]
        near = difflib.get_close_matches(written, offers, n=MOST_SUGGESTIONS, cutoff=0.75)
        return Look(written, "unknown", f"{why[0].upper()}{why[1:]}.", fix, tuple(near))

    _kinds: ClassVar[dict[str, Callable[[_Looking, str, str], Look]]] = {
        "variable": _variable,
        "slot": _slot,
        "field": _field,
        "system": _system,
        "env": _environment_key,
    }


@transaction.atomic
def create_variable(bot_id: int, *, user: Any, name: str) -> None:
    """Let every conversation begin with the variable, empty: one line in the global functions' own beginning."""
    if not NAME.fullmatch(name):
        raise names.Refused("A variable's name begins with a letter and has letters, digits, dots and underscores.")
    bot = owned.bot(bot_id, user=user)
    line = f'\n  botContext.setBotVariable("{name}", "", true, false);'
    begins = next((found for each in _INITIAL if (found := each.search(bot.global_functions))), None)
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
