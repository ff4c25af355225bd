"""Which rule of an interaction holds for a message: intents first, then as listed, No Match last.

Knows conditions; not what follows from them (flow).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from bots.engine import comparisons, options, patterns
from bots.engine.spec import Condition, Interaction, Rule, VariableCondition
from integrations.engine.json_values import Json
from integrations.engine.scope import Scope
from integrations.engine.scripts import RegexOutcome

OPERATORS = tuple(comparisons.CANONICAL)


class Asking(Protocol):
    """What rules need of the running turn."""

    scope: Scope

    def plain(self, text: str) -> str: ...
    def regex(self, expression: str, text: str) -> RegexOutcome: ...
    def log(self, code: str, text: str, *, error: bool = False, **detail: Json) -> None: ...
    def once(self, notice: str, text: str) -> None: ...


class Given(msgspec.Struct, frozen=True):
    """What rules are asked about. message: what the bot received. label: what the consumer saw on what was tapped,
    tried after the message. call: "SUCCESS", or the kind of a failure; nothing where there was no call. intent,
    intent_name: what the message was recognised to mean, where a rule asks for it."""

    message: str
    label: str = ""
    call: str = ""
    intent: str = ""
    intent_name: str = ""


def asks_for_intent(interaction: Interaction) -> bool:
    return any(_kind(rule) == "intent" for rule in interaction.rules)


def choose(asking: Asking, *, interaction: Interaction, given: Given) -> Rule | None:
    """Return the rule that wins. For a tap, a rule that fits the label counts unless one fitted the payload."""
    if not interaction.rules:
        return None
    hit = _first(asking, interaction, given)
    if given.label and given.label != given.message and (hit is None or _unconditional(hit)):
        by_label = Given(given.label, call=given.call, intent=given.intent, intent_name=given.intent_name)
        hit = _first(asking, interaction, by_label) or hit
    if hit is None:
        hit = next((rule for rule in interaction.rules if _kind(rule) == "no_match" and _variables(asking, rule)), None)
    if any(not _unconditional(rule) for rule in interaction.rules):
        asking.log("rule", f"Rule {_title(hit)} holds." if hit else "No rule holds.", hit=hit is not None)
    return hit


def _first(asking: Asking, interaction: Interaction, given: Given) -> Rule | None:
    intents = [rule for rule in interaction.rules if _kind(rule) == "intent"]
    others = [rule for rule in interaction.rules if _kind(rule) not in ("intent", "no_match")]
    return next((rule for rule in intents + others if _holds(asking, interaction, rule, given)), None)


def _holds(asking: Asking, interaction: Interaction, rule: Rule, given: Given) -> bool:
    if rule.condition is not None and not _condition(asking, interaction, rule.condition, given):
        return False
    return _variables(asking, rule)


def _condition(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    word = patterns.has_keyword(given.message, keywords=condition.exclude_keywords)
    if word:
        asking.log("rule", f"The exclude keyword “{word}” occurs in the message.", hit=False)
        return False
    hit = CONDITIONS[condition.kind](asking, interaction, condition, given)
    tried = ", ".join(condition.values)
    asking.log("rule", f"{condition.kind}: {tried}" if tried else condition.kind, hit=hit)
    return hit


def _pattern(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    return any(patterns.fits(pattern, message=given.message) for pattern in condition.values)


def _regex(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    for expression in condition.values:
        outcome = asking.regex(expression, given.message)
        if outcome.matched is None:
            asking.log("error", f"The regular expression {expression} did not work: {outcome.error}", error=True)
        if outcome.matched:
            return True
    return False


def _exact(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    return any(options.normal(asking.plain(value)) == options.normal(given.message) for value in condition.values)


def _option(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    choices = [asking.plain(choice) for choice in interaction.content.choices]
    wanted = [options.normal(asking.plain(value)) for value in condition.values]
    picked = options.chosen(given.message, choices=choices, text_style=interaction.content.text_style)
    if picked is None:
        return options.normal(given.message) in wanted
    return options.normal(choices[picked]) in wanted


def _api_result(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    if not given.call:
        return False
    wanted = {value.strip().lower() for value in condition.values}
    return given.call.lower() in wanted or (given.call != "SUCCESS" and "failure" in wanted)


def _intent(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    return any(value and value in (given.intent, given.intent_name) for value in condition.values)


def _never(asking: Asking, interaction: Interaction, condition: Condition, given: Given) -> bool:
    name = str((condition.source or {}).get("matchType", condition.kind))
    asking.once(f"match type {name}", f"Rules with the match type {name} never hold: it is not supported here.")
    return False


CONDITIONS: dict[str, Callable[[Asking, Interaction, Condition, Given], bool]] = {
    "pattern": _pattern,
    "regex": _regex,
    "exact": _exact,
    "option": _option,
    "api_result": _api_result,
    "intent": _intent,
    "unsupported": _never,
}


def _variables(asking: Asking, rule: Rule) -> bool:
    if not rule.variable_conditions:
        return True
    results = (_variable(asking, condition) for condition in rule.variable_conditions)
    return any(results) if rule.variable_match == "any" else all(results)


def _variable(asking: Asking, condition: VariableCondition) -> bool:
    if not comparisons.canonical(condition.operator):
        asking.log("error", f"The operator {condition.operator} is unknown; the condition does not hold.", error=True)
        return False
    name = condition.name.strip()
    left = asking.plain(name) if "{" in name else asking.scope.text(name)
    hit = comparisons.holds(condition.operator, left=left, right=asking.plain(condition.value))
    asking.log("rule", f"Variable {name} {condition.operator.lower().replace('_', ' ')} …", hit=hit)
    return hit


def _kind(rule: Rule) -> str:
    return rule.condition.kind if rule.condition else ""


def _unconditional(rule: Rule) -> bool:
    return rule.condition is None and not rule.variable_conditions


def _title(rule: Rule) -> str:
    return f"“{rule.name}”" if rule.name else "without a name"
