"""The call pipeline against a real server, through the real door out and the real script sandbox."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from credentials import egress, wire
from integrations.engine.outcome import Attempt, CallOutcome, ReceivedResponse
from integrations.engine.scope import MAX_VALUE_BYTES, Scope
from integrations.engine.scripts import RunScript, ScriptCall, ScriptOutcome
from integrations.engine.spec import IntegrationSpec, Row
from integrations.sandbox import pool
from integrations.services import calls
from tests.loopback_api import Answer, Api, running

ORDER = Answer(200, '{"total": 1.10, "lines": [{"sku": "a"}, {}]}', {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[pool.Pool]:
    children = pool.Pool(children=1)
    yield children
    children.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with running() as server:
        yield server


@dataclass
class Diary:
    """What a call told while it ran."""

    lines: list[tuple[str, str, bool, dict[str, Any]]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def log(self, code: str, text: str, *, error: bool = False, detail: Any = None) -> None:
        self.lines.append((code, text, error, dict(detail or {})))

    def text(self, code: str) -> str:
        return " | ".join(text for line_code, text, _, _ in self.lines if line_code == code)


@dataclass
class Caller:
    """Makes calls with everything real but the waiting between attempts."""

    api: Api
    run_script: RunScript
    diary: Diary = field(default_factory=Diary)
    scope: Scope = field(default_factory=Scope)

    def edge(self, **values: Any) -> calls.Edge:
        given = {
            "send": egress.send,
            "policy": wire.Policy(loopback=True),
            "sleep": self.diary.waits.append,
            "jitter": lambda: 1.0,
        }
        return calls.Edge(**(given | values))

    def spec(self, **values: Any) -> IntegrationSpec:
        return IntegrationSpec(
            **({"key": "k", "name": "Order", "response_variable": "R", "url": self.api.url} | values)
        )

    def __call__(self, spec: IntegrationSpec, *, edge: calls.Edge | None = None, **context: Any) -> CallOutcome:
        given = {"log": self.diary.log, "on_attempt": self.diary.attempts.append, "reuse": "bot-1"}
        return calls.run(
            spec,
            self.scope,
            edge=edge or self.edge(),
            run_script=self.run_script,
            context=calls.CallContext(**(given | context)),
        )


@pytest.fixture
def call(api: Api, sandbox: pool.Pool) -> Caller:
    return Caller(api, sandbox.run)


def no_script(script: ScriptCall) -> ScriptOutcome:
    raise AssertionError("no script may run here")


def nothing_sent(*args: Any) -> wire.Incoming:
    raise AssertionError("nothing may be sent here")


def test_a_call_sets_the_response_the_status_and_the_fields(api: Api, call: Caller) -> None:
    api.will_answer(ORDER)
    rows = (Row("total", "{$.api_R.total}"), Row("sku", "{$.api_R.lines[i].sku}"), Row("nope", "{$.api_R.x}"))

    outcome = call(call.spec(fields=rows, parameters=(Row("q", "{$botContext.q}"),)))

    assert (outcome.ok, outcome.status, outcome.kind, outcome.message) == (True, 200, "", "")
    assert outcome.unknown_variables == ("$botContext.q",)
    assert [(each.name, each.count, each.found) for each in outcome.fields] == [
        ("total", 1, True), ("sku", 2, True), ("nope", 0, False),
    ]  # fmt: skip
    assert call.scope.session == {
        "api_R": {"jsonData": '{"api_R":{"total":1.10,"lines":[{"sku":"a"},{}]}}'},
        "api_RStatus": 200,
        "Order.$error": "",
        "Order.$status": 200,
        "Order.$attempts": 1,
        "Order.total": "1.10",
        "Order.total.count": 1,
        "Order.sku": ["a", None],
        "Order.sku.count": 2,
        "Order.nope": "",
        "Order.nope.count": 0,
    }


@pytest.mark.parametrize(
    ("answer", "data"),
    [
        (Answer(200, "plain text"), '{"api_R":"plain text"}'),
        (Answer(204), '{"api_R":null}'),
        (Answer(201, "é".encode("latin-1"), {"Content-Type": "text/plain; charset=latin-1"}), '{"api_R":"é"}'),
    ],
)
def test_an_answer_that_is_no_json_is_text_or_null(api: Api, call: Caller, answer: Answer, data: str) -> None:
    api.will_answer(answer)

    assert call(call.spec()).ok
    assert call.scope.get("api_R") == {"jsonData": data}


def test_the_outcome_shows_what_was_sent_and_received(api: Api, call: Caller) -> None:
    api.will_answer(Answer(200, "{}", {"Set-Cookie": "sid=abc-secret", "X-Kind": "order"}))
    headers = (Row("X-Api-Key", "abc-secret"), Row("X-Plain", "seen"))

    outcome = call(call.spec(method="POST", body='{"a": 1}', headers=headers, use_default_headers=False))

    assert (outcome.sent.method, outcome.sent.body) == ("POST", '{"a": 1}')
    assert ("X-Plain", "seen") in outcome.sent.headers
    assert outcome.response and ("X-Kind", "order") in outcome.response.headers
    assert (outcome.response.size, outcome.response.body) == (2, "{}")
    assert "abc-secret" not in repr(outcome)
    assert api.asked[0].headers["X-Api-Key"] == "abc-secret"


def test_a_failed_status_is_a_failure_whose_answer_can_be_read(api: Api, call: Caller) -> None:
    api.will_answer(Answer(404, '{"why": "unknown order"}'))
    call.run_script = no_script
    call.scope.set("Order.total", "7 of an earlier call")

    outcome = call(call.spec(transform_script="x", fields=(Row("total", "{$.api_R.total}"),)))

    assert (outcome.ok, outcome.status, outcome.kind, outcome.fields) == (False, 404, "http", ())
    assert "404 Not Found" in outcome.message
    assert call.scope.get("api_R") == {"jsonData": '{"api_R":{"why":"unknown order"}}'}
    assert call.scope.get("api_RStatus") == 404
    assert (call.scope.get("Order.$error"), call.scope.get("Order.$status")) == ("http", 404)
    assert (call.scope.get("Order.total"), call.scope.get("Order.total.count")) == ("", 0)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(api: Api, call: Caller, status: int) -> None:
    api.will_answer(Answer(status), Answer(status), ORDER)

    outcome = call(call.spec())

    assert outcome.ok
    assert [(each.number, each.status) for each in outcome.attempts] == [(1, status), (2, status), (3, 200)]
    assert call.scope.get("Order.$attempts") == 3
    assert sum(call.diary.waits) == pytest.approx(0.75)
    assert [each.wait_before_ms for each in outcome.attempts] == [0.0, 250.0, 500.0]
    assert tuple(call.diary.attempts) == outcome.attempts


def test_a_call_is_given_up_after_its_retries(api: Api, call: Caller) -> None:
    api.will_answer(Answer(503))

    outcome = call(call.spec(retries=2))

    assert (outcome.kind, outcome.status, len(api.asked)) == ("http", 503, 3)
    assert "It was tried 3 times." in outcome.message


def test_no_retries_means_one_attempt(api: Api, call: Caller) -> None:
    api.will_answer(Answer(503))

    assert len(call(call.spec(retries=0)).attempts) == 1


def test_retry_after_is_honoured(api: Api, call: Caller) -> None:
    api.will_answer(Answer(429, headers={"Retry-After": "2"}), ORDER)

    assert call(call.spec()).ok
    assert sum(call.diary.waits) == pytest.approx(2.0)


def test_a_retry_after_beyond_the_timeout_ends_the_call(api: Api, call: Caller) -> None:
    api.will_answer(Answer(429, headers={"Retry-After": "3600"}), ORDER)

    outcome = call(call.spec())

    assert (outcome.status, len(api.asked), call.diary.waits) == (429, 1, [])


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_method_with_effects_is_repeated_only_on_the_servers_word(api: Api, call: Caller, method: str) -> None:
    api.will_answer(Answer(503), ORDER)

    assert call(call.spec(method=method)).status == 503
    assert len(api.asked) == 1

    api.will_answer(Answer(503, headers={"Retry-After": "0"}), ORDER)

    assert call(call.spec(method=method)).ok
    keys = [each.headers["Idempotency-Key"] for each in api.asked[1:]]
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_turn_gives_the_idempotency_key_and_an_author_may_choose_another(api: Api, call: Caller) -> None:
    call(call.spec(method="POST"), idempotency_key="turn-1")
    call(call.spec(method="POST", headers=(Row("idempotency-key", "mine"),)), idempotency_key="turn-1")
    call(call.spec(method="PUT"), idempotency_key="turn-1")

    sent = [{name.lower(): value for name, value in each.headers.items()} for each in api.asked]
    assert [each.get("idempotency-key") for each in sent] == ["turn-1", "mine", None]


def test_a_lost_connection_is_tried_again_for_methods_without_effects(api: Api, call: Caller) -> None:
    api.will_answer(Answer(hang_up=True), ORDER)

    outcome = call(call.spec())

    assert (outcome.ok, len(api.asked)) == (True, 2)
    assert outcome.attempts[0].error
    assert not outcome.attempts[1].error


def test_a_lost_connection_is_not_tried_again_for_methods_with_effects(api: Api, call: Caller) -> None:
    api.will_answer(Answer(hang_up=True), ORDER)

    outcome = call(call.spec(method="POST", body="{}"))

    assert (outcome.kind, outcome.status, len(api.asked)) == ("network", 0, 1)
    assert outcome.response is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_is_refused_is_tried_again_for_every_method(call: Caller, method: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"

        outcome = call(call.spec(url=url, method=method))

    assert (outcome.kind, outcome.status, call.scope.get("Order.$attempts")) == ("network", 0, 4)
    assert call.scope.get("api_RStatus") == 0
    assert not call.scope.has("api_R")


def test_a_failed_call_leaves_no_answer_of_an_earlier_one(api: Api, call: Caller) -> None:
    call(call.spec())
    api.will_answer(Answer(hang_up=True))

    call(call.spec(method="POST"))

    assert call.scope.get("api_R") is None


def test_the_timeout_holds_for_the_whole_call(api: Api, call: Caller) -> None:
    hold = threading.Event()
    api.will_answer(Answer(hold=hold))
    try:
        outcome = call(call.spec(timeout_seconds=1))
    finally:
        hold.set()

    assert (outcome.kind, outcome.status, len(api.asked)) == ("timeout", 0, 1)


def test_redirects_are_shown_as_hops_of_one_attempt(api: Api, call: Caller) -> None:
    api.will_answer(Answer(302, headers={"Location": "/moved"}), ORDER)

    outcome = call(call.spec())

    assert [(each.number, each.status) for each in outcome.attempts] == [(1, 302), (1, 200)]
    assert outcome.attempts[0].redirected_to.endswith("/moved")
    assert outcome.sent.url.endswith("/moved")


def test_a_redirect_that_is_not_followed_is_a_failure_that_says_so(api: Api, call: Caller) -> None:
    api.will_answer(Answer(302, headers={"Location": "/moved"}))

    outcome = call(call.spec(follow_redirects=False))

    assert (outcome.kind, outcome.status) == ("http", 302)
    assert "Follow redirects" in outcome.message


def test_a_blocked_address_is_a_failure_of_its_own_kind(api: Api, call: Caller) -> None:
    outcome = call(call.spec(), edge=call.edge(policy=wire.Policy()))

    assert (outcome.kind, api.asked, len(outcome.attempts)) == ("egress", [], 1)
    assert outcome.message.startswith("Blocked by the egress policy")


def test_an_answer_beyond_the_limit_is_a_failure_of_its_own_kind(api: Api, call: Caller) -> None:
    api.will_answer(Answer(200, b"x" * (5 * 1024 * 1024 + 1)))

    assert call(call.spec()).kind == "too_large"
    assert len(api.asked) == 1


def test_a_request_that_cannot_be_built_is_not_sent(call: Caller) -> None:
    call.scope.set("typed", "a\r\nX-Admin: 1", consumer=True)
    spec = call.spec(headers=(Row("X-A", "{$botContext.typed}"),))

    outcome = call(spec, edge=call.edge(send=nothing_sent))

    assert (outcome.kind, outcome.status, outcome.attempts) == ("request", 0, ())
    assert "request header X-A" in outcome.message
    assert call.scope.get("Order.$error") == "request"


def test_a_credential_that_cannot_be_used_is_a_failure_that_says_who_must_act(call: Caller) -> None:
    outcome = call(call.spec(credential="gone"), edge=call.edge(send=nothing_sent))

    assert (outcome.kind, outcome.status) == ("credential", 0)
    assert outcome.message in call.diary.text("call")


@dataclass
class Signs:
    """A credential for the test server: a header, and a text that must never be seen."""

    hosts: tuple[str, ...]
    pool: str = "test"
    secrets: tuple[str, ...] = ("s3cr3t-token",)

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return replace(request, headers=(*request.headers, ("X-Signed", "s3cr3t-token")))


def test_a_secret_that_the_server_repeats_is_masked_wherever_it_is_shown(api: Api, call: Caller) -> None:
    api.will_answer(Answer(500, "you sent s3cr3t-token", {"X-Echo": "s3cr3t-token"}))
    host = api.url.removeprefix("http://")
    given: list[str] = []

    def signer_for(key: str) -> wire.Signer:
        given.append(key)
        return Signs((host,))

    outcome = call(call.spec(credential="c-1"), edge=call.edge(signer_for=signer_for))

    assert given == ["c-1"]
    assert api.asked[0].headers["X-Signed"] == "s3cr3t-token"
    assert outcome.response and outcome.response.body == "you sent ••••"
    assert "s3cr3t-token" not in repr(outcome)
    assert "s3cr3t-token" not in repr(call.diary.lines)


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

    outcome = calls.run_transform(spec, scope, sample, run_script=sandbox.run, context=context)

    assert (outcome.ok, outcome.status, outcome.attempts) == (True, 200, ())
    assert (scope.get("Order.sku"), scope.get("api_RStatus"), scope.get("Order.$attempts")) == (["a"], 200, 0)


def test_a_sample_that_is_an_error_is_not_transformed() -> None:
    spec = IntegrationSpec("k", "Order", "R", transform_script=WRAP)

    outcome = calls.run_transform(
        spec, Scope(), ReceivedResponse(500), run_script=no_script, context=calls.CallContext()
    )

    assert (outcome.ok, outcome.kind) == (False, "http")
