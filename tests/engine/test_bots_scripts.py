"""What scripts do to a turn: redirects, messages, variables, errors; when each of them runs."""

from __future__ import annotations

import pytest

from bots.engine.spec import BotSpec, Content, Interaction
from integrations.engine.scripts import ScriptError
from tests.engine.talk import Talk, dialog, fallback, question, rule, starter, text
from tests.factories import bot_spec

TRIGGER = {"op": "trigger", "name": "other"}


def message(words: str) -> dict[str, str]:
    return {"op": "message", "text": words}


def bot(*interactions: Interaction) -> BotSpec:
    return bot_spec(dialog("d", starter("hi"), *interactions), dialog("e", text("other")), fallback())


def test_a_redirect_before_the_content_replaces_it() -> None:
    talk = Talk(bot(text("t", pre_process="s"), text("after")), scripts={"s": [TRIGGER]})

    assert talk.texts("hi") == ["<other>"]


def test_a_redirect_after_the_content_replaces_the_next_action() -> None:
    talk = Talk(bot(text("t", post_process="s"), text("after")), scripts={"s": [TRIGGER]})

    assert talk.texts("hi") == ["<t>", "<other>"]


def test_a_redirect_of_the_users_answer_wins_over_the_rule_and_its_variables_are_set_before() -> None:
    talk = Talk(bot(question("q", rule(""), process_response="s"), text("after")))
    talk.scripts["s"] = lambda call: [{"op": "debug", "text": call.facts["message"]}, TRIGGER]
    talk.say("hi")

    assert talk.texts("my answer") == ["<other>"]
    assert "my answer" in [line.text for line in talk.log if line.code == "debug"]


def test_the_last_redirect_counts_and_an_unknown_one_is_ignored() -> None:
    talk = Talk(bot(text("t", pre_process="s")))
    talk.scripts["s"] = [{"op": "trigger", "name": "start"}, TRIGGER, {"op": "trigger", "name": "Welcome Back"}]

    assert talk.texts("hi") == ["<other>"]
    assert "Welcome Back" in talk.errors()[0]


def test_the_users_answer_is_processed_even_when_no_rule_fits() -> None:
    talk = Talk(bot(question("q", rule("yes"), process_response="s")), scripts={"s": [TRIGGER]})
    talk.say("hi")

    assert talk.texts("no idea") == ["<other>"]


def test_messages_of_a_script_come_before_the_content() -> None:
    talk = Talk(bot(text("t", pre_process="s", post_process="s2")))
    talk.scripts |= {"s": [message("one"), message("two")], "s2": [message("three")]}

    assert talk.texts("hi") == ["one", "two", "three", "<t>"]


def test_an_immediate_reply_ends_the_flow_and_leaves_the_question_open() -> None:
    talk = Talk(bot(question("q", rule(""), process_response="s"), text("after")))
    talk.scripts["s"] = [{"op": "immediate", "texts": ["Digits only.", "Please."]}]
    talk.say("hi")

    assert talk.texts("abc") == ["Digits only.", "Please."]
    assert talk.waiting == "q"


def test_an_immediate_reply_later_in_the_flow_leaves_the_last_question_open() -> None:
    talk = Talk(bot(question("q", rule("")), text("t", pre_process="s")))
    talk.scripts["s"] = [{"op": "immediate", "texts": ["Not found, another number?"]}]
    talk.say("hi")

    assert talk.texts("7") == ["Not found, another number?"]
    assert talk.waiting == "q"


def test_text_is_filled_in_after_pre_process_and_before_post_process() -> None:
    words = text("t", "{$botContext.a}{$botContext.b}", pre_process="s", post_process="s2")
    talk = Talk(bot(words))
    talk.scripts |= {
        "s": [{"op": "set", "name": "a", "value": "early", "scope": "session"}],
        "s2": [{"op": "set", "name": "b", "value": "late", "scope": "session"}],
    }

    assert talk.texts("hi") == ["early"]
    assert talk.variables == {"a": "early", "b": "late"}


def test_a_script_error_keeps_what_was_done_and_says_where() -> None:
    talk = Talk(bot(text("t", pre_process="s"), text("after")))
    talk.scripts["s"] = ScriptError("script", "x is not defined", 3, 7)

    assert talk.texts("hi") == ["<t>", "<after>"]
    line = next(line for line in talk.log if line.error)
    assert (line.interaction, line.detail["line"], line.detail["column"]) == ("t", 3, 7)
    assert line.text == "Pre-Process Code of t (line 3, column 7): x is not defined"


def test_for_ever_means_the_session_and_is_said_once() -> None:
    talk = Talk(bot(text("t", pre_process="s"), text("u", pre_process="s")))
    talk.scripts["s"] = [{"op": "set", "name": "a", "value": "1", "scope": "session", "forever": True}]

    talk.say("hi")

    assert talk.variables == {"a": "1"}
    assert len([line for line in talk.log if "kept for the session" in line.text]) == 1


def test_the_log_names_variables_but_never_shows_their_values() -> None:
    talk = Talk(bot(text("t", "{$botContext.pin}", pre_process="s")))
    talk.scripts["s"] = [{"op": "set", "name": "pin", "value": "hunter2", "scope": "session"}]

    assert talk.texts("hi") == ["hunter2"]
    assert not any("hunter2" in str(line) for line in talk.log)
    assert any(line.code == "set" and line.detail["name"] == "pin" for line in talk.log)


