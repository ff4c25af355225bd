"""Checks while authoring: each finds what it is for, says where, and stays silent about a sound bot."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
    assert [problem.text for problem in problems] == [
        "Global functions do not parse in line 2, column 5: Unexpected token",
        "t: Post-Process Code does not parse in line 2, column 5: Unexpected token",
        "Balance: Transform Result Script does not parse in line 2, column 5: Unexpected token",
    ]


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


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (Condition("pattern", ("yes", "No ")), Condition("pattern", ("no",)), "a rule with the same condition"),
        (Condition("pattern", ("*",)), Condition("regex", ("a",)), "a rule before it holds for any message"),
        (Condition("no_match"), Condition("no_match"), "a rule with the same condition"),
        (Condition("intent", ("i",)), Condition("intent", ("i",)), "a rule with the same condition"),
        (Condition("pattern", ("yes",)), Condition("pattern", ("yes", "no")), ""),
        (Condition("pattern", ("yes",), exclude_keywords=("not",)), Condition("pattern", ("yes",)), ""),
        (Condition("pattern", ("*",), exclude_keywords=("not",)), Condition("regex", ("a",)), ""),
        (Condition("pattern", ("*",)), Condition("intent", ("i",)), ""),
        (Condition("regex", ("a",)), Condition("pattern", ("a",)), ""),
    ],
)
def test_a_rule_behind_one_that_always_comes_first_can_never_hold(
    first: Condition, second: Condition, why: str
) -> None:
    one = question("q", Rule(key="1", condition=first), Rule(key="2", condition=second))

    sentences = found(bot_spec(dialog("d", starter("hi"), one)), "hopeless_rule")

    assert [why in sentence for sentence in sentences] == ([True] if why else [])


def test_a_rule_with_variable_conditions_takes_nothing_from_the_rules_behind_it() -> None:
    perhaps = Rule(condition=Condition("pattern", ("a",)), variable_conditions=(VariableCondition("v", "is_set"),))
    one = question("q", perhaps, Rule(condition=Condition("pattern", ("a",))))

    assert found(bot_spec(dialog("d", starter("hi"), one)), "hopeless_rule") == []


@pytest.mark.parametrize(
    ("first", "second", "hopeless"),
    [
        (None, Condition("api_result", ("FAILURE",)), False),
        (None, Condition("no_match"), False),
        (None, Condition("api_result", ("SUCCESS",)), True),
        (Condition("pattern", ("*",)), Condition("api_result", ("timeout",)), False),
        (Condition("api_result", ("FAILURE",)), Condition("api_result", ("timeout",)), True),
        (Condition("api_result", ("FAILURE",)), Condition("api_result", ("SUCCESS",)), False),
        (Condition("api_result", ("Success",)), Condition("api_result", ("SUCCESS",)), True),
    ],
)
def test_a_failed_call_is_handled_by_a_result_or_no_match_whatever_stands_before_it(
    first: Condition | None, second: Condition, hopeless: bool
) -> None:
    one = replace(call("c"), rules=(Rule(condition=first), Rule(condition=second)))
    spec = bot_spec(dialog("d", starter("hi"), one), integrations=(integration_spec(),))

    assert bool(found(spec, "hopeless_rule")) is hopeless


def test_a_rule_of_an_integration_without_a_result_can_never_hold() -> None:
    one = replace(call("c"), rules=(Rule(name="a", condition=Condition("api_result")),))
    spec = bot_spec(dialog("d", starter("hi"), one), integrations=(integration_spec(),))

    assert found(spec, "hopeless_rule") == ["c: the rule “a” can never hold: no result is chosen."]


def test_a_regular_expression_that_cannot_be_read_can_never_hold() -> None:
    broken, fine = (Rule(key=name, condition=Condition("regex", (name,))) for name in ("(", "a"))
    spec = bot_spec(dialog("d", starter("hi"), question("q", broken, fine)))

    problems = checks.check(spec, parses=parses, reads=lambda text: "Unterminated group" if text == "(" else "")

    assert [(p.rule, p.part) for p in problems if p.kind == "hopeless_rule"] == [("(", "regex")]
    assert "its regular expression cannot be read: Unterminated group." in problems[0].text


def test_a_script_that_asks_for_a_variable_does_not_set_it() -> None:
    asks = "var a = botContext.getBotVariable('a'); botContext.setBotVariable('b', 1, true, false);"
    reads = text("t", "{$botContext.b}", pre_process=asks + "botContext.getBotVariable('b')")
    spec = bot_spec(dialog("d", starter("hi"), reads))

    problems = [p for p in checks.check(spec, parses=parses) if p.kind == "unset_variable"]

    assert [(p.text, p.tab, p.part) for p in problems] == [
        ("t: Pre-Process Code: nothing sets the variable a.", "code", "pre_process")
    ]


def test_every_problem_says_where_it_is_mended() -> None:
    gone = go("gone")
    asks = question("q", rule("a", "gone"), Rule(key="plain", action=gone))
    says = replace(text("t", "{$botContext.c}"), rules=(Rule(key="k", variables=(SetVariable("x", "{Balance.no}"),)),))
    calls = call("c", integration="")
    spec = bot_spec(
        dialog("d", starter("hi"), asks, says, calls, text("u", post_process="oops")),
        dialog("e", starter("HI", key="s2"), text("lost", "", rule("", "end"))),
        dialog("f", starter(key="s3")),
        integrations=(integration_spec(url="https://x.test/{$botContext.e}"),),
    )

    places = {(p.kind, p.interaction): (p.tab, p.rule, p.part) for p in checks.check(spec, parses=parses)}

    assert places[("dead_action", "q")] == ("rules", "", "next_action")
    assert places[("unset_variable", "t")] == ("content", "", "text")
    assert places[("unknown_field", "t")] == ("rules", "k", "variables")
    assert places[("missing_integration", "c")] == ("content", "", "integration")
    assert places[("script", "u")] == ("code", "", "post_process")
    assert places[("same_pattern", "s2")] == ("content", "", "patterns")
    assert places[("unreachable", "s3")] == ("content", "", "patterns")
    assert places[("unset_variable", "")] == ("", "", "url")


def test_a_rule_without_a_key_is_named_by_its_place() -> None:
    spec = bot_spec(dialog("d", starter("hi"), question("q", Rule(), Rule(condition=Condition("pattern", ("a",))))))

    assert [p.rule for p in checks.check(spec, parses=parses) if p.kind == "hopeless_rule"] == ["r1"]


def test_no_match_after_a_rule_without_condition_can_never_hold_either() -> None:
    last = Rule(condition=Condition("no_match"), action=go("repeat"))

    assert len(found(bot_spec(dialog("d", starter("hi"), question("q", rule(""), last))), "hopeless_rule")) == 1
