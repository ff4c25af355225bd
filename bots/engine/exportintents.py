"""The intents of an export: names where Conversation Builder has them, examples in our own key of the bot. Pure."""

from __future__ import annotations

from typing import Any

from bots.engine import exportown, spec
from bots.engine.spec import BotSpec

LIST = "associatedIntents"
LONGEST = 200  # characters of a key or name that a bot keeps; longer ones stay as they were imported


def write(document: dict[str, Any], *, before: BotSpec, now: BotSpec) -> None:
    """Change in the document what differs between the two: names, new and deleted intents, phrases and patterns."""
    was = {key: name[:LONGEST] for key, name in before.intents.items()}
    if was != dict(now.intents):
        _names(document, was, dict(now.intents))
    if before.intent_examples != now.intent_examples:
        examples = spec.to_builtins(now.intent_examples) or None
        exportown.keep(document["bot"], wanted={}, read={}, extra={"intent_examples": examples})


def _names(document: dict[str, Any], was: dict[str, str], now: dict[str, str]) -> None:
    given = document.get(LIST)
    listed = given if isinstance(given, list) else []
    gone = {key for key in was if key not in now and len(key) <= LONGEST}
    kept = [each for each in listed if not (isinstance(each, dict) and each.get("id") in gone)]
    known = set()
    for each in kept:
        key = each.get("id") if isinstance(each, dict) else None
        if key in now:
            known.add(key)
            if now[key] != was.get(key):
                each.update(dict.fromkeys(("name", "displayName"), now[key]))
    fresh = [key for key, name in now.items() if key not in known and was.get(key) != name]
    kept += [{"id": key, "name": now[key], "displayName": now[key]} for key in fresh]
    if kept or listed:
        document[LIST] = kept