def test_delays_of_scripts_replace_that_of_the_interaction_and_are_capped() -> None:
    talk = Talk(bot(text("t", delay_ms=300), text("u", delay_ms=300, pre_process="s")))
    talk.scripts["s"] = [{"op": "delay", "ms": 100}, message("soon"), {"op": "delay", "ms": 99_999}]

    replies = talk.say("hi").replies

    assert [reply.delay_ms for reply in replies] == [300, 10_000, 10_000]


def test_quick_replies_of_a_script_join_the_message() -> None:
    talk = Talk(bot(text("t", pre_process="s")))
    talk.scripts["s"] = [{"op": "quick_replies", "replies": [{"title": "Yes", "payload": "y"}]}]

    reply = talk.say("hi").replies[0]

    assert (reply.kind, reply.body["quick_replies"]) == ("quick_replies", [{"title": "Yes", "payload": "y"}])


def test_a_message_with_quick_replies_does_not_wait() -> None:
    talk = Talk(bot(text("t", pre_process="s")))
    talk.scripts["s"] = [{"op": "message_replies", "text": "Sure?", "replies": [{"title": "Yes", "payload": "Yes"}]}]

    assert [reply.kind for reply in talk.say("hi").replies] == ["quick_replies", "text"]


def test_placeholders_in_a_scripts_message_are_filled_in() -> None:
    talk = Talk(bot(text("t", pre_process="s")), environment={"shop": "North"})
    talk.scripts["s"] = [message("Welcome to {$env.shop}")]

    assert talk.texts("hi")[0] == "Welcome to North"


def test_a_consumer_cannot_read_variables_through_a_script_that_repeats_the_message() -> None:
    talk = Talk(bot(question("q", rule(""), process_response="s"), text("t")), environment={"key": "secret"})
    talk.scripts["s"] = lambda call: [message(f"You said {call.facts['message']}")]
    talk.say("hi")

    assert talk.texts("{$env.key}")[0] == "You said {$env.key}"


def test_the_context_service_keeps_conversation_data_and_reports_the_other_scopes() -> None:
    write = {"op": "context", "action": "set", "namespace": "shop", "key": "size", "value": 42}
    talk = Talk(bot(text("t", pre_process="s"), text("u", pre_process="s2")))
    talk.scripts |= {"s": [write | {"scope": "conversation"}, write | {"scope": "user"}], "s2": []}

    result = talk.say("hi")

    assert talk.state.context == {"shop": {"size": 42}}
    assert [change["scope"] for change in result.context_changes] == ["user"]
    assert talk.ran[1].facts["context"]["user"] == {"shop": {"size": 42}}
    assert talk.ran[1].facts["context"]["conversation"] == {"shop": {"size": 42}}


def test_events_become_occurrences() -> None:
    talk = Talk(bot(text("t", pre_process="s")))
    talk.scripts["s"] = [
        {"op": "event", "message": "hi", "name": "Order", "detail": "x"},
        {"op": "private", "text": "angry"},
    ]

    happened = talk.say("hi").occurrences

    assert happened[0].detail == {"name": "Order", "user_message": "hi", "detail": "x"}
    assert (happened[1].type, happened[1].detail) == ("private_message", {"text": "angry"})


def test_scripts_that_use_up_the_time_of_a_turn_are_followed_by_none() -> None:
    slow = Interaction("t", "t", "text", Content(text="t"), (rule("", "repeat"),), pre_process="s")
    talk = Talk(bot(slow))
    talk.scripts["s"] = []
    run = talk._run
    talk._run = lambda call: run(call).__class__((), duration_ms=1_200)  # type: ignore[method-assign]

    talk.say("hi")

    assert [round(call.time_limit_seconds, 1) for call in talk.ran] == [1.0, 1.0, 0.6]
    assert any("used up their time" in line for line in talk.errors())


@pytest.mark.parametrize("place", ["pre_process", "post_process"])
def test_a_closing_text_of_a_script_closes(place: str) -> None:
    talk = Talk(bot(text("t", **{place: "s"}), text("after")), scripts={"s": [message("LP_CLOSECONVERSATION")]})

    result = talk.say("hi")

    assert result.replies == ()
    assert result.state.closed == "close_conversation"


def test_a_redirect_in_the_initialization_has_no_effect_and_is_said() -> None:
    talk = Talk(bot_spec(dialog("d", starter("hi"), text("t")), dialog("e", text("other")), global_functions="f"))
    talk.scripts["initConversation"] = [TRIGGER]

    assert talk.texts("hi") == ["<t>"]
    assert any("no effect in the initialization" in line.text for line in talk.log)


def test_the_context_service_refuses_what_is_too_much_and_says_so() -> None:
    write = {"op": "context", "action": "set", "scope": "conversation", "namespace": "n"}
    many = [write | {"key": str(number), "value": 1} for number in range(1_001)]
    large = [write | {"key": f"large {number}", "value": "x" * 250_000} for number in range(20)]
    spec = bot_spec(dialog("d", starter("many"), text("a", pre_process="many")),
                    dialog("e", starter("large", key="s2"), text("b", pre_process="large")))  # fmt: skip
    talk = Talk(spec, scripts={"many": many, "large": [{**write, "action": "delete_all"}, *large]})

    talk.say("many")
    assert talk.errors() == ["Context service: conversation.n.1000 was not set: this scope already has 1,000 entries."]
    talk.say("large")
    assert len(talk.errors()) == 4
    assert "would exceed 4 MB" in talk.errors()[0]
