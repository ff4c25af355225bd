"""A turn: its limits, its variables, and what is left for the next message."""

from __future__ import annotations

import pytest

from bots.engine import flow
from bots.engine.spec import Condition, Content, Interaction, Rule, SetVariable
from bots.engine.state import Frame, State, Tap
from tests.engine.talk import (
    Talk,
    dialog,
    fallback,
    go,
    orders,
    question,
    rule,
    starter,
    text,
)
from tests.factories import bot_spec


def test_an_endless_loop_ends_in_the_error_text_after_fifty_interactions() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", "", rule("", "repeat"))), error_text="Oh dear."))

    answers = talk.texts("hi")

    assert answers == ["<t>"] * (flow.MAX_INTERACTIONS - 1) + ["Oh dear."]
    assert len(talk.errors()) == 1
    assert talk.state.stack == []


def test_dialogs_that_keep_interrupting_each_other_do_not_pile_up_for_ever() -> None:
    spec = bot_spec(
        dialog("a", starter("a", key="sa"), question("qa", rule("yes"))),
        dialog("b", starter("b", key="sb"), question("qb", rule("yes"))),
    )
    talk = Talk(spec)

    for _ in range(20):
        talk.say("a")
        talk.say("b")

    assert len(talk.state.stack) == flow.MAX_STACK


@pytest.mark.parametrize("how", ["close_conversation", "close_dialog"])
def test_after_a_close_the_next_message_begins_a_new_conversation(how: str) -> None:
    bye = rule("bye", how, variables=(SetVariable("name", "Ann"),))
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("q", bye)), global_functions="var x;"))
    talk.scripts["initConversation"] = []
    talk.say("hi")

    closed = talk.say("bye")

    assert [(o.type, o.detail) for o in closed.occurrences] == [("close", {"how": how})]
    assert (closed.variables, closed.waiting_at) == ({"name": "Ann"}, "")
    assert talk.texts("hi") == ["q?"]
    assert [call.place for call in talk.ran] == ["initConversation"]
    assert talk.variables == {}


def test_the_initialization_function_runs_once() -> None:
    talk = Talk(bot_spec(fallback(), global_functions="function f() {}"))
    talk.scripts["initConversation"] = [{"op": "set", "name": "a", "value": "1", "scope": "session"}]

    talk.say("hello")
    assert (talk.ran[0].facts["message"], talk.variables) == ("hello", {"a": "1"})
    talk.say("again")
    assert talk.ran == []


def test_reset_is_answered_where_debug_is_on() -> None:
    talk = Talk(orders(debug=True), variables={"a": "1"})
    talk.say("order")

    result = talk.say(" RESET ")

    assert [occurrence.type for occurrence in result.occurrences] == ["reset"]
    assert (talk.state, talk.variables) == (State(), {})


def test_reset_is_an_ordinary_message_where_debug_is_off() -> None:
    talk = Talk(orders(), variables={"a": "1"})

    assert talk.texts("reset") == ["<sorry>"]
    assert talk.variables == {"a": "1"}


def test_display_userid_shows_the_consumer() -> None:
    assert Talk(orders(debug=True), facts={"consumerId": "c-17"}).texts("display userid") == ["Consumer id: c-17"]


def test_variables_and_the_slot_of_a_rule_are_set_before_its_action() -> None:
    answer = Rule(
        condition=Condition("pattern", ("*",)),
        variables=(SetVariable("town", "{$userMessage}!"), SetVariable("here", "yes", "dialog")),
        slot=SetVariable("place", "{$query}"),
    )
    shown = text("t", "{$botContext.town} {$botContext.slot.place} {$botContext.here}")
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("q", answer), shown)))
    talk.say("hi")

    assert talk.texts("Ulm") == ["Ulm! Ulm yes"]
    assert talk.variables == {"town": "Ulm!", "slot.place": "Ulm"}
    assert talk.state.consumer_names == ["slot.place", "town"]


