"""Where a bot uses a name, to the character, and the same texts with another name. Pure.

Knows texts, rules, requests and scripts (by their tokens). What cannot be told for sure is found, too, marked so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from bots.engine import namefinders, spec, usage
from bots.engine.namefinders import Spot

Kind = Literal["variable", "slot", "env", "field", "integration", "response", "dialog", "interaction", "intent"]
Path = tuple[str | int, ...]

SCRIPTS = {attribute: title for attribute, _, title in usage.SCRIPTS} | {
    "transform_script": "Transform Result Script",
    "global_functions": "Global functions",
}
LABELS = SCRIPTS | {
    "name": "Name", "text": "Text", "url": "URL", "body": "Post Body", "headers": "Request Headers",
    "parameters": "Request Parameters", "fields": "Custom Data Fields", "rules": "Rules", "content": "Content",
    "response_variable": "Response Data Variable Name", "slow_message": "Slow call message",
    "failure_text": "Failure text", "error_text": "Default User-Friendly Response", "fallback_text": "Fallback text",
}  # fmt: skip
TEXTS_OF_THE_BOT = ("failure_text", "error_text", "fallback_text")
_SILENT = frozenset({"key", "kind", "target", "scope", "operator", "type", "source", "variable_match", "metadata"})
_OF_AN_INTEGRATION = (
    "name", "response_variable", "url", "headers", "parameters", "body", "transform_script", "fields", "slow_message",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A name. owner: of a field, the name of its integration. key: of what has a key."""

    kind: Kind
    name: str
    owner: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text of a bot. path: interaction, dialog, integration, intent or bot; its key; the way inside."""

    path: Path
    text: str
    owner: str

    @property
    def part(self) -> str:
        names = [each for each in self.path[2:] if isinstance(each, str)]
        return next((LABELS[name] for name in (*names[1:], *names) if name in LABELS), str(names[0]) if names else "")

    @property
    def is_script(self) -> bool:
        return self.path[-1] in SCRIPTS


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The places of one text that hold the name. sure: it can be nothing else. why: what makes it unsure.

    An occurrence without spots cannot be changed by itself: somebody has to look.
    """

    leaf: Leaf
    spots: tuple[Spot, ...]
    sure: bool
    why: str = ""

    def renamed(self, new: str) -> str:
        """Return the text with the new name at all its places."""
        return with_spots(self.leaf, self.spots, new=new)


def occurrences(bot: spec.BotSpec, target: Target) -> list[Occurrence]:
    """Return everything in the bot that holds the name, in the bot's order; what is sure before what is not."""
    finder = namefinders.finder(bot, target)
    found = []
    for leaf in leaves(bot):
        spots = list(finder(leaf))
        for sure in (True, False):
            some = tuple(dict.fromkeys(spot for spot in spots if spot.sure is sure and spot.end))
            if some:
                found.append(Occurrence(leaf, some, sure, next((spot.why for spot in some if spot.why), "")))
        found += [Occurrence(leaf, (), False, why) for why in dict.fromkeys(s.why for s in spots if not s.end)]
    return found


def with_spots(leaf: Leaf, spots: tuple[Spot, ...], *, new: str) -> str:
    """Return the leaf's text with the new name at these places."""
    text = leaf.text
    written = _escaped(new) if leaf.is_script else new
    for spot in sorted(spots, key=lambda spot: spot.start, reverse=True):
        text = text[: spot.start] + written + text[spot.end :]
    return text


def _escaped(name: str) -> str:
    """A name as it stands inside any kind of quotes of a script."""
    return re.sub(r"""['`$]""", r"\\\g<0>", json.dumps(name, ensure_ascii=False)[1:-1])


def leaves(bot: spec.BotSpec) -> Iterator[Leaf]:
    """Yield every text of a bot in which a name can stand."""
    for dialog in bot.dialogs:
        yield Leaf(("dialog", dialog.key, "name"), dialog.name, dialog.name)
        for tile in dialog.interactions:
            yield from _walk(("interaction", tile.key), spec.to_builtins(replace(tile, key="")), tile.name)
    for integration in bot.integrations:
        plain = spec.to_builtins(integration)
        yield from _walk(
            ("integration", integration.key), {name: plain[name] for name in _OF_AN_INTEGRATION}, integration.name
        )
    for key, name in bot.intents.items():
        yield Leaf(("intent", key, "name"), name, name)
    yield Leaf(("bot", "", "global_functions"), bot.global_functions, "Global functions")
    for name in TEXTS_OF_THE_BOT:
        yield Leaf(("bot", "", name), getattr(bot, name), "Settings")


def _walk(path: Path, value: Any, owner: str) -> Iterator[Leaf]:
    if isinstance(value, str):
        if value:
            yield Leaf(path, value, owner)
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from _walk((*path, at), each, owner)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in _SILENT or (name == "key" and "fields" in path):  # the name of a custom data field
                yield from _walk((*path, name), each, owner)
