"""Rules: their order, every kind of condition, every operator, typed choices."""

from __future__ import annotations

import pytest

from bots.engine import comparisons, options
from bots.engine.spec import Condition, Content, Interaction, Rule, VariableCondition
from bots.engine.state import Tap
from integrations.engine.scripts import RegexOutcome
from tests.engine.talk import Talk, dialog, fallback, go, no_match, question, rule, starter, text
from tests.factories import bot_spec

COLOURS = ("Red\n", "Green", "B) Blue")


def asks(*rules: Rule, kind: str = "text_question", **content: object) -> Talk:
    """A bot whose question has these rules; each leads to the text `yes` unless it says otherwise."""
    one = Interaction("q", "q", kind, Content(text="?", **content), rules)  # type: ignore[arg-type]
    spec = bot_spec(dialog("d", starter("hi"), one, text("yes", "", rule("", "end")), text("other")), fallback())
    talk = Talk(spec)
    talk.say("hi")
    return talk


def when(kind: str, *values: str, to: str = "next", **more: object) -> Rule:
    return Rule(condition=Condition(kind, values, **more), action=go(to))  # type: ignore[arg-type]


def test_rules_hold_in_the_order_of_the_list_and_no_match_last() -> None:
    talk = asks(no_match("other"), rule("a*"), rule("ab*", "other"))

    assert talk.texts("abc") == ["<yes>"]


def test_no_match_holds_when_nothing_else_does() -> None:
    assert asks(no_match("other"), rule("a*")).texts("xyz") == ["<other>"]


def test_an_unconditional_rule_counts_in_list_order() -> None:
    assert asks(rule("", "other"), rule("abc")).texts("abc") == ["<other>"]
    assert asks(rule("abc"), rule("", "other")).texts("abc") == ["<yes>"]


def test_rules_with_an_intent_come_first_when_an_intent_was_recognised() -> None:
    rules = (rule("abc", "other"), when("intent", "id-7"))

    assert asks(*rules).texts("abc", intent={"id": "id-7", "score": "GOOD"}) == ["<yes>"]
    assert asks(*rules).texts("abc") == ["<other>"]


def test_an_intent_rule_never_holds_without_recognition_which_is_logged_once() -> None:
    talk = asks(when("intent", "id-7"))

    assert talk.texts("abc") == ["<sorry>", "?"]
    assert [line.text for line in talk.log if line.code == "notice"] == [
        "No intent is recognised: none of this bot's intents has example phrases or patterns."
    ]
    talk.say("abc")
    assert [line for line in talk.log if line.code == "notice"] == []


def test_exact_value_ignores_case_and_outer_blanks_and_fills_in_variables() -> None:
    talk = asks(when("exact", "Yes {$botContext.name}"))
    talk.variables["name"] = "Ann"

    assert talk.texts("  yes ANN ") == ["<yes>"]


def test_exclude_keywords_veto_a_rule() -> None:
    talk = asks(when("pattern", "*order*", exclude_keywords=("cancel",)))

    assert talk.texts("please CANCEL my order") == ["<sorry>", "?"]
    assert talk.texts("my order") == ["<yes>"]


def test_a_regular_expression_is_asked_of_the_sandbox_and_its_trouble_is_no_match() -> None:
    talk = asks(when("regex", r"\d+"))
    talk.regex = lambda expression, words: RegexOutcome(None, "it takes too long")

    assert talk.texts("42") == ["<sorry>", "?"]
    assert "it takes too long" in talk.errors()[0]


def test_a_match_type_that_is_not_known_never_holds() -> None:
    talk = asks(when("unsupported", source={"matchType": "KB_RESULT"}), rule("", "other"))

    assert talk.texts("x") == ["<other>"]
    assert any("KB_RESULT" in line.text for line in talk.log)


@pytest.mark.parametrize(
    ("style", "message", "index"),
    [
        ("numbers", "red", 0),
        ("numbers", " GREEN ", 1),
        ("numbers", "2", 1),
        ("numbers", "2.", 1),
        ("numbers", "2)", 1),
        ("numbers", "4", None),
        ("numbers", "0", None),
        ("numbers", "a", None),
        ("letters", "a", 0),
        ("letters", "A)", 0),
        ("letters", "d", None),
        ("letters", "1", None),
        ("none", "1", None),
        ("none", "b", 2),
        ("none", "B)", 2),
        ("none", "blue", 2),
        ("numbers", "", None),
        ("numbers", "re", None),
    ],
)
def test_a_typed_answer_picks_a_choice(style: str, message: str, index: int | None) -> None:
    assert options.chosen(message, choices=COLOURS, text_style=style) == index


def test_a_number_that_is_itself_a_choice_is_that_choice() -> None:
    assert options.chosen("2", choices=("2", "1"), text_style="numbers") == 0


