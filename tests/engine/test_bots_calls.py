"""Integrations in a turn: success, failure, rules for either, the slow-call message."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from bots.engine.effects import CallRequest
from bots.engine.spec import Condition, Rule
from integrations.engine.outcome import CallOutcome, FieldResult, ReceivedResponse, SentRequest
from tests.engine.talk import Talk, call, dialog, fallback, go, question, rule, starter, text
from tests.factories import bot_spec, integration_spec


def result(value: str, to: str) -> Rule:
    return Rule(condition=Condition("api_result", (value,)), action=go(to))


def talk_with(*rules: Rule, outcome: CallOutcome, integration: Any = None, **values: Any) -> Talk:
    spec = bot_spec(
        dialog("d", starter("hi"), call("c", *rules, **values), text("next"), text("good"), text("bad"), text("worse")),
        fallback(),
        integrations=(integration or integration_spec(),),
        failure_text="Nothing found.",
    )
    return Talk(spec, call=lambda request: outcome)


OK = CallOutcome(ok=True, status=200)
DOWN = CallOutcome(ok=False, status=500, kind="http", message="The server failed.")


def test_success_goes_on_or_where_its_rule_leads() -> None:
    assert talk_with(outcome=OK).texts("hi")[0] == "<next>"
    assert talk_with(result("SUCCESS", "good"), outcome=OK).texts("hi")[0] == "<good>"
    assert talk_with(result("FAILURE", "bad"), outcome=OK).texts("hi")[0] == "<next>"


@pytest.mark.parametrize("rules", [(), (rule(""),), (result("SUCCESS", "good"), rule("", "next"))])
def test_a_failure_that_no_rule_handles_sends_the_failure_text_and_stops(rules: tuple[Rule, ...]) -> None:
    talk = talk_with(*rules, outcome=DOWN)

    assert talk.texts("hi") == ["Nothing found."]
    assert talk.state.stack == []


@pytest.mark.parametrize("value", ["FAILURE", "failure", "http"])
def test_a_rule_may_handle_failures_or_one_kind(value: str) -> None:
    assert talk_with(result("timeout", "worse"), result(value, "bad"), outcome=DOWN).texts("hi")[0] == "<bad>"


def test_a_failure_in_a_side_dialog_leaves_the_question_below_open() -> None:
    spec = bot_spec(
        dialog("main", starter("hi"), question("q", rule("yes"))),
        dialog("side", starter("look", key="ss"), call("c"), text("never")),
        integrations=(integration_spec(),),
    )
    talk = Talk(spec, call=lambda request: DOWN)
    talk.say("hi")

    assert talk.texts("look") == ["Sorry, I could not find anything for that."]
    assert talk.waiting == "q"


def test_post_process_runs_after_a_failure_too_and_may_lead_on() -> None:
    talk = talk_with(outcome=DOWN, post_process="s")
    talk.scripts["s"] = [{"op": "trigger", "name": "bad"}]

    assert talk.texts("hi")[0] == "<bad>"
    assert talk.ran[0].facts["apiStatus"] == 500


def test_what_a_transform_script_said_is_said() -> None:
    said = CallOutcome(ok=True, status=200, operations=({"op": "message", "text": "Found it."},))

    assert talk_with(outcome=said).texts("hi")[:2] == ["Found it.", "<next>"]


def test_the_delay_of_an_integration_is_taken_over_by_the_next_message() -> None:
    replies = talk_with(outcome=OK, delay_ms=700).say("hi").replies

    assert [reply.delay_ms for reply in replies][:2] == [700, 0]


def test_steps_are_the_same_when_a_turn_is_run_again_and_differ_within_it() -> None:
    spec = bot_spec(dialog("d", starter("hi"), call("a"), call("b")), integrations=(integration_spec(),))
    steps: list[str] = []

    def note(request: CallRequest) -> CallOutcome:
        steps.append(request.step)
        return OK

    for _ in range(2):
        Talk(spec, call=note).say("hi")

    assert steps == ["1:key-Balance", "2:key-Balance"] * 2


def test_an_integration_that_does_not_exist_is_a_failed_call() -> None:
    talk = talk_with(outcome=OK, integration=integration_spec(key="another"))

    assert talk.texts("hi") == ["Nothing found."]
    assert "does not exist" in talk.errors()[0]


def test_the_slow_message_is_given_once_from_another_thread_with_all_before_it() -> None:
    spec = bot_spec(
        dialog("d", starter("hi"), text("before"), call("c"), text("after")),
        integrations=(integration_spec(slow_message="One moment, {$userMessage}."),),
    )
    early: list[list[str]] = []

    def slow(request: CallRequest) -> CallOutcome:
        assert request.slow_replies
        for _ in range(2):
            thread = threading.Thread(
                target=lambda: early.append([str(r.body["text"]) for r in request.slow_replies()])
            )
            thread.start()
            thread.join()
        return OK

    assert Talk(spec, call=slow).texts("hi") == ["<before>", "One moment, hi.", "<after>"]
    assert early == [["<before>", "One moment, hi."], []]


def test_a_slow_message_that_is_due_after_the_call_is_not_sent() -> None:
    spec = bot_spec(
        dialog("d", starter("hi"), call("c"), text("after")),
        integrations=(integration_spec(slow_message="One moment."),),
    )
    requests: list[CallRequest] = []

    def quick(request: CallRequest) -> CallOutcome:
        requests.append(request)
        return OK

    assert Talk(spec, call=quick).texts("hi") == ["<after>"]
    assert requests[0].slow_replies
    assert requests[0].slow_replies() == ()


def test_log_lines_of_the_pipeline_get_the_interaction_and_a_notice_comes_once() -> None:
    talk = talk_with(outcome=OK)

    def logging(request: CallRequest) -> CallOutcome:
        request.log("script", "The script ran.")
        request.log("notice", "Only once.", detail={"once": "thing"})
        request.log("notice", "Only once.", detail={"once": "thing"})
        return OK

    talk.call = logging
    talk.say("hi")

    codes = [(line.code, line.interaction) for line in talk.log if line.code in ("call", "script", "notice")]
    assert codes == [("script", "c"), ("notice", "c"), ("call", "c")]


def test_the_line_of_a_call_shows_neither_query_nor_body_nor_values() -> None:
    sent = SentRequest("GET", "https://api.example.test/balance?pin=1234", body="pin=1234")
    response = ReceivedResponse(200, body='{"pin": 1234}', size=13)
    fields = (FieldResult("pin", "1234", 1, True), FieldResult("gone", "", 0, False, "its path finds nothing"))
    talk = talk_with(
        outcome=CallOutcome(
            ok=True, status=200, sent=sent, response=response, fields=fields, unknown_variables=("$env.x",)
        )
    )
    talk.say("hi")

    assert not any("1234" in str(line) for line in talk.log)
    lines = [line.text for line in talk.log if line.code in ("call", "field", "unknown")]
    assert lines == [
        "{$env.x} has no value; it was left empty.",
        "Balance: GET https://api.example.test/balance – answered 200, 13 bytes, 0 ms.",
        "Field Balance.pin: 1 value.",
        "Field Balance.gone: its path finds nothing.",
    ]


def test_the_question_that_led_to_a_failed_call_is_not_open_any_more() -> None:
    spec = bot_spec(dialog("d", starter("hi"), question("q", rule("")), call("c")), integrations=(integration_spec(),))
    talk = Talk(spec, call=lambda request: DOWN)
    talk.say("hi")

    assert talk.texts("42") == ["Sorry, I could not find anything for that."]
    assert talk.waiting == ""


def test_transform_scripts_share_the_script_time_of_the_turn() -> None:
    given: list[float] = []

    def slow_transform(request: CallRequest) -> CallOutcome:
        given.append(request.script_seconds())
        return CallOutcome(ok=True, status=200, transform_ms=1_000)

    calls = [call(f"c{number}") for number in range(5)]
    spec = bot_spec(dialog("d", starter("hi"), *calls), integrations=(integration_spec(),))

    Talk(spec, call=slow_transform).say("hi")

    assert given == [1, 1, 1, 0, -1]
