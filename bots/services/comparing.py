"""What differs between two versions of a bot, item by item, in words. Knows specifications only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.engine import spec

SETTINGS = {
    "name": "Name",
    "language": "Language",
    "session_seconds": "Session length",
    "failure_text": "Failure text",
    "error_text": "Default User-Friendly Response",
    "fallback_text": "Fallback text",
    "split_long_texts": "Split long texts",
    "debug": "Debug",
    "global_functions": "Global functions",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an item, before and after, as text."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Item:
    """A dialog, interaction, integration or the settings. verb: added, removed or changed."""

    verb: str
    kind: str
    name: str
    changes: tuple[Change, ...] = ()


def compare(old: spec.BotSpec, *, new: spec.BotSpec) -> list[Item]:
    """Return what is different in `new`, settings first; nothing when both say the same."""
    return [
        *_settings(old, new),
        *_items("Dialog", _dialogs(old), _dialogs(new)),
        *_items("Interaction", _interactions(old), _interactions(new)),
        *_items("Integration", _by_key(old.integrations), _by_key(new.integrations)),
        *_items("Intent", _intents(old), _intents(new)),
    ]


def _settings(old: spec.BotSpec, new: spec.BotSpec) -> Iterator[Item]:
    changes = tuple(
        Change(label, text(getattr(old, name)), text(getattr(new, name)))
        for name, label in SETTINGS.items()
        if getattr(old, name) != getattr(new, name)
    )
    if changes:
        yield Item("changed", "Settings", new.name, changes)


def _items(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Item]:
    yield from (Item("removed", kind, old[key]["name"]) for key in old if key not in new)
    yield from (Item("added", kind, new[key]["name"]) for key in new if key not in old)
    for key in new:
        if key in old and old[key] != new[key]:
            yield Item("changed", kind, new[key]["name"], tuple(changes(old[key], new=new[key])))


def changes(old: Mapping[str, Any], *, new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from changes(before, new=after)
        else:
            yield Change(label(name), text(before), text(after))


def _dialogs(bot: spec.BotSpec) -> dict[str, dict[str, Any]]:
    return {
        each.key: {
            "name": each.name,
            "type": each.kind,
            "enabled": each.enabled,
            "interactions": [i.name for i in each.interactions],
        }
        for each in bot.dialogs
    }


def _interactions(bot: spec.BotSpec) -> dict[str, dict[str, Any]]:
    names = {key: found[1].name for key, found in bot.interaction_by_key.items()}
    names |= {key: dialog.name for key, dialog in bot.dialog_by_key.items()}
    names |= {key: integration.name for key, integration in bot.integration_by_key.items()}
    names |= bot.intents
    return {key: _named(spec.to_builtins(found[1]), names) for key, found in bot.interaction_by_key.items()}


def _named(interaction: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Say names instead of keys, and leave out the keys of the rules, which mean nothing to people."""
    content = dict(interaction["content"])
    for reference in ("integration", "intent"):
        content[reference] = names.get(content[reference], content[reference])
    rules = []
    for rule in interaction["rules"]:
        action = dict(rule["action"])
        action["target"] = names.get(action["target"], action["target"])
        rules.append({name: value for name, value in rule.items() if name != "key"} | {"action": action})
    return {name: value for name, value in interaction.items() if name != "key"} | {"content": content, "rules": rules}


def _by_key(rows: Sequence[Any]) -> dict[str, dict[str, Any]]:
    return {row.key: spec.to_builtins(row) for row in rows}


def _intents(bot: spec.BotSpec) -> dict[str, dict[str, Any]]:
    nothing = spec.Examples()
    return {
        key: {"name": name, **spec.to_builtins(bot.intent_examples.get(key, nothing))}
        for key, name in bot.intents.items()
    }


def label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def text(value: Any, *, depth: int = 0) -> str:
    """Write a value for people: lists one entry a line, records as `name: value`, nothing as a dash."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return "\n".join(text(each, depth=depth + 1) for each in value)
    if isinstance(value, dict):
        pairs = (f"{label(k)}: {text(v, depth=depth + 1)}" for k, v in value.items() if v not in (None, "", [], {}))
        return ", ".join(pairs) if depth else "\n".join(pairs)
    return str(value)