def test_evaluate_options_holds_for_the_option_that_was_picked() -> None:
    rules = (when("option", "Red", to="other"), when("option", "Green"))

    for message in ("green", "2", "2."):
        assert asks(*rules, kind="multiple_choice", choices=("Red\n", "Green")).texts(message) == ["<yes>"]


def test_variable_conditions_hold_together_or_each_for_itself() -> None:
    both = (VariableCondition("a", "EQUALS", "1"), VariableCondition("b", "EQUALS", "2"))
    any_of = asks(Rule(variable_conditions=both, variable_match="any"), rule("", "other"))
    all_of = asks(Rule(variable_conditions=both, variable_match="all"), rule("", "other"))
    for talk in (any_of, all_of):
        talk.variables["a"] = "1"

    assert any_of.texts("x") == ["<yes>"]
    assert all_of.texts("x") == ["<other>"]


def test_a_rule_with_both_kinds_of_conditions_needs_both() -> None:
    both = Rule(condition=Condition("pattern", ("p*",)), variable_conditions=(VariableCondition("a", "is_set"),))

    assert asks(both, rule("", "other")).texts("paris") == ["<other>"]


def test_the_sides_of_a_variable_condition_may_be_expressions() -> None:
    one = Rule(variable_conditions=(VariableCondition("{$botContext.answer}", "CONTAINS", "{$userMessage}"),))
    talk = asks(one, rule("", "other"))
    talk.variables["answer"] = "Paris, France"

    assert talk.texts("PARIS") == ["<yes>"]


def test_an_unknown_operator_never_holds_and_is_logged() -> None:
    talk = asks(Rule(variable_conditions=(VariableCondition("a", "RHYMES_WITH", "b"),)), rule("", "other"))

    assert talk.texts("x") == ["<other>"]
    assert "RHYMES_WITH" in talk.errors()[0]


@pytest.mark.parametrize(
    ("operator", "left", "right", "holds"),
    [
        ("EQUALS", "Ulm", " ulm", True),
        ("equals", "5", "5.0", True),
        ("==", "5", "6", False),
        ("NOT_EQUALS", "a", "b", True),
        ("CONTAINS", "Paris, France", "paris", True),
        ("CONTAINS", "Paris", "", False),
        ("NOT_CONTAINS", "Paris", "London", True),
        ("doesNotContain", "Paris", "Paris", False),
        ("STARTS_WITH", "Paris", "par", True),
        ("ends with", "Paris", "RIS", True),
        ("GREATER", "10", "9", True),
        ("greaterThan", "9", "10", False),
        ("GREATER", "abc", "1", False),
        ("GREATER", "", "-1", False),
        ("LESS", "1.5", "1.50001", True),
        ("LESS", "", "1", False),
        (">=", "3", "3", True),
        ("LESS_THAN_OR_EQUAL_TO", "3", "3", True),
        ("less", "NaN", "3", False),
        ("IS_SET", "x", "", True),
        ("IS_SET", " ", "", False),
        ("IS_EMPTY", "", "", True),
        ("IS_NOT_EMPTY", "", "", False),
        ("RHYMES", "a", "a", False),
    ],
)
def test_operators(operator: str, left: str, right: str, holds: bool) -> None:
    assert comparisons.holds(operator, left=left, right=right) == holds


def test_tried_rules_and_patterns_are_in_the_log() -> None:
    talk = asks(rule("a*"), rule("b*"))
    talk.say("bcd")

    tried = [(line.text, line.detail["hit"]) for line in talk.log if line.code == "rule"]
    assert tried[:3] == [("pattern: a*", False), ("pattern: b*", True), ("Rule without a name holds.", True)]


def test_a_question_without_a_rule_that_catches_all_lets_starters_in() -> None:
    talk = Talk(
        bot_spec(
            dialog("d", starter("hi"), question("q", rule("a"))),
            dialog("e", starter("help", key="sh"), text("helping")),
        )
    )
    talk.say("hi")

    assert talk.texts("help") == ["<helping>", "q?"]


def test_the_label_of_a_tap_is_not_tried_when_the_payload_fits_a_rule() -> None:
    talk = asks(rule("opt-2"), rule("first", "other"))

    assert talk.texts("opt-2", tap=Tap("quick_reply", "First", "opt-2")) == ["<yes>"]


def test_exploding_regular_expressions_share_one_second_of_a_turn() -> None:
    asked: list[str] = []

    def explode(expression: str, text: str) -> RegexOutcome:
        asked.append(expression)
        return RegexOutcome(None, error="It was stopped.", duration_ms=400)

    rules = [Rule(condition=Condition("regex", (f"({number}+)+",)), action=go("end")) for number in range(8)]
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("q", *rules, fallback="Again?"))), regex=explode)
    talk.say("hi")

    assert talk.texts("00000000!") == ["Again?"]
    assert len(asked) == 3
    assert "used up their time" in talk.errors()[-1]
