"""The writes on the rules of one interaction: JSON of spec.Rule, each found by its key."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import transaction

from bots.engine import spec, usage
from bots.models import Interaction
from bots.services import authoring, owned, revised

Rules = list[spec.Rule]
FIRST_VALUES = {"api_result": ("SUCCESS",)}  # what a form shows as chosen is stored as chosen


class NoSuchRule(LookupError):
    """The rule was deleted meanwhile."""


def of(row: Interaction) -> Rules:
    """Return the rules in their order; raises spec.InvalidSpec for a damaged row.

    A rule without a key (an imported one) gets one from its place, so that it can be named.
    """
    read: Rules = spec.from_builtins(row.rules, list[spec.Rule])
    return [replace(rule, key=usage.rule_key(rule, place)) for place, rule in enumerate(read)]


def add(interaction_id: int, *, user: Any, condition: spec.ConditionKind | None = None) -> spec.Rule:
    """Add an empty rule at the end, before a No Match rule."""
    values = FIRST_VALUES.get(condition or "", ())
    made = spec.Rule(key=_key(), condition=spec.Condition(kind=condition, values=values) if condition else None)

    def edit(rules: Rules) -> Rules:
        last = [rule for rule in rules if _is_last(rule)] if not _is_last(made) else []
        return [rule for rule in rules if rule not in last] + [made, *last]

    _edit(interaction_id, user=user, edit=edit)
    return made


def change(interaction_id: int, *, user: Any, rule: spec.Rule, seen: str = "") -> Interaction:
    """Store the rule in the place of the one with its key; raises NoSuchRule.

    Raises authoring.Changed unless this rule is the one that was `seen`; other rules may have changed.
    """

    def edit(rules: Rules) -> Rules:
        place = _place(rules, rule.key)
        if seen and seen != _digest(rules[place]):
            raise authoring.Changed(owned.interaction(interaction_id, user=user))
        return [*rules[:place], rule, *rules[place + 1 :]]

    return _edit(interaction_id, user=user, edit=edit)


def revision(row: Interaction, *, key: str) -> str:
    """What an open form remembers of one rule; nothing of a rule that is not there."""
    found = next((rule for rule in of(row) if rule.key == key), None)
    return _digest(found) if found else ""


def _digest(rule: spec.Rule) -> str:
    return hashlib.sha256(json.dumps(spec.to_builtins(rule), sort_keys=True).encode()).hexdigest()[:16]


def move(interaction_id: int, *, user: Any, key: str, to: int) -> Interaction:
    """Put the rule at a place, 0 for the first; a place out of range means the nearest end."""

    def edit(rules: Rules) -> Rules:
        moved = rules.pop(_place(rules, key))
        rules.insert(max(0, min(to, len(rules))), moved)
        return rules

    return _edit(interaction_id, user=user, edit=edit)


def duplicate(interaction_id: int, *, user: Any, key: str) -> Interaction:
    """Copy the rule right below it."""

    def edit(rules: Rules) -> Rules:
        place = _place(rules, key)
        copy = replace(rules[place], key=_key(), name=f"{rules[place].name} (copy)".strip())
        return [*rules[: place + 1], copy, *rules[place + 1 :]]

    return _edit(interaction_id, user=user, edit=edit)


def delete(interaction_id: int, *, user: Any, key: str) -> Interaction:
    """Delete the rule; raises NoSuchRule when it is gone already."""

    def edit(rules: Rules) -> Rules:
        del rules[_place(rules, key)]
        return rules

    return _edit(interaction_id, user=user, edit=edit)


def plain_action(found: Rules) -> spec.Rule | None:
    """Return the rule that is nothing but a next action, if there is one."""
    return next((rule for rule in reversed(found) if rule.is_plain), None)


def set_next_action(interaction_id: int, *, user: Any, action: spec.Action | None) -> Interaction:
    """Store where the interaction goes when no other rule holds; None takes the plain next action away."""

    def edit(rules: Rules) -> Rules:
        old = plain_action(rules)
        others = [rule for rule in rules if rule is not old]
        if action is None:
            return others
        made = replace(old or spec.Rule(key=_key()), action=action)
        last = [rule for rule in others if _is_last(rule)]
        return [*(rule for rule in others if rule not in last), made, *last]

    return _edit(interaction_id, user=user, edit=edit)


@transaction.atomic
def _edit(interaction_id: int, *, user: Any, edit: Callable[[Rules], Rules]) -> Interaction:
    row = owned.interaction(interaction_id, user=user)
    with revised.watch(row, user=user):
        row.rules = spec.to_builtins(edit(of(row)))
        authoring.sign(row, aspects=["rules"], user=user)
        row.save(update_fields=["rules", "editors", "updated_at"])
    owned.touch(row.bot)
    return row


def _place(rules: Rules, key: str) -> int:
    for place, rule in enumerate(rules):
        if rule.key == key:
            return place
    raise NoSuchRule(key)


def _key() -> str:
    return secrets.token_hex(6)


def _is_last(rule: spec.Rule) -> bool:
    return rule.condition is not None and rule.condition.kind == "no_match"
