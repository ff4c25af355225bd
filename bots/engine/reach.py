"""Which interactions some path leads to: from starters, the fallback dialog and names in scripts, along the rules."""

from __future__ import annotations

from collections.abc import Iterator

from bots.engine import usage
from bots.engine.spec import Action, BotSpec, Dialog, Interaction


def reached(spec: BotSpec) -> set[str]:
    """Return the keys of all interactions that can run."""
    seen: set[str] = set()
    todo = list(_roots(spec))
    while todo:
        dialog, interaction = todo.pop()
        if interaction.key not in seen:
            seen.add(interaction.key)
            todo.extend(_following(spec, dialog, interaction))
    return seen


def _roots(spec: BotSpec) -> Iterator[tuple[Dialog, Interaction]]:
    named = usage.quoted(spec)
    for dialog in spec.dialogs:
        if not dialog.enabled:
            continue
        for interaction in dialog.interactions:
            if interaction.enabled and interaction.name in named:
                yield dialog, interaction
        if dialog.kind == "fallback" or _has_trigger(dialog):
            yield from _enabled_from(dialog, 0)


def _has_trigger(dialog: Dialog) -> bool:
    first = dialog.interactions[0] if dialog.interactions else None
    starts = first is not None and first.kind == "starter" and first.enabled
    return starts and bool(first and (first.content.patterns or first.content.intent))


def _following(spec: BotSpec, dialog: Dialog, interaction: Interaction) -> Iterator[tuple[Dialog, Interaction]]:
    actions = [rule.action for rule in interaction.rules]
    if not interaction.waits and all(rule.condition or rule.variable_conditions for rule in interaction.rules):
        actions.append(Action())  # no rule holds: on to the next
    for action in actions:
        yield from _targets(spec, dialog, interaction, action)


def _targets(
    spec: BotSpec, dialog: Dialog, interaction: Interaction, action: Action
) -> Iterator[tuple[Dialog, Interaction]]:
    if action.kind == "next":
        yield from _enabled_from(dialog, spec.position_by_key[interaction.key] + 1)
    elif action.kind == "interaction" and action.target in spec.interaction_by_key:
        other, target = spec.interaction_by_key[action.target]
        yield from _enabled_from(other, spec.position_by_key[target.key])
    elif action.kind == "dialog" and action.target in spec.dialog_by_key:
        yield from _enabled_from(spec.dialog_by_key[action.target], 0)


def _enabled_from(dialog: Dialog, start: int) -> Iterator[tuple[Dialog, Interaction]]:
    """Yield the first interaction from there on that is switched on, if any."""
    if dialog.enabled:
        found = dialog.enabled_from(start)
        if found:
            yield dialog, found
