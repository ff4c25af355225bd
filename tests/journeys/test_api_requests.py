"""What the conversation API takes and what it refuses, of a running system."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
import redis

from tests.journeys.running import Parley
from tests.journeys.test_runtime_delivery import as_author, begin, post, texts

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        (b"{", 400, None),
        (b"[" * 60_000, 422, "/"),
        ({"text": "no id"}, 422, "/"),
        ({"message_id": "m", "text": 1}, 422, "/text"),
        ({"message_id": "", "text": "x"}, 422, "/message_id"),
        ({"message_id": "m", "text": "x", "extra": 1}, 422, "/"),
        ({"message_id": "m", "text": "x" * 10_001}, 422, "/text"),
        ({"message_id": "m", "text": "   "}, 422, "/text"),
        ({"message_id": "m"}, 422, "/text"),
        ({"message_id": "m", "tap": {"kind": 1}}, 422, "/tap/kind"),
        (b'{"message_id": "m", "text": "\xff"}', 400, None),
        (b'{"message_id": "m", "text": "\\ud800"}', 400, None),
        ({"message_id": "m", "text": "x" * 270_000}, 413, None),
    ],
)
def test_a_bad_message_is_refused_with_its_place_and_a_mend(
    parley: Parley, body: Any, status: int, place: str | None
) -> None:
    conversation = begin(parley)
    path = f"/api/v1/conversations/{conversation['id']}/messages"

    answer = parley.call("POST", path, body, token=conversation["token"])

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body.get("place") == place
    assert answer.body["detail"].endswith(".")
    assert answer.body["mend"]
    assert texts(parley, conversation) == []


def test_ten_thousand_characters_are_accepted_however_a_client_escapes_them(parley: Parley) -> None:
    answer = post(parley, begin(parley), "😀" * 10_000, wait=20)

    assert "".join(message["text"] for message in answer.body["messages"]).count("😀") == 10_000


@pytest.mark.parametrize(("method", "path"), [("PUT", "messages"), ("DELETE", "messages"), ("POST", "events")])
def test_a_method_that_is_not_possible_is_told_which_are(parley: Parley, method: str, path: str) -> None:
    answer = parley.call(method, f"/api/v1/conversations/{begin(parley)['id']}/{path}")

    assert answer.status == 405
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "GET" in answer.headers["Allow"]


def test_an_unknown_address_is_a_problem_document_for_every_method(parley: Parley) -> None:
    answer = parley.call("POST", "/api/v1/nothing", {})

    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_variables_given_at_the_beginning_keep_the_spelling_of_their_numbers(parley: Parley) -> None:
    bot = parley.seeded["echo"]
    body = b'{"variables": {"d": 1.10, "big": 12345678901234567890123, "o": {"a": 1.10}}}'

    begun = parley.call("POST", f"/api/v1/bots/{bot['bot']}/conversations", body, token=bot["key"])

    told = as_author(parley, "GET", f"/api/v1/conversations/{begun.body['id']}/variables")
    assert (begun.status, told.status) == (201, 200)
    assert begun.headers["Content-Type"] == "application/json"
    store = redis.Redis.from_url(parley.environ["REDIS_URL"])
    kept = store.hgetall(next(store.scan_iter(f"*{begun.body['id']}:vars")))
    assert kept == {b"d": b"1.10", b"big": b"12345678901234567890123", b"o": b'{"a":1.10}'}


def test_the_head_of_an_event_stream_leaves_its_connection_free(parley: Parley) -> None:
    conversation = begin(parley)
    path, headers = f"/api/v1/conversations/{conversation['id']}", {"Authorization": f"Bearer {conversation['token']}"}
    connection = http.client.HTTPConnection("127.0.0.1", parley.port, timeout=20)

    connection.request("HEAD", f"{path}/events", headers=headers)
    head = connection.getresponse()
    found = (head.status, head.getheader("Content-Type"), head.read())
    connection.request("GET", f"{path}/messages", headers=headers)
    messages = connection.getresponse()

    assert found == (200, "text/event-stream; charset=utf-8", b"")
    assert messages.status == 200
    connection.close()
