"""Finds words anywhere in a bot: names, texts, rules, scripts, addresses, variables, comments. Knows no pages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bots.engine import spec, usage
from bots.models import Bot, Intent, SavedTest
from integrations.engine.spec import IntegrationSpec

AROUND = 40
MOST = 200
PARTS = {
    "name": "Name", "text": "Text", "patterns": "Patterns", "url": "URL",
    "exclude_keywords": "Exclude keywords", "rich_json": "Rich message", "fallback_text": "Fallback text",
    "quick_replies": "Quick replies", "choices": "Choices", "buttons": "Buttons", "tiles": "Cards", "skill": "Skill",
    "agent": "Agent", "body": "Post Body", "headers": "Request Headers", "parameters": "Request Parameters",
    "fields": "Custom Data Fields", "response_variable": "Response Data Variable Name",
    "slow_message": "Slow call message", "comment": "Comment", "rules": "Rules",
    "transform_script": "Transform Result Script", **{attribute: title for attribute, _, title in usage.SCRIPTS},
}  # fmt: skip
SETTINGS = {
    "name": "Name", "description": "Description", "failure_text": "Failure text",
    "error_text": "Default User-Friendly Response", "fallback_text": "Fallback text",
}  # fmt: skip
NO_WORDS = frozenset({"key", "kind", "target", "scope", "operator", "type", "source", "variable_match", "metadata"})
CODE = frozenset(attribute for attribute, _, _ in usage.SCRIPTS)


@dataclass(frozen=True, slots=True)
class Hit:
    """One text that holds the words: what it belongs to, which part of it, and the text around the words.

    `place` is interaction, dialog, integration, intent, test, settings or global_functions; `key` that of the row,
    where it has one; of intents and tests the number.
    """

    place: str
    owner: str
    part: str
    before: str
    found: str
    after: str
    key: str = ""
    tab: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is read of a bot besides its draft, once: notes for people, intents, tests, numbers of rows by key."""

    notes: dict[tuple[str, str], str]
    numbers: dict[tuple[str, str], int]
    intents: tuple[Intent, ...]
    tests: tuple[SavedTest, ...]


def rows(bot: Bot) -> Rows:
    """Read them, in five queries."""
    noted = {"dialog": (bot.dialogs, "description"), "interaction": (bot.interactions, "comment")}
    notes: dict[tuple[str, str], str] = {}
    numbers = {("integration", key): pk for key, pk in bot.integrations.values_list("key", "pk")}
    for place, (found, column) in noted.items():
        for key, pk, note in found.values_list("key", "pk", column):
            notes[place, key], numbers[place, key] = note, pk
    return Rows(notes, numbers, tuple(bot.intents.all()), tuple(bot.saved_tests.all()))


def search(bot: Bot, *, draft: spec.BotSpec, words: str, among: Rows) -> list[Hit]:
    """Return the hits in the order of the bot, at most MOST; case does not matter, a text counts once."""
    if not words.strip():
        return []
    wanted = re.compile(re.escape(words.strip()), re.IGNORECASE)
    hits = (_cut(hit, match) for hit in _texts(bot, draft, among) if (match := wanted.search(hit.found)))
    return list(itertools.islice(hits, MOST))


def _texts(bot: Bot, draft: spec.BotSpec, among: Rows) -> Iterator[Hit]:
    """Yield every text whole, as the `found` of a hit."""
    notes = among.notes
    for dialog in draft.dialogs:
        yield Hit("dialog", dialog.name, "Name", "", dialog.name, "", dialog.key)
        yield Hit("dialog", dialog.name, "Description", "", notes.get(("dialog", dialog.key), ""), "", dialog.key)
        for interaction in dialog.interactions:
            yield from _interaction(interaction, notes.get(("interaction", interaction.key), ""))
    for integration in draft.integrations:
        yield from _integration(integration)
    for row in among.intents:
        yield from (Hit("intent", row.name, label, "", text, "", str(row.pk)) for label, text in _of_intent(row))
    for test in among.tests:
        for label, text in (("Name", test.name), ("Conversations", test.transcript), ("API answers", test.answers)):
            yield Hit("test", test.name, label, "", text, "", str(test.pk))
    yield Hit("global_functions", "Global functions", "Script", "", bot.global_functions, "")
    for name, label in SETTINGS.items():
        yield Hit("settings", "Settings", label, "", getattr(bot, name), "")


def _of_intent(row: Intent) -> Iterator[tuple[str, str]]:
    yield "Name", row.name
    yield from (("Example phrases", phrase) for phrase in row.phrases)
    yield from (("Patterns", pattern) for pattern in row.patterns)


def _interaction(row: spec.Interaction, comment: str) -> Iterator[Hit]:
    tabs = {"rules": "rules", "comment": "settings", **dict.fromkeys(CODE, "code")}
    plain = {"comment": comment, **{name: getattr(row, name) for name in ("name", *CODE, "rules")}}
    for name, value in (plain | spec.to_builtins(row.content)).items():
        if name in PARTS:
            for text in _strings(value, but=NO_WORDS):
                yield Hit("interaction", row.name, PARTS[name], "", text, "", row.key, tabs.get(name, "content"))


def _integration(row: IntegrationSpec) -> Iterator[Hit]:
    for name, label in PARTS.items():
        for text in _strings(getattr(row, name, "")):
            yield Hit("integration", row.name, label, "", text, "", row.key)


def _strings(value: Any, *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield all texts inside plain data, but for the columns that are no author's words."""
    plain = value if isinstance(value, str) else spec.to_builtins(value)
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, list | tuple):
        for each in plain:
            yield from _strings(each, but=but)
    elif isinstance(plain, dict):
        for name, each in plain.items():
            if name not in but:
                yield from _strings(each, but=but)


def _cut(hit: Hit, match: re.Match[str]) -> Hit:
    """Keep the words and what stands around them."""
    text, start, end = hit.found, match.start(), match.end()
    before = ("…" if start > AROUND else "") + text[max(0, start - AROUND) : start]
    after = text[end : end + AROUND] + ("…" if len(text) > end + AROUND else "")
    return replace(hit, before=before, found=match[0], after=after)
