"""Checks while authoring: each finds what it is for, says where, and stays silent about a sound bot."""

from __future__ import annotations

from bots.engine import checks, exportfile
from bots.engine.spec import BotSpec, Condition, Content, Interaction, Rule, SetVariable, VariableCondition
from integrations.engine.scripts import ScriptError
from integrations.engine.spec import Row
from tests.engine.talk import call, dialog, fallback, go, question, rule, starter, text
from tests.factories import bot_spec, integration_spec
from tests.samples import parcel_bot


def parses(source: str) -> ScriptError | None:
    return ScriptError("syntax", "Unexpected token", 2, 5) if "oops" in source else None


def found(spec: BotSpec, kind: str) -> list[str]:
    """Return the sentences of one kind of problem."""
    return [problem.text for problem in checks.check(spec, parses=parses) if problem.kind == kind]


def test_a_sound_bot_has_no_problem() -> None:
    assert checks.check(exportfile.read(parcel_bot.document()), parses=parses) == []


def test_an_interaction_that_no_path_reaches() -> None:
    spec = bot_spec(
        dialog("d", starter("hi"), text("a", "", rule("", "end")), text("lost"), text("named")),
        dialog("e", starter(key="never"), text("lost too")),
        fallback(),
        global_functions="function f() { botContext.setTriggerNextMessage('named'); }",
    )

    problems = [p for p in checks.check(spec, parses=parses) if p.kind == "unreachable"]

    assert [(p.dialog, p.interaction) for p in problems] == [("d", "lost"), ("e", "never"), ("e", "lost too")]


def test_what_is_switched_off_or_only_reached_by_rules_is_no_problem() -> None:
    spec = bot_spec(
        dialog("d", starter("hi"), question("q", rule("a", "dialog:e"), rule("b", "far")), text("off", enabled=False)),
        dialog("e", text("first")),
        dialog("f", text("near", enabled=False), text("far")),
    )

    assert found(spec, "unreachable") == []


def test_a_next_action_to_something_deleted_or_switched_off() -> None:
    spec = bot_spec(
        dialog("d", starter("hi"), question("q", *(rule("x", to) for to in ("gone", "dialog:gone", "off", "in-off")))),
        dialog("e", text("off", enabled=False), text("on")),
        dialog("g", text("in-off"), enabled=False),
        dialog("h", starter("ho", key="s2"), text("t", "", rule("", "dialog:g"))),
    )

    assert [sentence.split("without a name ")[1] for sentence in found(spec, "dead_action")] == [
        "leads to an interaction that does not exist.",
        "leads to a dialog that does not exist.",
        "leads to off, which is switched off.",
        "leads to in-off in the dialog g, which is switched off.",
        "leads to the dialog g, which is switched off.",
    ]


def test_a_variable_that_nothing_sets() -> None:
    sets = rule("", variables=(SetVariable("a"),), slot=SetVariable("size"))
    words = "{$botContext.a} {$botContext.slot.size} {$botContext.b.id} {$botContext.c} {$userMessage} {$env.x}"
    compares = Rule(variable_conditions=(VariableCondition("d", "is_set"),))
    spec = bot_spec(
        dialog("d", starter("hi"), question("q", sets), text("t", words), question("r", compares)),
        global_functions="function f() { save('b', 1); }",
        integrations=(integration_spec(url="https://x.test/{$botContext.e}"),),
    )

    assert found(spec, "unset_variable") == [
        "t: nothing sets the variable c.",
        "r: nothing sets the variable d.",
        "Balance: nothing sets the variable e.",
    ]


def test_a_field_that_does_not_exist() -> None:
    words = "{Balance.total} {Balance.total.count} {Balance.$error} {Balance.sum} {Other.x} {Balance.sum.count}"
    one = integration_spec(fields=(Row("total", "{$.api_Balance.total}"),))
    spec = bot_spec(dialog("d", starter("hi"), call("c"), text("t", words)), integrations=(one,))

    assert found(spec, "unknown_field") == [
        "t: {Balance.sum} stays empty: the integration Balance has no field sum.",
        "t: {Other.x} stays empty: there is no integration named Other.",
        "t: {Balance.sum.count} stays empty: the integration Balance has no field sum.",
    ]


def test_integrations_that_are_not_used_or_missing() -> None:
    calls = (call("c", integration="gone"), call("e", integration=""))
    spec = bot_spec(dialog("d", starter("hi"), *calls), integrations=(integration_spec(),))

    assert found(spec, "unused_integration") == ["No interaction uses the integration Balance."]
    assert found(spec, "missing_integration") == [
        "c: its integration does not exist, so that every call fails.",
        "e: no integration is chosen, so that every call fails.",
    ]


def test_two_starters_with_the_same_pattern() -> None:
    spec = bot_spec(dialog("d", starter("Hello  there")), dialog("e", starter("x", " hello THERE", key="s2")))

    assert found(spec, "same_pattern") == ["s2: the pattern “ hello THERE” also starts the dialog d."]


def test_a_script_that_does_not_parse_is_reported_with_its_place() -> None:
    spec = bot_spec(
        dialog("d", starter("hi"), text("t", pre_process="fine", post_process="oops"), call("c")),
        integrations=(integration_spec(transform_script="oops"),),
        global_functions="oops",
    )

    problems = [p for p in checks.check(spec, parses=parses) if p.kind == "script"]

    assert [(p.script, p.interaction, p.integration, p.line, p.column) for p in problems] == [
        ("globalFunctions", "", "", 2, 5),
        ("postProcess", "t", "", 2, 5),
        ("transform", "", "key-Balance", 2, 5),
    ]
    assert problems[1].text == "t: Post-Process Code does not parse in line 2, column 5: Unexpected token"


def test_rules_that_can_never_hold() -> None:
    rules = (
        Rule(name="a", condition=Condition("unsupported", source={"matchType": "KB"})),
        Rule(name="b", condition=Condition("intent", ("i",))),
        Rule(name="c", condition=Condition("api_result", ("SUCCESS",))),
        Rule(name="d", condition=Condition("option", ("Blue",))),
        Rule(name="e", condition=Condition("pattern")),
        Rule(name="f", condition=Condition("regex", ("",))),
        Rule(name="g", variable_conditions=(VariableCondition("v", "RHYMES"),)),
        Rule(name="fine", condition=Condition("option", ("red ",))),
        Rule(name="all"),
        Rule(name="h", condition=Condition("pattern", ("x",))),
    )
    one = Interaction("q", "q", "multiple_choice", Content(text="?", choices=("Red", "Green")), rules)

    sentences = found(bot_spec(dialog("d", starter("hi"), one)), "hopeless_rule")

    assert [sentence.removeprefix("q: the rule ") for sentence in sentences] == [
        "“a” can never hold: the match type KB is not supported here.",
        "“c” can never hold: only integrations have an API result.",
        "“d” can never hold: none of the choices is its option.",
        "“e” can never hold: it has no pattern.",
        "“f” can never hold: it has nothing to compare with.",
        "“g” can never hold: the operator RHYMES is unknown.",
        "“h” can never hold: a rule without a condition stands before it.",
    ]


def test_no_match_after_a_rule_without_condition_can_never_hold_either() -> None:
    last = Rule(condition=Condition("no_match"), action=go("repeat"))

    assert len(found(bot_spec(dialog("d", starter("hi"), question("q", rule(""), last))), "hopeless_rule")) == 1
