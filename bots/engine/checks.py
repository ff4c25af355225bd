"""What is wrong with a bot while it is being written: each problem as a sentence with the place to go to.

Pure; parsing a script is handed in. A table of checks, each from a spec to its problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bots.engine import comparisons, intents, options, patterns, reach, usage
from bots.engine.spec import Action, BotSpec, Condition, Dialog, Interaction, Rule
from integrations.engine.scripts import ScriptError

Parses = Callable[[str], ScriptError | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """kind: a stable word. dialog, interaction, integration: keys of what it is about, as far as there is one;
    without any of them it is about the bot. script: which script, with the line and column of its error."""

    kind: str
    text: str
    dialog: str = ""
    interaction: str = ""
    integration: str = ""
    script: str = ""
    line: int = 0
    column: int = 0


def check(spec: BotSpec, *, parses: Parses) -> list[Problem]:
    """Return every problem, in the order of the checks and then of the bot."""
    found = [problem for run in CHECKS for problem in run(spec)]
    return [*found, *_scripts(spec, parses)]


def _at(kind: str, text: str, dialog: Dialog, interaction: Interaction) -> Problem:
    return Problem(kind, text, dialog=dialog.key, interaction=interaction.key)


def _active(spec: BotSpec) -> Iterator[tuple[Dialog, Interaction]]:
    """Yield what can run: interactions that are switched on, of dialogs that are."""
    for dialog in spec.dialogs:
        if dialog.enabled:
            yield from ((dialog, interaction) for interaction in dialog.interactions if interaction.enabled)


def _unreachable(spec: BotSpec) -> Iterator[Problem]:
    reached = reach.reached(spec)
    for dialog, interaction in _active(spec):
        if interaction.key not in reached:
            text = f"No path leads to {interaction.name}: no pattern, no rule and no script names it."
            yield _at("unreachable", text, dialog, interaction)


def _dead_ends(spec: BotSpec) -> Iterator[Problem]:
    for dialog, interaction in _active(spec):
        for rule in interaction.rules:
            why = _why_dead(spec, rule.action)
            if why:
                yield _at(
                    "dead_action", f"{interaction.name}: the next action of {_named(rule)} {why}.", dialog, interaction
                )


def _why_dead(spec: BotSpec, action: Action) -> str:
    if action.kind == "dialog":
        dialog = spec.dialog_by_key.get(action.target)
        if dialog is None:
            return "leads to a dialog that does not exist"
        return "" if dialog.enabled else f"leads to the dialog {dialog.name}, which is switched off"
    if action.kind != "interaction":
        return ""
    found = spec.interaction_by_key.get(action.target)
    if found is None:
        return "leads to an interaction that does not exist"
    if not found[0].enabled:
        return f"leads to {found[1].name} in the dialog {found[0].name}, which is switched off"
    return "" if found[1].enabled else f"leads to {found[1].name}, which is switched off"


def _unset_variables(spec: BotSpec) -> Iterator[Problem]:
    known = usage.Known(spec)
    for use in usage.uses(spec):
        if use.kind == "variable" and not known.sets(use.name):
            yield _used("unset_variable", f"{use.where}: nothing sets the variable {use.name}.", use)


def _unknown_fields(spec: BotSpec) -> Iterator[Problem]:
    known = usage.Known(spec)
    for use in usage.uses(spec):
        if use.kind == "field" and (why := known.why_no_field(use.name)):
            yield _used("unknown_field", f"{use.where}: {{{use.name}}} stays empty: {why}.", use)


def _used(kind: str, text: str, use: usage.Use) -> Problem:
    return Problem(kind, text, dialog=use.dialog, interaction=use.interaction, integration=use.integration)


def _unused_integrations(spec: BotSpec) -> Iterator[Problem]:
    used = {interaction.content.integration for _, interaction in _active(spec) if interaction.kind == "integration"}
    for integration in spec.integrations:
        if integration.key not in used:
            text = f"No interaction uses the integration {integration.name}."
            yield Problem("unused_integration", text, integration=integration.key)


def _missing_integrations(spec: BotSpec) -> Iterator[Problem]:
    for dialog, interaction in _active(spec):
        if interaction.kind == "integration" and interaction.content.integration not in spec.integration_by_key:
            what = "its integration does not exist" if interaction.content.integration else "no integration is chosen"
            text = f"{interaction.name}: {what}, so that every call fails."
            yield _at("missing_integration", text, dialog, interaction)


def _same_patterns(spec: BotSpec) -> Iterator[Problem]:
    first: dict[str, Dialog] = {}
    for dialog, interaction in _active(spec):
        if interaction.kind != "starter" or dialog.kind == "fallback":
            continue
        for pattern in interaction.content.patterns:
            other = first.setdefault(patterns.fold(pattern), dialog)
            if other is not dialog:
                text = f"{interaction.name}: the pattern “{pattern}” also starts the dialog {other.name}."
                yield _at("same_pattern", text, dialog, interaction)


def _untrained_intents(spec: BotSpec) -> Iterator[Problem]:
    """What asks for an intent that nobody can recognise here; a channel may still recognise it by its own means."""
    for dialog, interaction in _active(spec):
        for wanted in dict.fromkeys(_wanted_intents(interaction)):
            if wanted not in spec.intents and wanted not in spec.intents.values():
                text = f"{interaction.name} asks for an intent that does not exist: {wanted}."
            elif not _is_trained(spec, wanted):
                name = spec.intents.get(wanted, wanted)
                text = f"{interaction.name} asks for the intent {name}, which has no example phrase and no pattern."
            else:
                continue
            yield _at("untrained_intent", text, dialog, interaction)


def _wanted_intents(interaction: Interaction) -> Iterator[str]:
    """Yield the intents without which a starter never starts or a rule never holds."""
    if interaction.kind == "starter" and interaction.content.intent and not interaction.content.patterns:
        yield interaction.content.intent
    for rule in interaction.rules:
        if rule.condition and rule.condition.kind == "intent":
            yield from rule.condition.values


def _is_trained(spec: BotSpec, wanted: str) -> bool:
    return any(wanted in (key, spec.intents.get(key)) for key in spec.intent_examples)


def _same_phrases(spec: BotSpec) -> Iterator[Problem]:
    first: dict[tuple[str, ...], str] = {}
    for key, examples in spec.intent_examples.items():
        for phrase in examples.phrases:
            other = first.setdefault(tuple(intents.words(phrase)), key)
            if other != key:
                names = f"{spec.intents.get(other, other)} and {spec.intents.get(key, key)}"
                yield Problem("same_phrase", f"The phrase “{phrase}” stands for two intents, {names}.")


def _hopeless_rules(spec: BotSpec) -> Iterator[Problem]:
    for dialog, interaction in _active(spec):
        caught = False
        for rule in interaction.rules:
            why = _why_hopeless(interaction, rule, caught)
            if why:
                yield _at(
                    "hopeless_rule", f"{interaction.name}: {_named(rule)} can never hold: {why}.", dialog, interaction
                )
            caught = caught or (rule.condition is None and not rule.variable_conditions)


def _why_hopeless(interaction: Interaction, rule: Rule, caught: bool) -> str:
    kind = rule.condition.kind if rule.condition else ""
    if caught and kind != "intent":
        return "a rule without a condition stands before it"
    operators = [condition.operator for condition in rule.variable_conditions]
    unknown = [operator for operator in operators if not comparisons.canonical(operator)]
    if unknown and (rule.variable_match == "all" or len(unknown) == len(operators)):
        return f"the operator {unknown[0]} is unknown"
    return HOPELESS[kind](interaction, rule.condition) if rule.condition and kind in HOPELESS else ""


def _unsupported(interaction: Interaction, condition: Condition) -> str:
    name = (condition.source or {}).get("matchType", "")
    return f"the match type {name} is not supported here".replace("  ", " ")


def _api_result(interaction: Interaction, condition: Condition) -> str:
    return "" if interaction.kind == "integration" else "only integrations have an API result"


def _option(interaction: Interaction, condition: Condition) -> str:
    if interaction.kind != "multiple_choice":
        return "only multiple choice questions have options"
    known = {options.normal(choice) for choice in interaction.content.choices}
    if any("{" in text for text in (*interaction.content.choices, *condition.values)):
        return ""
    return (
        "" if any(options.normal(value) in known for value in condition.values) else "none of the choices is its option"
    )


def _pattern(interaction: Interaction, condition: Condition) -> str:
    if any(len(pattern) <= patterns.MAX_PATTERN for pattern in condition.values):
        return ""
    return (
        f"its patterns are longer than {patterns.MAX_PATTERN:,} characters" if condition.values else "it has no pattern"
    )


def _valueless(interaction: Interaction, condition: Condition) -> str:
    return "" if any(value.strip() for value in condition.values) else "it has nothing to compare with"


def _no_intent(interaction: Interaction, condition: Condition) -> str:
    return "" if any(condition.values) else "no intent is chosen"


HOPELESS: dict[str, Callable[[Interaction, Condition], str]] = {
    "unsupported": _unsupported,
    "api_result": _api_result,
    "option": _option,
    "pattern": _pattern,
    "exact": _valueless,
    "regex": _valueless,
    "intent": _no_intent,
}


def _scripts(spec: BotSpec, parses: Parses) -> Iterator[Problem]:
    for script in usage.scripts(spec):
        error = parses(script.source)
        if error:
            place = f" in line {error.line}, column {error.column}" if error.line else ""
            yield Problem(
                "script",
                f"{script.where} does not parse{place}: {error.message}",
                dialog=script.dialog,
                interaction=script.interaction,
                integration=script.integration,
                script=script.place,
                line=error.line,
                column=error.column,
            )


def _named(rule: Rule) -> str:
    return f"the rule “{rule.name}”" if rule.name else "a rule without a name"


CHECKS: tuple[Callable[[BotSpec], Iterator[Problem]], ...] = (
    _dead_ends,
    _missing_integrations,
    _unknown_fields,
    _unset_variables,
    _untrained_intents,
    _same_phrases,
    _hopeless_rules,
    _same_patterns,
    _unreachable,
    _unused_integrations,
)
