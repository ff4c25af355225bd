"""Inbox, leases and commits against a real Redis, without any runner."""

from __future__ import annotations

import json

import pytest
import redis

from bots.engine.state import Reply
from bots.runtime import inbox, keys, leases, sessions
from bots.runtime.inbox import Message
from bots.runtime.leases import Change, Claim
from bots.runtime.sessions import Begun, Opening
from bots.runtime.voice import LostLease, Voice
from integrations.services import streams

SHARD = 0


def begin(**values: object) -> Begun:
    opening = Opening(
        bot=1, bot_key="b", organization=1, spec_ref="v:1", session_seconds=600, error_text="Oops", **values
    )
    return sessions.begin(opening, variables={"city": "Ulm"})


def claim(owner: str = "runner") -> Claim:
    found = leases.next_claim(SHARD, owner=owner, park=False)
    assert isinstance(found, Claim)
    return found


def change(**values: object) -> Change:
    values.setdefault("events", [("message", '{"text":"Hello"}'), ("turn", '{"turn":1}')])
    return Change(**values)


def lose_time(store: redis.Redis, conversation: str) -> None:
    """Let the lease, or the wait in the queue, be over."""
    store.zadd(f"{keys.base(SHARD)}active", {conversation: 1})


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

    assert claim("parked").conversation == begun.id  # its BLPOP timed out just before the hand-over


def test_only_so_many_wake_ups_are_sent_ahead(store: redis.Redis) -> None:
    wakes = [inbox.post(begin().id, Message("m1", text="Hi")).wake for _ in range(20)]

    assert sum(wakes) == 16


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


def test_reset_forgets_all_but_the_token_and_stops_the_running_turn(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    running = claim()
    inbox.post(begun.id, Message("m2", text="Ho"))

    sessions.reset(begun.id, sessions.opening(begun.id), variables={"city": "Bonn"})

    assert leases.commit(running, change(), go_on=False).refused
    assert sessions.variables(begun.id) == {"city": "Bonn"}
    assert [e.event for e in sessions.entries(begun.id)] == ["reset"]
    assert leases.next_claim(SHARD, owner="other", park=False) == "nothing"
    assert inbox.post(begun.id, Message("m3"), token_digest=sessions.digest(begun.token)).turn == 3
    assert claim().attempts == 1


def test_ids_go_on_after_a_reset_so_that_no_reader_misses_anything(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    leases.commit(claim(), change(), go_on=False)
    last = sessions.entries(begun.id)[-1].id

    sessions.reset(begun.id, sessions.opening(begun.id), variables={})
    inbox.post(begun.id, Message("m2", text="Hi"))
    claim()

    assert [e.event for e in sessions.entries(begun.id, after=last)] == ["reset", "consumer"]


def test_the_end_forgets_every_key_and_tells_the_listeners(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    running = claim()
    listener = store.pubsub()
    listener.subscribe(keys.stream(begun.id))

    sessions.end(begun.id)

    published = [m for _ in range(3) if (m := listener.get_message(timeout=1)) and m["type"] == "message"]
    assert [e.event for m in published for e in streams.published(m["data"])] == ["closed"]
    assert list(store.scan_iter(f"*{begun.id}:meta")) == []
    assert leases.commit(running, change(), go_on=False).refused
    assert list(store.scan_iter(f"*c:{begun.id}:*")) == []
    with pytest.raises(keys.UnknownConversation):
        sessions.end(begun.id)


def test_every_turn_pushes_the_end_of_the_session_forward(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    running = claim()
    for key in store.scan_iter(f"*c:{begun.id}:*"):
        store.expire(key, 5)

    leases.commit(running, change(log=["{}"]), go_on=False)

    left = {key.decode().rsplit(":", 1)[1]: store.ttl(key) for key in store.scan_iter(f"*c:{begun.id}:*")}
    assert left.keys() == {"meta", "vars", "seen", "stream", "log"} | ({"c"} & left.keys())
    assert all(500 < seconds <= 600 for seconds in left.values())


def test_a_draft_is_kept_as_long_as_a_conversation_with_it(store: redis.Redis) -> None:
    opening = Opening(
        bot=1, bot_key="b", organization=1, spec_ref="d:abc", session_seconds=600, error_text="", draft=b"spec"
    )
    begun = sessions.begin(opening, variables={})
    store.expire(keys.draft(begun.id, "abc"), 5)

    inbox.post(begun.id, Message("m1", text="Hi"))

    assert store.ttl(keys.draft(begun.id, "abc")) > 600
    assert sessions.stored_draft(begun.id, sha256="abc") == b"spec"


def test_a_conversation_that_expired_in_the_queue_is_dropped(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="Hi"))
    for key in store.scan_iter(f"*c:{begun.id}:*"):
        store.delete(key)

    assert leases.next_claim(SHARD, owner="runner", park=False) == "nothing"
    assert store.zcard(f"{keys.base(SHARD)}active") == 0


def test_a_flood_of_messages_is_refused_before_it_is_stored(store: redis.Redis) -> None:
    begun = begin()
    for number in range(inbox.MOST_WAITING):
        inbox.post(begun.id, Message(f"m{number}", text="Hi"))

    with pytest.raises(inbox.TooManyMessages):
        inbox.post(begun.id, Message("one more", text="Hi"))

    assert store.llen(keys.part(begun.id, "inbox")) == inbox.MOST_WAITING


def test_the_rate_of_a_conversation_is_limited(store: redis.Redis) -> None:
    begun = begin()
    store.set(f"{keys.base(SHARD)}rate:c:{begun.id}", inbox.MOST_A_MINUTE, ex=30)

    with pytest.raises(inbox.TooManyMessages) as refused:
        inbox.post(begun.id, Message("m1", text="Hi"))

    assert 0 < refused.value.retry_after <= 30


def test_a_lone_surrogate_stops_neither_the_inbox_nor_the_commit(store: redis.Redis) -> None:
    begun = begin()
    inbox.post(begun.id, Message("m1", text="a\ud800b"))
    found = claim()

    leases.commit(found, change(events=[("message", json.dumps({"text": "\ud800"}, ensure_ascii=False))]), go_on=False)

    assert found.message.text == "a?b"
    assert sessions.entries(begun.id)[-1].data == '{"text": "?"}'
