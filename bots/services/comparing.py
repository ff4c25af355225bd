"""What differs between two versions of a bot, item by item, in words. Knows specifications and names of fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist

from bots.engine import spec
from bots.models import Bot, Dialog, Intent, Interaction
from bots.services import changes as words
from bots.services.changes import Change
from integrations.models import Integration

SETTINGS = (
    "name", "language", "session_seconds", "failure_text", "error_text", "fallback_text", "split_long_texts", "debug",
    "global_functions",
)  # fmt: skip
_MODELS: dict[str, Any] = {
    "Settings": Bot, "Dialog": Dialog, "Interaction": Interaction, "Integration": Integration, "Intent": Intent,
}  # fmt: skip
_ROWS = ("headers", "parameters", "fields")


@dataclass(frozen=True, slots=True)
class Item:
    """A dialog, interaction, integration or the settings. verb: added, removed or changed."""

    verb: str
    kind: str
    name: str
    changes: tuple[Change, ...] = ()


def compare(old: spec.BotSpec, *, new: spec.BotSpec, credentials: Mapping[str, str] | None = None) -> list[Item]:
    """Return what is different in `new`, settings first; nothing when both say the same.

    credentials: their names by key.
    """
    names = credentials or {}
    return [
        *_settings(old, new),
        *_items("Dialog", _dialogs(old), _dialogs(new)),
        *_items("Interaction", _interactions(old), _interactions(new)),
        *_items("Integration", _integrations(old, names), _integrations(new, names)),
        *_items("Intent", _intents(old), _intents(new)),
    ]


def _settings(old: spec.BotSpec, new: spec.BotSpec) -> Iterator[Item]:
    before, after = ({name: getattr(each, name) for name in SETTINGS} for each in (old, new))
    if before != after:
        yield Item("changed", "Settings", new.name, tuple(changes(before, new=after, model=Bot)))


def _items(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Item]:
    yield from (Item("removed", kind, old[key]["name"]) for key in old if key not in new)
    yield from (Item("added", kind, new[key]["name"]) for key in new if key not in old)
    for key in new:
        if key in old and old[key] != new[key]:
            found = tuple(changes(old[key], new=new[key], model=_MODELS[kind]))
            yield Item("changed", kind, new[key]["name"], found)


def changes(old: Mapping[str, Any], *, new: Mapping[str, Any], model: Any = None) -> Iterator[Change]:
    """Yield the fields that differ; model: whose words for its fields are used."""
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from changes(before, new=after)
        elif name == "rules" and model is Interaction:
            yield from words.rules(before or (), after=after or ())
        elif name in _ROWS and model is Integration:
            yield words.rows(label(name, model=model), before=before or (), after=after or ())
        else:
            yield words.change(label(name, model=model), before=before, after=after)


def label(name: str, *, model: Any = None) -> str:
    """Return what a form calls a field."""
    try:
        title = str(getattr(model._meta.get_field(name), "verbose_name", "")) if model else ""
    except FieldDoesNotExist:
        title = ""
    return title[:1].upper() + title[1:] if title else words.title(name)


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
    """Say names instead of keys."""
    content = dict(interaction["content"])
    for reference in ("integration", "intent"):
        content[reference] = names.get(content[reference], content[reference])
    rules = []
    for rule in interaction["rules"]:
        action = dict(rule["action"])
        action["target"] = names.get(action["target"], action["target"])
        condition = rule["condition"] and {**rule["condition"]}
        if condition:
            condition["values"] = [names.get(value, value) for value in condition["values"]]
        rules.append(rule | {"action": action, "condition": condition})
    return {name: value for name, value in interaction.items() if name != "key"} | {"content": content, "rules": rules}


def _integrations(bot: spec.BotSpec, credentials: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for row in bot.integrations:
        key = row.credential
        found[row.key] = spec.to_builtins(row) | {"credential": credentials.get(key, key) if key else None}
    return found


def _intents(bot: spec.BotSpec) -> dict[str, dict[str, Any]]:
    nothing = spec.Examples()
    return {
        key: {"name": name, **spec.to_builtins(bot.intent_examples.get(key, nothing))}
        for key, name in bot.intents.items()
    }
