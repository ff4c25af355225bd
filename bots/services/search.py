"""Finds words anywhere in a bot: names, texts, rules, scripts, addresses, variables, comments. Knows no pages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bots.engine import spec, usage
from bots.models import Bot, Intent
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


def search(bot: Bot, *, draft: spec.BotSpec, words: str) -> list[Hit]:
    """Return the hits in the order of the bot, at most MOST; case does not matter, a text counts once."""
    if not words.strip():
        return []
    wanted = re.compile(re.escape(words.strip()), re.IGNORECASE)
    hits = (_cut(hit, match) for hit in _texts(bot, draft) if (match := wanted.search(hit.found)))
    return list(itertools.islice(hits, MOST))


def _texts(bot: Bot, draft: spec.BotSpec) -> Iterator[Hit]:
    """Yield every text whole, as the `found` of a hit."""
    descriptions = dict(bot.dialogs.values_list("key", "description"))
    comments = dict(bot.interactions.values_list("key", "comment"))
    for dialog in draft.dialogs:
        yield Hit("dialog", dialog.name, "Name", "", dialog.name, "", dialog.key)
        yield Hit("dialog", dialog.name, "Description", "", descriptions.get(dialog.key, ""), "", dialog.key)
        for interaction in dialog.interactions:
            yield from _interaction(interaction, comments.get(interaction.key, ""))
    for integration in draft.integrations:
        yield from _integration(integration)
    for row in bot.intents.all():
        yield from (Hit("intent", row.name, label, "", text, "", str(row.pk)) for label, text in _of_intent(row))
    for test in bot.saved_tests.all():
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
