"""Dialogs: what starts one, what interrupts one, and where the consumer returns to."""

from __future__ import annotations

import pytest

from bots.engine.spec import Content, Interaction
from tests.engine.talk import (
    Talk,
    dialog,
    fallback,
    orders,
    question,
    rule,
    starter,
    text,
)
from tests.factories import bot_spec


def test_a_starter_runs_its_dialog_up_to_the_question() -> None:
    talk = Talk(orders())

    assert talk.texts("Order something") == ["colour?"]
    assert talk.waiting == "colour"


def test_a_rule_leads_on_and_the_end_of_the_dialog_leaves_nothing_open() -> None:
    talk = Talk(orders())
    talk.say("order")

    assert talk.texts("BLUE") == ["size?"]
    assert talk.texts("big") == ["<done>"]
    assert talk.waiting == ""
    assert talk.state.stack == []


def test_no_match_speaks_first_and_keeps_other_dialogs_out() -> None:
    talk = Talk(orders())
    talk.say("order")
    talk.say("red")

    assert talk.texts("help") == ["Big, please.", "size?"]
    assert talk.waiting == "size"


def test_a_starter_interrupts_a_question_which_is_asked_again_afterwards() -> None:
    talk = Talk(orders())
    talk.say("order")

    assert talk.texts("help") == ["<helping>", "colour?"]
    assert talk.waiting == "colour"
    assert [frame.dialog for frame in talk.state.stack] == ["order"]


def test_skip_previous_dialog_leaves_the_open_question_behind() -> None:
    talk = Talk(orders(), variables={"skipPreviousDialog": "true"})
    talk.say("order")

    assert talk.texts("help") == ["<helping>"]
    assert talk.waiting == ""


def test_the_fallback_dialog_is_followed_by_the_open_question() -> None:
    talk = Talk(orders())
    talk.say("order")

    assert talk.texts("green") == ["<sorry>", "colour?"]
    assert talk.texts("red") == ["size?"]


def test_without_a_fallback_dialog_the_fallback_text_is_sent_and_the_question_stays() -> None:
    talk = Talk(orders(dialog("other", text("unused")), fallback_text="What?"))
    talk.say("order")

    assert talk.texts("green") == ["What?"]
    assert talk.waiting == "colour"


def test_a_question_with_a_fallback_text_of_its_own_uses_that() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("age", rule("1*"), fallback="A number!")), fallback()))
    talk.say("hi")

    assert talk.texts("old") == ["A number!"]
    assert talk.waiting == "age"


def test_a_fallback_that_asks_does_not_pile_up() -> None:
    talk = Talk(bot_spec(fallback(text("sorry"), question("what", rule("nothing", "end")))))

    for _ in range(3):
        assert talk.texts("xyz") == ["<sorry>", "what?"]
    assert len(talk.state.stack) == 1


def test_a_dialog_left_by_a_jump_is_not_returned_to() -> None:
    talk = Talk(
        bot_spec(
            dialog("a", starter("a", key="sa"), question("qa", rule("go", "qb"))),
            dialog("b", starter("b", key="sb"), question("qb", rule("x"))),
        )
    )
    talk.say("a")

    assert talk.texts("go") == ["qb?"]
    assert talk.texts("x") == []
    assert talk.waiting == ""


def test_a_fallback_that_jumps_away_keeps_the_interrupted_question_below() -> None:
    talk = Talk(
        bot_spec(
            dialog("a", starter("a", key="sa"), question("qa", rule("yes", "end"))),
            dialog("menu", starter("menu", key="sm"), question("qm", rule("x"))),
            fallback(text("sorry", "", rule("", "qm"))),
        )
    )
    talk.say("a")

    assert talk.texts("???") == ["<sorry>", "qm?"]
    assert talk.texts("x") == ["qa?"]
    assert talk.waiting == "qa"


def test_end_interaction_forgets_every_open_dialog() -> None:
    talk = Talk(
        bot_spec(
            dialog("a", starter("a", key="sa"), question("qa", rule("yes"))),
            dialog("b", starter("b", key="sb"), text("tb", "", rule("", "end"))),
        )
    )
    talk.say("a")

    assert talk.texts("b") == ["<tb>"]
    assert talk.state.stack == []


def test_a_rule_can_start_another_dialog() -> None:
    talk = Talk(orders(dialog("menu", starter("menu", key="sm"), text("tm", "", rule("", "dialog:order")))))

    assert talk.texts("menu") == ["<tm>", "colour?"]


@pytest.mark.parametrize("target", ["nowhere", "dialog:nowhere", "off", "dialog:off-dialog"])
def test_an_action_that_leads_nowhere_ends_the_flow_with_a_line_in_the_log(target: str) -> None:
    off = dialog("off-dialog", starter("off", key="off-start"), text("off"), enabled=False)
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", "", rule("", target)), text("after")), off))

    assert talk.texts("hi") == ["<t>"]
    assert "does not exist or is switched off" in talk.errors()[0]


def test_what_is_switched_off_is_passed_over() -> None:
    first = text("first", "", rule("", "second"))
    talk = Talk(bot_spec(dialog("d", starter("hi"), first, text("second", enabled=False), text("third"))))

    assert talk.texts("hi") == ["<first>", "<third>"]


def test_a_dialog_that_is_switched_off_does_not_start() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t"), enabled=False), fallback_text="What?"))

    assert talk.texts("hi") == ["What?"]


def test_the_starter_with_most_literal_characters_wins() -> None:
    spec = bot_spec(
        dialog("any", starter("*", key="s1"), text("any")),
        dialog("short", starter("track*", key="s2"), text("short")),
        dialog("long", starter("*my parcel*", key="s3"), text("long")),
    )

    assert Talk(spec).texts("track my parcel") == ["<long>"]
    assert Talk(spec).texts("track it") == ["<short>"]
    assert Talk(spec).texts("hello") == ["<any>"]


def test_an_exclude_keyword_vetoes_the_starter() -> None:
    one = Interaction("s", "s", "starter", Content(patterns=("*order*",), exclude_keywords=("cancel",)))
    talk = Talk(bot_spec(dialog("d", one, text("t")), fallback_text="What?"))

    assert talk.texts("Cancel my order") == ["What?"]
    assert talk.texts("my order") == ["<t>"]


def test_an_intent_fed_in_from_outside_starts_its_dialog_when_its_score_is_good() -> None:
    one = Interaction("s", "s", "starter", Content(intent="id-1"))
    talk = Talk(bot_spec(dialog("d", one, text("t")), fallback_text="What?", intents={"id-1": "Where is it"}))

    assert talk.texts("eh", intent={"id": "id-1", "name": "Where is it", "score": "VERY GOOD"}) == ["<t>"]
    assert talk.texts("eh", intent={"name": "Where is it", "score": "good"}) == ["<t>"]
    assert talk.texts("eh", intent={"id": "id-1", "score": "FAIR POOR"}) == ["What?"]


def test_of_starters_with_as_many_literal_characters_the_one_without_a_wildcard_wins() -> None:
    wild, plain = (
        dialog("wild", starter("hello*", key="s1"), text("w")),
        dialog("plain", starter("hello", key="s2"), text("p")),
    )

    assert Talk(bot_spec(wild, plain)).texts("hello") == ["<p>"]


def test_of_equal_starters_the_first_dialog_wins() -> None:
    first, second = (dialog(key, starter("hello", key=f"s{key}"), text(key)) for key in ("a", "b"))

    assert Talk(bot_spec(first, second)).texts("hello") == ["<a>"]
