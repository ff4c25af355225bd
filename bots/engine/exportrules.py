"""Read the rules (`responseMatches`) of an exported interaction. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from bots.engine import exportown
from bots.engine.exportnode import Node
from bots.engine.spec import Action, ActionKind, Condition, Rule, SetVariable, VariableCondition, VariableScope
from integrations.engine.outcome import FailureKind

WORDS: dict[str, ActionKind] = {
    "next": "next",
    "none": "end",
    "close_conversation": "close_conversation",
    "close_dialog": "close_dialog",
}
SCOPES: dict[str, VariableScope] = {"REQUEST": "request", "DIALOG": "dialog", "SESSION": "session"}
FAILURE_KINDS = frozenset(kind for kind in get_args(FailureKind) if kind)


def rules(node: Node) -> tuple[Rule, ...]:
    """Return the rules in list order."""
    return tuple(_rule(item, number) for number, item in enumerate(node.items(), 1))


def _rule(node: Node, number: int) -> Rule:
    conditions = [_condition(item) for item in node.get("conditions").items()]
    any_or_all: Literal["any", "all"] = (
        "all" if node.get("contextMatchConditionType").text("ANY").upper() == "ALL" else "any"
    )
    variables = [_variable(item) for item in node.get("contextDataVariables").items()]
    slots = [variable for variable in variables if variable.name.startswith(("slot.", "@"))]
    read = Rule(
        key=f"rule-{number}",
        name=node.get("name").text(),
        condition=conditions[0] if conditions else None,
        variable_conditions=tuple(_variable_condition(item) for item in node.get("contextConditions").items()),
        variable_match=any_or_all,
        variables=tuple(variable for variable in variables if variable not in slots[:1]),
        slot=_slot(slots[0]) if slots else None,
        action=_action(node.get("action")),
    )
    return exportown.overlay(read, node)


def _slot(variable: SetVariable) -> SetVariable:
    return SetVariable(variable.name.removeprefix("slot.").removeprefix("@"), variable.value, variable.scope)


def _variable(node: Node) -> SetVariable:
    scope = SCOPES.get(node.get("scope").text("SESSION").upper(), "session")
    return SetVariable(node.get("name").required(), node.get("value").text(), scope)


def _variable_condition(node: Node) -> VariableCondition:
    name, operator = node.get("contextName").required(), node.get("matchType").text()
    return VariableCondition(name=name, operator=operator, value=node.get("value").text())


def _action(node: Node) -> Action:
    name, value = node.get("name").text("INTERACTION").upper(), node.get("value").text("next")
    if name == "DIALOG":
        return Action("dialog", value)
    if name == "INTERACTION":
        return Action(WORDS[value]) if value in WORDS else Action("interaction", value)
    return Action("interaction", f"{name} {value}")  # leads nowhere, which the checks and the bot log say


def _condition(node: Node) -> Condition:
    kind = node.get("matchType").text().upper()
    if kind in CONDITIONS:
        return CONDITIONS[kind](node)
    intents = _intent_ids(node) if "INTENT" in kind else ()
    return Condition("intent", intents) if intents else Condition("unsupported", source=dict(node.object()))


def _pattern(node: Node) -> Condition:
    match = node.get("patternMatch")
    return Condition("pattern", match.get("patterns").texts(), match.get("excludeKeywords").texts())


def _regex(node: Node) -> Condition:
    match = node.get("regexMatch")
    return Condition("regex", (match.get("regexText").text(),), match.get("excludeKeywords").texts())


def _exact(node: Node) -> Condition:
    """The key of Exact Value was never seen in a file: take the only text that there is."""
    found = (value for name, value in node.object().items() if name.endswith("Match") and isinstance(value, dict))
    texts = [text for match in found for text in match.values() if isinstance(text, str)]
    return Condition("exact", tuple(texts)) if texts else Condition("unsupported", source=dict(node.object()))


def _option(node: Node) -> Condition:
    return Condition("option", (node.get("evaluateOptionMatch").get("value").text(),))


def _no_match(node: Node) -> Condition:
    return Condition("no_match", message=node.get("noMatch").get("fallbackMessage").text())


def _api_result(node: Node) -> Condition:
    """Anything but SUCCESS is a failure; one of our own failure kinds stays that kind."""
    status = node.get("apiResultsMatch").get("status").text("SUCCESS")
    known = "SUCCESS" if status.upper() == "SUCCESS" else status if status in FAILURE_KINDS else "FAILURE"
    return Condition("api_result", (known,))


def _intent_ids(node: Node) -> tuple[str, ...]:
    """Return the texts under any key that ends in intentId, at the condition or one level below."""
    levels = [node.object(), *(value for value in node.object().values() if isinstance(value, dict))]
    pairs = (pair for level in levels for pair in level.items())
    return tuple(
        value for name, value in pairs if name.lower().endswith("intentid") and isinstance(value, str) and value
    )


CONDITIONS: dict[str, Callable[[Node], Condition]] = {
    "PATTERN": _pattern,
    "REGEX": _regex,
    "EXACT": _exact,
    "EXACT_VALUE": _exact,
    "EXACT_MATCH": _exact,
    "EVAL_OPTION": _option,
    "NO_MATCH": _no_match,
    "API_RESULT": _api_result,
}
