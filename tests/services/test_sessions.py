"""Inbox, leases and commits against a real Redis, without any runner."""

from __future__ import annotations

import pytest
import redis

from bots.engine.state import Reply
from bots.runtime import inbox, keys, leases, sessions
from bots.runtime.inbox import Message
from bots.runtime.voice import LostLease, Voice
from tests.services.session_steps import SHARD, begin, change, claim, lose_time


def test_a_message_is_claimed_with_its_turn_and_all_variables(store: redis.Redis) -> None:
    begun = begin()

    posted = inbox.post(begun.id, Message("m1", text="Hi"))
    found = claim()

    assert (posted.turn, posted.wake) == (1, True)
    assert (found.conversation, found.turn, found.message.text, found.attempts) == (begun.id, 1, "Hi", 1)
    assert sessions.decoded(found.variables) == {"city": "Ulm"}


def test_the_same_message_id_answers_the_same_turn_and_is_queued_once(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))

    again = inbox.post(begun.id, Message("m1", text="Something else"))

    assert (again.turn, again.repeated, again.ended) == (1, True, False)
    assert store.llen(keys.part(begun.id, "inbox")) == 1


def test_a_repeated_message_knows_that_its_turn_has_ended(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    leases.commit(claim(), change(), go_on=False)

    assert inbox.post(begun.id, Message("m1", text="Hi")).ended


def test_a_wrong_token_and_an_unknown_conversation_look_the_same(store: redis.Redis) -> None:
    begun = begin()

    for conversation, token in ((begun.id, "wrong"), (keys.new_conversation(), begun.token)):
        with pytest.raises(keys.UnknownConversation):
            inbox.post(conversation, Message("m1", text="Hi"), token_digest=sessions.digest(token))

    assert inbox.post(begun.id, Message("m1"), token_digest=sessions.digest(begun.token)).turn == 1


@pytest.mark.parametrize("conversation", ["", "x", "999-" + "a" * 22, "000-" + "a" * 21 + "/", "000-*"])
def test_what_cannot_be_an_id_never_reaches_redis(conversation: str) -> None:
    with pytest.raises(keys.UnknownConversation):
        keys.part(conversation, "meta")


def test_a_held_conversation_is_not_given_to_a_second_runner(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="one"))
    claim("first")

    posted = inbox.post(begun.id, Message("m2", text="two"))

    assert not posted.wake
    assert leases.next_claim(SHARD, owner="second", park=False) == "nothing"


def test_messages_of_a_conversation_are_answered_in_order_and_others_get_their_turn_between(store: redis.Redis) -> None:
    busy, other = begin(), begin()
    for number in (1, 2):
        inbox.post(busy.id, Message(f"m{number}", text=str(number)))
    first = claim()
    inbox.post(other.id, Message("m1", text="other"))

    second = leases.commit(first, change(), go_on=True).claim
    assert second
    third = leases.commit(second, change(), go_on=True).claim
    assert third

    assert [(c.conversation, c.message.text) for c in (first, second, third)] == [
        (busy.id, "1"),
        (other.id, "other"),
        (busy.id, "2"),
    ]


def test_a_commit_shows_variables_state_and_messages_at_once(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))

    leases.commit(
        claim(), change(written={"name": b'"Ada"'}, deleted=["city"], fields={"state": "{}"}, log=["{}"]), go_on=False
    )

    assert sessions.variables(begun.id) == {"name": "Ada"}
    assert [(e.id, e.event) for e in sessions.entries(begun.id)] == [
        ("1-0", "consumer"),
        ("1-1", "message"),
        ("1-2", "turn"),
    ]
    assert len(sessions.log(begun.id)) == 1


