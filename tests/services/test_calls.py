"""The call pipeline against a real server, through the real door out: sending, retries, failures, masking."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest
import trustme

from credentials import wire
from integrations.engine.spec import Row
from tests.loopback_api import Answer, Api
from tests.services.calling import ORDER, Caller, no_script, nothing_sent
from tests.services.egress_servers import Exchange, RawServer


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
    call(call.spec(method="POST"), idempotency_key=lambda: "turn-1")
    call(call.spec(method="POST", headers=(Row("idempotency-key", "mine"),)), idempotency_key=lambda: "turn-1")
    call(call.spec(method="PUT"), idempotency_key=lambda: "turn-1")

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


def test_a_certificate_that_cannot_be_trusted_is_not_tried_again(call: Caller) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = RawServer(Exchange.answer, context=context)

    outcome = call(call.spec(url=server.url, retries=3))

    server.close()
    assert (outcome.kind, len(outcome.attempts), server.connections) == ("network", 1, 1)
    assert "cannot be trusted" in outcome.message


@pytest.mark.parametrize(
    ("path", "value", "arrives", "told"),
    [
        ("/a/{$botContext.v}/b", "", "/a//b", True),
        ("/a/{$botContext.v}", "", "/a/", True),
        ("/a/{$botContext.v}{$botContext.v}/{$botContext.v}/b", "", "/a///b", True),
        ("/a/x{$botContext.v}/b", "", "/a/x/b", False),
        ("/a/{$botContext.v}/b", "w", "/a/w/b", False),
        ("/a//", "", "/a//", False),
        ("", "", "/", False),
        ("?q=/{$botContext.v}/", "", "/?q=//", False),
    ],
)
def test_an_empty_variable_leaves_an_empty_part_of_the_path_and_the_log_says_so(
    api: Api, call: Caller, path: str, value: str, arrives: str, told: bool
) -> None:
    api.will_answer(Answer(200, "{}"))
    call.scope.set("v", value)

    assert call(call.spec(url=f"{api.url}{path}")).ok

    assert api.asked[-1].path == arrives
    assert ("has an empty part" in call.diary.text("notice")) is told
