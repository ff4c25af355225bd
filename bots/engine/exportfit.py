"""Fit what an export document says into what can be stored, and name what had to give way.

Pure and repeatable: the writer fits the document again to know what was changed here since the import.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bots.engine import exportfile
from bots.engine.exportnode import Node, UnreadableExport
from bots.engine.spec import Action, BotSpec, Dialog, Interaction, Rule
from integrations.engine.spec import IntegrationSpec

LONGEST_NAME = 100
LONGEST_TEXT = 400
LONGEST_COMMENT = 240
LONGEST_SESSION = 7 * 24 * 3600
REFUSED_OVER = (("response_variable", 100), ("url", 2000), ("method", 10))
CUT_AT = (("type", 20), ("slow_message", 400))
LISTS = ("conversationMessage", "groups", "responder")
NUMBERS = (("timeout_seconds", 1, 60), ("retries", 0, 3), ("slow_after_seconds", 0, 60))
_KEY = re.compile(r"[A-Za-z0-9_.:~ -]{1,64}\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|[:\[,\s]-?[0-9.]*(?:[0-9]{17}|[eE]\+?[0-9]{3})")


@dataclass(frozen=True, slots=True)
class Authored:
    """A bot with what only people read in it. `origins` leads from the key of a copy to that of its original."""

    spec: BotSpec
    description: str = ""
    dialog_descriptions: Mapping[str, str] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    created_ms: int = 0


def read(document: object, *, text: str, tell: Callable[[], None] = exportfile.silent) -> Authored:
    """Return what the rows of the bot can hold of the document; `text` is the document as it was written.

    Raises UnreadableExport, with the place, for what neither fits nor may be shortened.
    """
    document = _storable(document) if _SUSPECT.search(text) else document
    spec = exportfile.read(document, tell=tell)
    alone = last_of_each(document)
    if alone is not document:
        document, spec = alone, exportfile.read(alone)
    root = Node(document)
    keys = _keys(root)
    integrations = tuple(_integrations(spec.integrations, keys))
    known = {each.key for each in integrations}
    dialogs = tuple(_dialogs(spec.dialogs, keys, known))
    return Authored(
        spec=replace(
            spec,
            name=spec.name[:LONGEST_NAME],
            language=spec.language[:20],
            session_seconds=min(spec.session_seconds, LONGEST_SESSION),
            **{name: getattr(spec, name)[:LONGEST_TEXT] for name in ("failure_text", "error_text", "fallback_text")},
            dialogs=dialogs,
            integrations=integrations,
        ),
        description=root.get("bot").get("description").text()[:LONGEST_TEXT],
        dialog_descriptions=_texts(root.get("groups"), keys, "description", LONGEST_TEXT),
        comments={
            keys[one.get("id").text()]: text
            for one in root.get("conversationMessage").items()
            if (text := one.get("comment").get("content").text()[:LONGEST_COMMENT])
        },
    )


def key_of(identifier: str) -> str:
    """Return the key under which an element of this id is stored: the id itself wherever that is possible."""
    if _KEY.match(identifier) and identifier.strip() == identifier:
        return identifier
    return hashlib.sha1(identifier.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def elements(root: Node) -> Iterator[Node]:
    """Yield every element of the document that has an id which others may name."""
    for name in LISTS:
        yield from root.get(name).items()


def last_of_each(document: Any) -> Any:
    """Return the document with only the last element of each id, as parts that share an id cannot be told apart."""
    alone = document
    for name in LISTS:
        elements = document.get(name) or []
        last = {Node(one).get("id").text(): one for one in elements}
        if len(last) < len(elements):
            kept = {id(one) for one in last.values()}
            alone = {**alone, name: [one for one in elements if id(one) in kept]}
    return alone


def _keys(root: Node) -> dict[str, str]:
    identifiers = {one.get("id").text() for one in elements(root)}
    identifiers |= {one.get("group").text() for one in root.get("conversationMessage").items()}
    return {each: key_of(each) for each in identifiers}


def _texts(nodes: Node, keys: Mapping[str, str], name: str, longest: int) -> dict[str, str]:
    found = ((keys[one.get("id").text()], one.get(name).text()[:longest]) for one in nodes.items())
    return {key: text for key, text in found if text}


def _integrations(given: Iterable[IntegrationSpec], keys: Mapping[str, str]) -> Iterator[IntegrationSpec]:
    """Names are made different, since they are unique in a bot; what would no longer work is not cut."""
    taken: dict[str, int] = {}
    for place, one in enumerate(given):
        for name, longest in REFUSED_OVER:
            if len(getattr(one, name)) > longest:
                raise UnreadableExport(f"responder[{place}]: its {name} has more than {longest:,} characters")
        numbers = {name: max(low, min(high, getattr(one, name))) for name, low, high in NUMBERS}
        cut = {name: getattr(one, name)[:longest] for name, longest in CUT_AT}
        yield replace(one, key=keys[one.key], name=_free(one.name, taken), credential=None, **numbers, **cut)


def _dialogs(given: Iterable[Dialog], keys: Mapping[str, str], integrations: set[str]) -> Iterator[Dialog]:
    """A bot has one fallback dialog: a second one becomes a standard one."""
    taken: dict[str, int] = {}
    fallback = False
    for dialog in given:
        kind = "standard" if fallback else dialog.kind
        fallback = fallback or dialog.kind == "fallback"
        yield replace(
            dialog,
            key=keys[dialog.key],
            name=dialog.name[:LONGEST_NAME],
            kind=kind,
            interactions=tuple(_interaction(i, keys, integrations, taken) for i in dialog.interactions),
        )


def _interaction(
    one: Interaction, keys: Mapping[str, str], integrations: set[str], taken: dict[str, int]
) -> Interaction:
    integration = keys.get(one.content.integration, one.content.integration)
    return replace(
        one,
        key=keys[one.key],
        name=_free(one.name, taken),
        content=replace(one.content, integration=integration if integration in integrations else ""),
        rules=tuple(_rule(rule, keys) for rule in one.rules),
    )


def _rule(rule: Rule, keys: Mapping[str, str]) -> Rule:
    target = keys.get(rule.action.target, rule.action.target)
    return rule if target == rule.action.target else replace(rule, action=Action(rule.action.kind, target))


def _free(name: str, taken: dict[str, int]) -> str:
    """Return the name, or with the first number that makes it another; `taken` remembers the number for the next."""
    stem = name[:LONGEST_NAME]
    candidate, number = stem, taken.get(stem, 1)
    while candidate in taken:
        number += 1
        candidate = f"{stem[: LONGEST_NAME - 8]} {number}"
    taken[stem] = number
    taken[candidate] = taken.get(candidate, 1)
    return candidate


def _storable(value: Any) -> Any:
    """Return the value with U+FFFD for what a database cannot hold, and texts for numbers that would be rounded."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) >= 2**53 else value
