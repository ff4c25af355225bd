"""What follows an answer: log lines, transform script and fields, the journal, the slow-call message, samples."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field, replace

from credentials import wire
from integrations.engine.outcome import ReceivedResponse
from integrations.engine.scope import MAX_VALUE_BYTES, Scope
from integrations.engine.spec import IntegrationSpec, Row
from integrations.sandbox import pool
from integrations.services import calls
from tests.loopback_api import Answer, Api
from tests.services.calling import ORDER, Caller, Diary, no_script


def test_log_lines_hold_names_and_sizes_but_no_values_and_no_bodies(api: Api, call: Caller) -> None:
    api.will_answer(Answer(200, '{"total": "private-answer"}', {"Set-Cookie": "private-cookie"}))
    call.scope.set("who", "private-name")
    spec = call.spec(
        method="POST",
        url=f"{api.url}/orders?who={{$botContext.who}}",
        body='{"who": "{$botContext.who}", "x": "{$botContext.gone}"}',
        headers=(Row("Authorization", "private-token"), Row("X-Who", "{$botContext.who}")),
        fields=(Row("total", "{$.api_R.total}"), Row("nope", "{$.api_R.nope}")),
        transform_script="botContext.setBotVariable('kept', 'private-value', true, false);",
    )

    call(spec)

    assert "private" not in repr(call.diary.lines)
    assert f"POST {api.url}/orders?who=" in call.diary.text("call")
    assert "answered 200, 27 bytes" in call.diary.text("call")
    assert "{$botContext.gone} is not set" in call.diary.text("notice")
    assert call.diary.text("field") == (
        "Field Order.total: 1 value. | "
        "Field Order.nope: The path $.api_R.nope finds nothing: there is no nope in $.api_R."
    )
    assert call.diary.text("set") == "Set kept (session)."


WRAP = """var response = botContext.getBotVariable('api_R');
var data = JSON.parse(response.jsonData);
response.jsonData = JSON.stringify({api_R: {lines: data.api_R}});
botContext.setBotVariable('api_R', response, true, false);
botContext.setBotVariable('status', botContext.getApiStatusCode(), true, false);
botContext.sendMessage('Found some.');
"""


def test_whoever_logs_from_the_outcome_gets_only_the_lines_that_it_cannot_write(api: Api, call: Caller) -> None:
    script = "botContext.setBotVariable('kept', 'yes', true, false);"
    fields = (Row("total", "{$.api_R.total}"), Row("nope", "{$.api_R.nope}"))
    url = f"{api.url}/orders?who={{$botContext.gone}}"

    outcome = call(call.spec(url=url, transform_script=script, fields=fields), logs_outcome=True)

    assert outcome.unknown_variables == ("$botContext.gone",)
    assert [line[0] for line in call.diary.lines] == ["script", "set"]


def test_the_transform_script_rewrites_the_answer_before_the_fields_are_read(api: Api, call: Caller) -> None:
    api.will_answer(Answer(200, '[{"sku": "a"}, {"sku": "b"}]'))

    outcome = call(call.spec(transform_script=WRAP, fields=(Row("sku", "{$.api_R.lines[i].sku}"),)))

    assert outcome.ok
    assert call.scope.get("Order.sku") == ["a", "b"]
    assert call.scope.get("api_R") == {"jsonData": '{"api_R":{"lines":[{"sku":"a"},{"sku":"b"}]}}'}
    assert call.scope.get("status") == "200"
    assert [(each["op"], each["text"]) for each in outcome.operations] == [("message", "Found some.")]
    assert outcome.transform_ms > 0


def test_a_script_error_fails_the_call_and_keeps_what_the_script_did_before(api: Api, call: Caller) -> None:
    api.will_answer(ORDER)
    script = "botContext.setBotVariable('before', 'kept', true, false);\nnothing.at.all();"

    outcome = call(call.spec(transform_script=script, fields=(Row("total", "{$.api_R.total}"),)))

    assert (outcome.ok, outcome.kind, outcome.status, outcome.fields) == (False, "transform", 200, ())
    assert "line 2" in outcome.message
    assert "nothing is not defined" in outcome.message
    assert call.scope.get("before") == "kept"
    assert call.scope.get("Order.$error") == "transform"
    assert call.scope.get("Order.total") == ""
    (line,) = [each for each in call.diary.lines if each[0] == "script"]
    assert line[2] is True
    assert (line[3]["line"], line[3]["kind"]) == (2, "script")


def test_an_answer_too_large_to_keep_is_still_there_for_script_and_fields(api: Api, call: Caller) -> None:
    refused: list[str] = []
    call.scope.refused = lambda name, reason: refused.append(name)
    call.scope.set("api_R", {"jsonData": "an earlier answer"})
    lines = [{"sku": f"sku-{number}", "text": "x" * 90} for number in range(4_000)]
    api.will_answer(Answer(200, json.dumps(lines)))
    script = """var data = JSON.parse(botContext.getBotVariable('api_R').jsonData);
