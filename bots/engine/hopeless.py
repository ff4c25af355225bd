"""Why a rule can never hold, whatever the consumer writes and the API answers. Pure; knows nothing of problems."""

from __future__ import annotations

from collections.abc import Callable

from bots.engine import comparisons, options, patterns
from bots.engine.calls import FAILURE_CONDITIONS
from bots.engine.spec import Condition, Interaction, Rule

Reads = Callable[[str], str]
ANYTHING = frozenset({"*", "(*)"})


def why(interaction: Interaction, place: int, *, reads: Reads) -> str:
    """Return why the rule at this place can never hold, or nothing. reads: what is wrong with a regular expression."""
    rule = interaction.rules[place]
    kind = rule.condition.kind if rule.condition else ""
    return (
        _shadowed(rule, _tried_before(interaction, place))
        or _operators(rule)
        or (REASONS[kind](interaction, rule.condition) if rule.condition and kind in REASONS else "")
        or (_unreadable(rule.condition, reads) if rule.condition and kind == "regex" else "")
    )


def _tried_before(interaction: Interaction, place: int) -> list[Rule]:
    """Return the rules before it that hold by their condition alone and are tried wherever it is: intents come before
    all others, and a failed call is handled by rules that name a result or No Match only."""
    rule = interaction.rules[place]
    sure = [each for each in interaction.rules[:place] if not each.variable_conditions]
    if _kind(rule) == "intent":
        return [each for each in sure if _kind(each) == "intent"]
    if interaction.kind == "integration" and _handles_failure(rule):
        return [each for each in sure if _kind(each) in FAILURE_CONDITIONS]
    return sure


def _handles_failure(rule: Rule) -> bool:
    if rule.condition is None or rule.condition.kind not in FAILURE_CONDITIONS:
        return False
    return rule.condition.kind != "api_result" or set(map(str.lower, rule.condition.values)) != {"success"}


def _kind(rule: Rule) -> str:
    return rule.condition.kind if rule.condition else ""


def _shadowed(rule: Rule, before: list[Rule]) -> str:
    if any(each.condition is None for each in before):
        return "a rule without a condition stands before it"
    if any(_takes_all(each.condition) for each in before):
        return "a rule before it holds for any message"
    if rule.condition and any(_covers(each.condition, rule.condition) for each in before):
        return "a rule with the same condition stands before it"
    return ""


def _takes_all(condition: Condition | None) -> bool:
    if condition is None or condition.kind != "pattern" or condition.exclude_keywords:
        return False
    return any(patterns.fold(pattern) in ANYTHING for pattern in condition.values)


def _covers(first: Condition | None, second: Condition) -> bool:
    """Tell whether the first holds wherever the second does, as far as their words show it."""
    if first is None or first.kind != second.kind or first.kind == "unsupported":
        return False
    if set(first.exclude_keywords) - set(second.exclude_keywords):
        return False
    same = SAME.get(first.kind, str)
    wanted, known = {same(value) for value in second.values}, {same(value) for value in first.values}
    if first.kind == "api_result" and "failure" in known:
        wanted -= wanted - {"success"}  # it handles every kind of failure
    return wanted <= known


def _operators(rule: Rule) -> str:
    operators = [condition.operator for condition in rule.variable_conditions]
    unknown = [operator for operator in operators if not comparisons.canonical(operator)]
    if unknown and (rule.variable_match == "all" or len(unknown) == len(operators)):
        return f"the operator {unknown[0]} is unknown"
    return ""


def _unsupported(interaction: Interaction, condition: Condition) -> str:
    name = (condition.source or {}).get("matchType", "")
    return f"the match type {name} is not supported here".replace("  ", " ")


def _api_result(interaction: Interaction, condition: Condition) -> str:
    if interaction.kind != "integration":
        return "only integrations have an API result"
    return "" if any(value.strip() for value in condition.values) else "no result is chosen"


def _option(interaction: Interaction, condition: Condition) -> str:
    if interaction.kind != "multiple_choice":
        return "only multiple choice questions have options"
    known = {options.normal(choice) for choice in interaction.content.choices}
    if any("{" in text for text in (*interaction.content.choices, *condition.values)):
        return ""
    chosen = any(options.normal(value) in known for value in condition.values)
    return "" if chosen else "none of the choices is its option"


def _pattern(interaction: Interaction, condition: Condition) -> str:
    if any(len(pattern) <= patterns.MAX_PATTERN for pattern in condition.values):
        return ""
    too_long = f"its patterns are longer than {patterns.MAX_PATTERN:,} characters"
    return too_long if condition.values else "it has no pattern"


def _valueless(interaction: Interaction, condition: Condition) -> str:
    return "" if any(value.strip() for value in condition.values) else "it has nothing to compare with"


def _no_intent(interaction: Interaction, condition: Condition) -> str:
    return "" if any(condition.values) else "no intent is chosen"


def _unreadable(condition: Condition, reads: Reads) -> str:
    problems = [reads(expression) for expression in condition.values]
    return f"its regular expression cannot be read: {problems[0]}" if all(problems) else ""


SAME: dict[str, Callable[[str], str]] = {
    "pattern": patterns.fold,
    "exact": options.normal,
    "option": options.normal,
    "api_result": str.lower,
}
REASONS: dict[str, Callable[[Interaction, Condition], str]] = {
    "unsupported": _unsupported,
    "api_result": _api_result,
    "option": _option,
    "pattern": _pattern,
    "exact": _valueless,
    "regex": _valueless,
    "intent": _no_intent,
}
