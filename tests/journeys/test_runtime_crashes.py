"""What survives `kill -9`: accepted messages are answered once, in order, and calls with an effect are made once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.journeys.conftest import Upstream, seed
from tests.journeys.running import Parley
from tests.journeys.test_runtime_delivery import begin, post, texts

pytestmark = [pytest.mark.journey, pytest.mark.timeout(150)]


@pytest.fixture(scope="module")
def fragile(upstream: Upstream) -> Iterator[Parley]:
    system = Parley()
    system.seeded = seed(system, upstream)
    yield system
    system.close()


def replace_worker(parley: Parley) -> None:
    worker = parley.workers.pop()
    worker.kill()
    worker.wait()
    parley.workers.append(parley.start_worker())


def test_messages_survive_the_death_of_a_worker_in_mid_turn(fragile: Parley, upstream: Upstream) -> None:
    conversations = [begin(fragile, "slow") for _ in range(3)]
    upstream.forget()
    for number, conversation in itertools.product(range(4), conversations):
        post(fragile, conversation, f"message {number}")
    assert upstream.arrived.wait(20)

    replace_worker(fragile)
    last = [post(fragile, conversation, "last", wait=30) for conversation in conversations]

    assert [answer.status for answer in last] == [200, 200, 200]
    expected = [f"{number + 1}: message {number}" for number in range(4)] + ["5: last"]
    assert [texts(fragile, conversation) for conversation in conversations] == [expected] * 3


def test_a_turn_that_runs_again_neither_buys_nor_speaks_twice(fragile: Parley, upstream: Upstream) -> None:
    conversation = begin(fragile, "order")
    upstream.forget()
    with fragile.events(conversation) as events:
        post(fragile, conversation, "buy")
        slow = next(event for event in events if event["event"] == "message")
        upstream.wait_for("GET")

        replace_worker(fragile)
        rest = list(itertools.islice((event for event in events if event["event"] in ("message", "turn")), 2))

    assert [slow["data"]["text"], rest[0]["data"]["text"]] == ["One moment", "bought"]
    assert rest[1]["data"]["outcome"] == "done"
    methods = [method for method, _, _ in upstream.requests]
    assert methods.count("POST") == 1
    assert methods.count("GET") == 2  # reading again does no harm


def test_nothing_is_lost_when_redis_is_killed_and_started_again(fragile: Parley) -> None:
    conversation = begin(fragile, "slow")
    for number in range(4):
        post(fragile, conversation, f"message {number}")

    fragile.redis.kill()
    fragile.redis.start()
    last = post(fragile, conversation, "last", wait=30)

    assert last.status == 200
    assert texts(fragile, conversation) == [f"{number + 1}: message {number}" for number in range(4)] + ["5: last"]


def test_an_open_stream_goes_on_after_redis_was_away(fragile: Parley) -> None:
    conversation = begin(fragile)
    with fragile.events(conversation) as events:
        post(fragile, conversation, "before", wait=20)
        fragile.redis.kill()
        fragile.redis.start()
        post(fragile, conversation, "after", wait=30)
        said = list(itertools.islice((event for event in events if event["event"] == "message"), 2))

    assert [event["data"]["text"] for event in said] == ["1: before", "2: after"]


def test_while_redis_is_away_a_message_is_refused_and_not_half_accepted(fragile: Parley) -> None:
    conversation = begin(fragile)
    fragile.redis.kill()
    try:
        refused = post(fragile, conversation, "hello", message_id="m1")
        ready = fragile.call("GET", "/readyz")
    finally:
        fragile.redis.start()

    assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
    assert (ready.status, ready.body["checks"]["redis"]) == (503, "Redis does not answer.")
    answered = post(fragile, conversation, "hello", wait=30, message_id="m1")
    while answered.status == 503:  # a connection of before may still have to find out
        answered = post(fragile, conversation, "hello", wait=30, message_id="m1")
    assert answered.body["turn"] == 1