botContext.setBotVariable('count', data.api_R.length, true, false);"""

    outcome = call(call.spec(transform_script=script, fields=(Row("last", "{$.api_R[3999].sku}"),)))

    assert outcome.ok
    assert outcome.response and outcome.response.size > MAX_VALUE_BYTES
    assert (call.scope.text("count"), call.scope.get("Order.last")) == ("4000", "sku-3999")
    assert not call.scope.has("api_R")
    assert refused == ["api_R"]


def test_persist_forever_means_the_session_and_is_said_once(api: Api, call: Caller) -> None:
    script = "botContext.setBotVariable('a', '1', false, true); botContext.setBotVariable('b', '2', false, true);"

    call(call.spec(transform_script=script))

    assert call.scope.session["a"] == "1"
    assert [line[3]["once"] for line in call.diary.lines if "once" in line[3]] == ["persistForever"]


@dataclass
class Journal:
    records: dict[str, bytes] = field(default_factory=dict)

    def get(self, step: str) -> bytes | None:
        return self.records.get(step)

    def put(self, step: str, record: bytes) -> None:
        self.records[step] = record


def test_a_call_with_effects_is_not_made_twice_when_its_turn_is_run_again(api: Api, call: Caller) -> None:
    api.will_answer(Answer(201, '{"n": 1.10}'), Answer(201, '{"n": 2}'))
    journal = Journal()
    spec = call.spec(method="POST", fields=(Row("n", "{$.api_R.n}"),))

    first = call(spec, step="turn-1/0", journal=journal)
    again = call(spec, step="turn-1/0", journal=journal)
    other = call(spec, step="turn-1/1", journal=journal)

    assert len(api.asked) == 2
    assert [each.value for outcome in (first, again, other) for each in outcome.fields] == ["1.10", "1.10", "2"]
    assert (again.sent, again.attempts, again.response) == (first.sent, first.attempts, first.response)
    assert "is not sent again" in call.diary.text("notice")


def test_a_failed_call_with_effects_is_remembered_only_if_it_may_have_arrived(api: Api, call: Caller) -> None:
    journal = Journal()
    api.will_answer(Answer(hang_up=True))

    call(call.spec(method="POST"), step="arrived", journal=journal)
    call(call.spec(method="POST"), step="blocked", journal=journal, edge=call.edge(policy=wire.Policy()))
    call(call.spec(method="POST", url="nowhere"), step="unbuilt", journal=journal)

    assert list(journal.records) == ["arrived"]


def test_reading_calls_are_made_again(api: Api, call: Caller) -> None:
    journal = Journal()

    call(call.spec(), step="s", journal=journal)
    call(call.spec(), step="s", journal=journal)

    assert (len(api.asked), journal.records) == (2, {})


def test_a_damaged_journal_record_counts_as_none(api: Api, call: Caller) -> None:
    assert call(call.spec(method="POST"), step="s", journal=Journal({"s": b"{broken"})).ok
    assert len(api.asked) == 1


def test_the_slow_call_message_is_given_while_the_call_still_runs(api: Api, call: Caller) -> None:
    hold = threading.Event()
    api.will_answer(replace(ORDER, hold=hold))
    told: list[str] = []

    def on_slow() -> None:
        told.append("slow")
        hold.set()

    outcome = call(call.spec(slow_message="One moment …", slow_after_seconds=0), on_slow=on_slow)

    assert (outcome.ok, told) == (True, ["slow"])


def test_a_quick_call_gives_no_slow_call_message(api: Api, call: Caller) -> None:
    told: list[str] = []

    call(call.spec(slow_message="One moment …", slow_after_seconds=60), on_slow=lambda: told.append("slow"))
    call(call.spec(slow_message="", slow_after_seconds=0), on_slow=lambda: told.append("slow"))

    assert told == []
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_a_cancelled_call_is_not_tried_again(api: Api, call: Caller) -> None:
    api.will_answer(Answer(503))
    cancelled = threading.Event()

    def sleep(seconds: float) -> None:
        cancelled.set()

    outcome = call(call.spec(), edge=call.edge(sleep=sleep, cancelled=cancelled.is_set))

    assert (outcome.ok, len(api.asked)) == (False, 1)


def test_only_the_steps_after_a_call_can_be_run_on_a_sample(sandbox: pool.Pool) -> None:
    scope, diary = Scope(), Diary()
    spec = IntegrationSpec("k", "Order", "R", transform_script=WRAP, fields=(Row("sku", "{$.api_R.lines[i].sku}"),))
    sample = ReceivedResponse(200, body='[{"sku": "a"}]')
    context = calls.CallContext(reuse="bot-1", log=diary.log)

    outcome = calls.run_transform(spec, scope=scope, response=sample, run_script=sandbox.run, context=context)

    assert (outcome.ok, outcome.status, outcome.attempts) == (True, 200, ())
    assert (scope.get("Order.sku"), scope.get("api_RStatus"), scope.get("Order.$attempts")) == (["a"], 200, 0)


def test_a_sample_that_is_an_error_is_not_transformed() -> None:
    spec = IntegrationSpec("k", "Order", "R", transform_script=WRAP)

    outcome = calls.run_transform(
        spec, scope=Scope(), response=ReceivedResponse(500), run_script=no_script, context=calls.CallContext()
    )

    assert (outcome.ok, outcome.kind) == (False, "http")


def test_a_transform_script_that_was_stopped_does_not_claim_that_its_effects_were_kept(api: Api, call: Caller) -> None:
    api.will_answer(ORDER)
    script = "botContext.setBotVariable('before', 'x', true, false); while (true) {}"

    outcome = call(call.spec(transform_script=script), script_seconds=lambda: 0.3)

    assert outcome.kind == "transform"
    assert "ran longer than 0.3 s" in outcome.message
    assert outcome.message.endswith("Nothing of what it did was kept.")
    assert not call.scope.has("before")


def test_a_transform_script_is_not_run_once_the_turns_script_time_is_used_up(api: Api, call: Caller) -> None:
    api.will_answer(ORDER)

    outcome = call(
        call.spec(transform_script="botContext.setBotVariable('ran', 1, true, false);"), script_seconds=lambda: 0.0
    )

    assert (outcome.kind, outcome.status) == ("transform", 200)
    assert "used up their time" in outcome.message
    assert not call.scope.has("ran")
