"""What is wrong with a bot while it is being written: each problem as a sentence with the place to go to.

Pure; parsing a script is handed in. A table of checks, each from a spec to its problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bots.engine import hopeless, intents, patterns, reach, usage
from bots.engine.spec import Action, BotSpec, Dialog, Interaction, Rule
from integrations.engine.scripts import ScriptError

Parses = Callable[[str], ScriptError | None]
SCRIPT_PARTS = frozenset(attribute for attribute, _, _ in usage.SCRIPTS)


@dataclass(frozen=True, slots=True)
class Problem:
    """kind: a stable word. dialog, interaction, integration: keys of what it is about, as far as there is one;
    without any of them it is about the bot. tab, rule, part: where it is mended there, part being the attribute that
    an author writes. script: which script, with the line and column of its error."""

    kind: str
    text: str
    dialog: str = ""
    interaction: str = ""
    integration: str = ""
    tab: str = ""
    rule: str = ""
    part: str = ""
    script: str = ""
    line: int = 0
    column: int = 0


def check(spec: BotSpec, *, parses: Parses, reads: hopeless.Reads = lambda expression: "") -> list[Problem]:
    """Return every problem, in the order of the checks and then of the bot.

    parses: the syntax error of a script, reads: what is wrong with a regular expression; both ask the sandbox.
    """
    found = [problem for run in CHECKS for problem in run(spec)]
    return [*found, *_hopeless_rules(spec, reads), *_scripts(spec, parses)]


def _at(kind: str, text: str, dialog: Dialog, interaction: Interaction, part: str = "") -> Problem:
    return Problem(kind, text, dialog=dialog.key, interaction=interaction.key, tab="content", part=part)


def _at_rule(kind: str, text: str, dialog: Dialog, interaction: Interaction, place: int, part: str) -> Problem:
    """A problem of a rule; the plain next action is a field of its own."""
    rule = interaction.rules[place]
    plain = [each for each, known in enumerate(interaction.rules) if known.is_plain][-1:] == [place]
    key, part = ("", "next_action") if plain else (usage.rule_key(rule, place), part)
    return Problem(kind, text, dialog=dialog.key, interaction=interaction.key, tab="rules", rule=key, part=part)


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
            yield _at("unreachable", text, dialog, interaction, "patterns" if interaction.kind == "starter" else "")


def _dead_ends(spec: BotSpec) -> Iterator[Problem]:
    for dialog, interaction in _active(spec):
        for place, rule in enumerate(interaction.rules):
            why = _why_dead(spec, rule.action)
            if why:
                text = f"{interaction.name}: the next action of {_named(rule)} {why}."
                yield _at_rule("dead_action", text, dialog, interaction, place, "action")


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
    for use in (*usage.uses(spec), *usage.script_reads(spec)):
        if use.kind == "variable" and not known.sets(use.name):
            yield _used("unset_variable", f"{use.where}: nothing sets the variable {use.name}.", use)


def _unknown_fields(spec: BotSpec) -> Iterator[Problem]:
    known = usage.Known(spec)
    for use in usage.uses(spec):
        if use.kind == "field" and (why := known.why_no_field(use.name)):
            yield _used("unknown_field", f"{use.where}: {{{use.name}}} stays empty: {why}.", use)


def _used(kind: str, text: str, use: usage.Use) -> Problem:
    tab = ("rules" if use.rule else "code" if use.part in SCRIPT_PARTS else "content") if use.interaction else ""
    return Problem(kind, text, use.dialog, use.interaction, use.integration, tab=tab, rule=use.rule, part=use.part)


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
            yield _at("missing_integration", text, dialog, interaction, "integration")


def _same_patterns(spec: BotSpec) -> Iterator[Problem]:
    first: dict[str, Dialog] = {}
    for dialog, interaction in _active(spec):
        if interaction.kind != "starter" or dialog.kind == "fallback":
            continue
        for pattern in interaction.content.patterns:
            other = first.setdefault(patterns.fold(pattern), dialog)
            if other is not dialog:
                text = f"{interaction.name}: the pattern “{pattern}” also starts the dialog {other.name}."
                yield _at("same_pattern", text, dialog, interaction, "patterns")


def _untrained_intents(spec: BotSpec) -> Iterator[Problem]:
    """What asks for an intent that nobody can recognise here; a channel may still recognise it by its own means."""
    for dialog, interaction in _active(spec):
        for wanted, place in _wanted_intents(interaction).items():
            if wanted not in spec.intents and wanted not in spec.intents.values():
                text = f"{interaction.name} asks for an intent that does not exist: {wanted}."
            elif not _is_trained(spec, wanted):
                name = spec.intents.get(wanted, wanted)
                text = f"{interaction.name} asks for the intent {name}, which has no example phrase and no pattern."
            else:
                continue
            if place is None:
                yield _at("untrained_intent", text, dialog, interaction, "intent")
            else:
                yield _at_rule("untrained_intent", text, dialog, interaction, place, "intent")


def _wanted_intents(interaction: Interaction) -> dict[str, int | None]:
    """Return the intents without which a starter never starts or a rule never holds, with the place of the rule."""
    wanted: dict[str, int | None] = {}
    if interaction.kind == "starter" and interaction.content.intent and not interaction.content.patterns:
        wanted[interaction.content.intent] = None
    for place, rule in enumerate(interaction.rules):
        if rule.condition and rule.condition.kind == "intent":
            wanted |= {value: place for value in rule.condition.values if value not in wanted}
    return wanted


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


def _hopeless_rules(spec: BotSpec, reads: hopeless.Reads) -> Iterator[Problem]:
    for dialog, interaction in _active(spec):
        for place, rule in enumerate(interaction.rules):
            why = hopeless.why(interaction, place, reads=reads)
            if why:
                text = f"{interaction.name}: {_named(rule)} can never hold: {why}."
                part = CONDITION_PARTS.get(rule.condition.kind if rule.condition else "", "condition")
                yield _at_rule("hopeless_rule", text, dialog, interaction, place, part)


def _scripts(spec: BotSpec, parses: Parses) -> Iterator[Problem]:
    for script in usage.scripts(spec):
        error = parses(script.source)
        if error:
            verb = "do" if script.place == "globalFunctions" else "does"  # the one place with a plural name
            place = f" in line {error.line}, column {error.column}" if error.line else ""
            yield Problem(
                "script",
                f"{script.where} {verb} not parse{place}: {error.message}",
                dialog=script.dialog,
                interaction=script.interaction,
                integration=script.integration,
                tab="code" if script.interaction else "",
                part=script.part,
                script=script.place,
                line=error.line,
                column=error.column,
            )


def _named(rule: Rule) -> str:
    return f"the rule “{rule.name}”" if rule.name else "a rule without a name"


CONDITION_PARTS = {
    "pattern": "patterns", "regex": "regex", "exact": "exact", "option": "options", "intent": "intent",
    "api_result": "result",
}  # fmt: skip
CHECKS: tuple[Callable[[BotSpec], Iterator[Problem]], ...] = (
    _dead_ends,
    _missing_integrations,
    _unknown_fields,
    _unset_variables,
    _untrained_intents,
    _same_phrases,
    _same_patterns,
    _unreachable,
    _unused_integrations,
)
