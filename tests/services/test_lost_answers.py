"""Commands whose answer got lost are sent again, and clocks jump: neither doubles, loses nor delays anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bots.api import problems
from bots.engine.state import Reply, State, TurnResult
from bots.runtime import inbox, keys, leases, outage, roll, runner, scripts, sessions
from bots.runtime.inbox import Message
from bots.runtime.keeper import Keeper
from bots.runtime.voice import Voice
from config import redis as connections
from integrations.services import streams
from tests.services.session_steps import SHARD, begin, change, claim
from tests.torture import clocks

HOUR = 3_600


def test_a_commit_that_is_sent_again_does_not_answer_the_next_message(store: redis.Redis) -> None:
    begun = begin()
    for number in (1, 2):
        inbox.post(begun.id, Message(f"m{number}", text=str(number)))
    first = claim()
    second = leases.commit(first, change(), go_on=True).claim
    assert second
    assert (second.owner, second.turn) == (first.owner, 2)

    again = leases.commit(first, change(), go_on=True)

    assert again.refused
    assert [entry.event for entry in sessions.entries(begun.id)] == ["consumer", "message", "turn", "consumer"]
    assert store.llen(keys.part(begun.id, "inbox")) == 1


def test_what_is_said_early_is_appended_once_when_the_call_is_sent_again(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    held = claim()
    events = [("message", '{"text":"One"}', "mark 1"), ("message", '{"text":"Two"}', "mark 2")]

    assert leases.speak(held, events, said=0)
    assert leases.speak(held, events, said=0)
    assert leases.speak(held, [("message", '{"text":"Three"}', "mark 3")], said=2)

    said = [entry.data for entry in sessions.entries(begun.id) if entry.event == "message"]
    assert said == ['{"text":"One"}', '{"text":"Two"}', '{"text":"Three"}']


def test_a_voice_goes_on_where_it_was(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    voice = Voice(claim(), live=False)
    one, two = (Reply("text", {"text": text}) for text in ("one", "two"))

    voice.say([one])
    voice.say([one, two])

    assert [entry.event for entry in sessions.entries(begun.id)] == ["consumer", "message", "message"]


@pytest.mark.parametrize("arrived", [True, False])
def test_what_was_said_early_is_said_once_when_the_answer_to_it_was_lost(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    slow, last = Reply("text", {"text": "One moment"}), Reply("text", {"text": "Here it is"})
    sent = scripts.run

    def without_an_answer(name: str, *given: Any) -> Any:
        if name != "early":
            return sent(name, *given)
        if arrived:
            sent(name, *given)
        raise RedisTimeoutError

    def play(claim: leases.Claim, mouth: Voice) -> runner.Played:
        with pytest.raises(RedisTimeoutError):
            mouth.say([slow])
        return runner.Played(TurnResult(state=State(started=True), variables={}, replies=[slow, last]))

    monkeypatch.setattr(scripts, "run", without_an_answer)
    runner.answer(claim(), keeper=Keeper(), play=play)

    said = [json.loads(entry.data)["text"] for entry in sessions.entries(begun.id) if entry.event == "message"]
    assert said == ["One moment", "Here it is"]


def test_a_clock_that_jumps_forward_takes_no_lease_from_a_living_runner(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    held = claim()
    leases.reap(SHARD)

    clocks.jump(store, seconds=300)

    assert leases.reap(SHARD) == (0, 0)
    assert leases.renew(SHARD, {begun.id: held.owner}) == []
    assert not leases.commit(held, change(), go_on=False).refused


def test_a_clock_that_jumps_back_keeps_no_dead_runners_lease_for_an_hour(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    claim("dead")
    leases.next_claim(SHARD, owner="dead, too", park=True)
    leases.reap(SHARD)

    clocks.jump(store, seconds=-HOUR)
    leases.reap(SHARD)

    time, _ = store.time()
    deadline = store.zscore(f"{keys.base(SHARD)}active", begun.id)
    assert deadline is not None
    assert deadline / 1000 - time <= leases.LEASE_MS / 1000 + 1
    assert store.zcard(f"{keys.base(SHARD)}parked") == 0


def test_a_lease_that_is_over_while_somebody_looks_on_is_given_back_at_once(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    claim("dead")
    for _ in range(2):
        clocks.jump(store, seconds=3)
        given, _ = leases.reap(SHARD)

    assert given == 1
    assert claim("alive").attempts == 2


@pytest.mark.parametrize(
    "error",
    [
        RedisConnectionError("Connection refused."),
        ResponseError("LOADING Redis is loading the dataset in memory"),
        ResponseError("MISCONF Errors writing to the AOF file: No space left on device"),
        ResponseError("Error running script: @user_script: 20: -MISCONF Errors writing to the AOF file"),
        ResponseError("Error running script: -OOM command not allowed when used memory > 'maxmemory'."),
    ],
)
def test_a_store_that_cannot_write_for_the_moment_means_later_and_no_defect(error: Exception) -> None:
    answers = iter([error])

    def step() -> str:
        if failed := next(answers, None):
            raise failed
        return "done"

    assert connections.is_away(error)
    assert problems.store_failed(error).status == 503
    assert outage.outlast(step) == "done"


def test_a_defect_is_not_waited_for() -> None:
    defect = ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value")

    def step() -> None:
        raise defect

    with pytest.raises(ResponseError):
        outage.outlast(step)
    with pytest.raises(ResponseError):
        problems.store_failed(defect)


@pytest.mark.parametrize(("alone", "given"), [(True, 1), (False, 0)])
def test_a_worker_that_knows_all_others_to_be_dead_waits_for_none_of_them(
    store: redis.Redis, alone: bool, given: int
) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    claim("dead")
    leases.reap(SHARD)

    clocks.jump(store, seconds=2 * leases.LEASE_MS / 1000)

    assert leases.reap(SHARD, alone=alone)[0] == given


def test_a_worker_is_alone_where_nobody_was_before_it_and_redis_was_there(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll, "CERTAIN_SECONDS", 0)
    first, second = roll.Roll(), roll.Roll()

    assert first.alone_at_first()
    assert not first.alone_at_first()  # it asks once
    assert second.alone_at_first()  # the first one is too young to hold what is over
    monkeypatch.setattr(roll, "OLD_SECONDS", 0)
    assert not roll.Roll().alone_at_first()


def test_a_worker_is_not_alone_where_redis_has_just_started(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll, "CERTAIN_SECONDS", 10**9)

    assert not roll.Roll().alone_at_first()


def test_two_turns_of_one_millisecond_give_their_log_lines_different_ids(store: redis.Redis) -> None:
    """One call appends what many commits would: all within a millisecond or two."""
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    leases.speak(claim(), (), said=0, log=['[{"text":"a"},{"text":"b"},{"text":"c"}]'] * 30)

    lines = streams.read(keys.log(begun.id))
    ids = [line.id for line in lines]

    assert len(lines) == 90
    assert [streams.position(one) for one in ids] == sorted({streams.position(one) for one in ids})