def test_dialog_variables_end_with_their_dialog() -> None:
    keep = rule("", variables=(SetVariable("x", "1", "dialog"),))
    show = text("show", "x={$botContext.x}")
    spec = bot_spec(
        dialog("a", starter("a", key="sa"), question("q", keep), question("q2", rule("", "show")), show),
        dialog("b", starter("b", key="sb"), text("show-b", "x={$botContext.x}")),
    )
    talk = Talk(spec)
    talk.say("a")
    talk.say("anything")

    assert talk.texts("anything") == ["x=1"]
    assert talk.texts("b") == ["x="]


def test_request_variables_end_with_the_turn() -> None:
    once = rule("", variables=(SetVariable("x", "1", "request"),))
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("q", once), question("r", words="x={$botContext.x}"))))
    talk.say("hi")

    assert talk.texts("go") == ["x=1"]
    assert talk.variables == {}


def test_a_tap_is_matched_by_its_payload_and_else_by_its_label() -> None:
    rules = (rule("opt-1", "one"), rule("second one", "two"), rule("", "other"))
    steps = [text(key, "", rule("", "end")) for key in ("one", "two", "other")]
    spec = bot_spec(dialog("d", starter("hi"), question("q", *rules), *steps))

    for payload, label, expected in (
        ("opt-1", "First", "<one>"),
        ("opt-2", "Second one", "<two>"),
        ("opt-3", "Third", "<other>"),
    ):
        talk = Talk(spec)
        talk.say("hi")
        assert talk.texts(payload, tap=Tap("quick_reply", label, payload)) == [expected]


def test_agent_transfer_ends_the_bots_part_until_it_fails() -> None:
    hand = Interaction("x", "x", "agent_transfer", Content(text="One moment.", skill="{$botContext.skill}"))
    talk = Talk(
        bot_spec(
            dialog("d", starter("agent"), hand, text("never")),
            dialog("failed", starter("__agent_escalation_failed__", key="sf"), text("nobody")),
            fallback(),
        ),
        variables={"skill": "42"},
    )

    result = talk.say("agent")

    assert [reply.body["text"] for reply in result.replies] == ["One moment."]
    assert result.occurrences[0].detail["skill_id"] == "42"
    assert talk.state.waiting_for_agent
    assert talk.texts("hello?") == []
    assert talk.texts("__agent_escalation_failed__") == ["<nobody>"]
    assert not talk.state.waiting_for_agent


def test_an_unknown_interaction_type_is_skipped_and_logged_once() -> None:
    odd = Interaction("odd", "odd", "unsupported", Content(imported_type="APPLE_RICHLINK"), pre_process="never run")
    talk = Talk(bot_spec(dialog("d", starter("hi"), odd, text("t"))))

    assert talk.texts("hi") == ["<t>"]
    assert any("APPLE_RICHLINK" in line.text for line in talk.log)
    talk.say("hi")
    assert not any("APPLE_RICHLINK" in line.text for line in talk.log)


def test_a_state_that_names_a_question_of_another_version_is_cleaned_up() -> None:
    talk = Talk(orders(), state=State(stack=[Frame("order", "colour"), Frame("gone", "gone")], started=True))

    assert talk.texts("red") == ["size?"]


def test_a_turn_leaves_what_it_was_given_untouched() -> None:
    talk = Talk(orders())
    talk.say("order")
    state, variables = talk.state, talk.variables
    stack = [Frame("order", "colour")]

    talk.say("red")

    assert (state.stack, variables) == (stack, {})


def test_a_defect_rises() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t", pre_process="x"))))
    talk.scripts["x"] = [{"op": "of another version"}]

    with pytest.raises(KeyError):
        talk.say("hi")


def test_repeat_asks_again() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), question("q", Rule(action=go("repeat"))))))
    talk.say("hi")

    assert talk.texts("what") == ["q?"]
    assert talk.waiting == "q"