def test_a_runner_that_lost_its_lease_writes_nothing(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    slow = claim("slow")
    lose_time(store, begun.id)
    leases.reap(SHARD)
    fresh = claim("fresh")

    refused = leases.commit(slow, change(written={"name": b'"slow"'}), go_on=False)
    leases.commit(fresh, change(written={"name": b'"fresh"'}), go_on=False)

    assert refused.refused
    assert fresh.attempts == 2
    assert sessions.variables(begun.id)["name"] == "fresh"
    assert [e.event for e in sessions.entries(begun.id)] == ["consumer", "message", "turn"]


def test_a_lease_is_renewed_for_its_owner_only(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    claim("mine")
    lose_time(store, begun.id)

    assert leases.renew(SHARD, {begun.id: "another"}) == [begun.id]
    assert leases.renew(SHARD, {begun.id: "mine"}) == []
    assert leases.reap(SHARD) == (0, 0)


def test_a_conversation_that_a_dead_parked_runner_was_handed_comes_back(store: redis.Redis) -> None:
    begun = begin()
    assert leases.next_claim(SHARD, owner="dead", park=True) == "parked"
    assert not inbox.post(begun.id, Message("m1", text="Hi")).wake
    assert leases.next_claim(SHARD, owner="alive", park=False) == "nothing"

    lose_time(store, begun.id)

    assert leases.reap(SHARD) == (1, 1)
    assert claim("alive").conversation == begun.id


def test_a_conversation_that_waits_for_long_is_not_put_on_the_list_twice(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    lose_time(store, begun.id)

    assert leases.reap(SHARD) == (0, 1)
    assert store.llen(f"{keys.base(SHARD)}ready") == 1


def test_a_parked_runner_is_handed_the_message_and_nobody_is_woken(store: redis.Redis) -> None:
    begun = begin()
    leases.next_claim(SHARD, owner="parked", park=True)

    posted = inbox.post(begun.id, Message("m1", text="Hi"))

    assert not posted.wake
    assert store.lpop(keys.hand(SHARD, "parked")) == begun.id.encode()


def test_a_message_handed_over_while_the_runner_stops_waiting_is_still_taken(store: redis.Redis) -> None:
    begun = begin()
    leases.next_claim(SHARD, owner="parked", park=True)
    inbox.post(begun.id, Message("m1", text="Hi"))

    assert claim("parked").conversation == begun.id  # its wait timed out just before the hand-over


def test_a_parked_runner_takes_what_it_is_handed_and_parks_again_when_another_was_faster(store: redis.Redis) -> None:
    begun = begin()
    leases.next_claim(SHARD, owner="parked", park=True)
    inbox.post(begun.id, Message("m1", text="Hi"))

    found = leases.awaited_claim(SHARD, owner="parked")

    assert isinstance(found, leases.Claim)
    assert found.conversation == begun.id
    store.rpush(keys.hand(SHARD, "parked"), begun.id)
    assert leases.awaited_claim(SHARD, owner="parked") == "parked"
    assert not store.exists(keys.hand(SHARD, "parked"))


def test_a_parked_runner_that_is_told_to_end_does_not_park_again(store: redis.Redis) -> None:
    leases.next_claim(SHARD, owner="parked", park=True)
    store.rpush(keys.hand(SHARD, "parked"), "")

    assert leases.awaited_claim(SHARD, owner="parked") == "nothing"
    assert store.zcard(f"{keys.base(SHARD)}parked") == 0


def test_only_so_many_wake_ups_are_sent_ahead(store: redis.Redis) -> None:
    wakes = [inbox.post(begin().id, Message("m1", text="Hi")).wake for _ in range(70)]

    assert sum(wakes) == 64


def test_early_messages_are_not_said_again_when_the_turn_runs_again(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    hello, slow, answer = (Reply("text", {"text": text}) for text in ("Hello", "One moment", "42"))
    Voice(claim("first"), live=False).say([hello, slow])
    lose_time(store, begun.id)
    leases.reap(SHARD)

    second = Voice(claim("second"), live=False)
    second.say([hello, slow])

    assert second.unsaid([hello, slow, answer]) == [answer]
    assert second.unsaid([hello, answer]) == [answer]  # the call was quick this time
    assert second.unsaid([hello, hello, answer]) == [hello, answer]
    assert [e.event for e in sessions.entries(begun.id)] == ["consumer", "message", "message"]


def test_a_runner_that_lost_its_lease_cannot_speak(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    voice = Voice(claim("slow"), live=False)
    lose_time(store, begun.id)
    leases.reap(SHARD)

    with pytest.raises(LostLease):
        voice.say([Reply("text", {"text": "One moment"})])
