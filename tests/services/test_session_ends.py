"""How sessions are reset, end and expire, and what is refused, against a real Redis."""

from __future__ import annotations

import json

import pytest
import redis

from bots.runtime import inbox, keys, leases, sessions
from bots.runtime.inbox import Message
from bots.runtime.sessions import Opening
from integrations.services import streams
from tests.services.session_steps import SHARD, begin, change, claim
from tests.torture import clocks

LONGEST = 600 * 17 // 16  # seconds that the parts of a session may last


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
    assert listener.get_message(timeout=30)  # the subscription stands

    sessions.end(begun.id)

    published = [m for _ in range(2) if (m := listener.get_message(timeout=1)) and m["type"] == "message"]
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
    assert_parts_outlive_the_session(left)


def test_parts_are_pushed_forward_before_they_end_and_not_each_time(store: redis.Redis) -> None:
    begun = begin()
    left = []
    for number in range(5):
        clocks.jump(store, seconds=15)
        inbox.post(begun.id, Message(f"m{number}", text="Hi"))
        leases.commit(claim(), change(log=["[]"]), go_on=False)
        names = ("meta", "vars", "seen", "stream", "log")
        left.append({name: store.ttl(keys.part(begun.id, name)) for name in names})
        assert_parts_outlive_the_session(left[-1])

    assert [round(parts["stream"] / 5) * 5 for parts in left] == [635, 620, 605, 635, 620]


def test_a_first_variable_of_a_later_turn_ends_with_the_session(store: redis.Redis) -> None:
    begun = begin()
    for number, changes in enumerate(({"deleted": ["city"]}, {"written": {"city": b'"Bonn"'}})):
        inbox.post(begun.id, Message(f"m{number}", text="Hi"))
        leases.commit(claim(), change(log=["[]"], **changes), go_on=False)

    assert 600 <= store.ttl(keys.part(begun.id, "vars")) <= LONGEST


def test_what_is_said_after_a_reset_ends_with_the_session(store: redis.Redis) -> None:
    begun = begin()
    for number in range(2):
        inbox.post(begun.id, Message(f"m{number}", text="Hi"))
        leases.commit(claim(), change(log=["[]"], written={"city": b"1"}), go_on=False)
        left = {key.decode().rsplit(":", 1)[1]: store.ttl(key) for key in store.scan_iter(f"*c:{begun.id}:*")}
        assert_parts_outlive_the_session(left)
        sessions.reset(begun.id, sessions.opening(begun.id), variables={})


def assert_parts_outlive_the_session(left: dict[str, int]) -> None:
    assert 590 < left["meta"] <= 600, left
    assert all(left["meta"] <= seconds <= LONGEST for seconds in left.values()), left


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
    half_a_minute_ago = store.time()[0] * 1000 - 30_000
    store.hset(keys.part(begun.id, "meta"), mapping={"minute": half_a_minute_ago, "count": inbox.MOST_A_MINUTE})

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


def test_what_a_message_makes_new_ends_with_its_session(store: redis.Redis) -> None:
    begun = begin()

    inbox.post(begun.id, Message("m1", text="Hi"))

    assert_parts_outlive_the_session({name: store.ttl(keys.part(begun.id, name)) for name in ("meta", "inbox", "seen")})


def test_a_message_near_the_end_of_its_session_pushes_every_part_forward(store: redis.Redis) -> None:
    begun = begin()
    for name in ("meta", "vars"):
        store.expire(keys.part(begun.id, name), 5)

    inbox.post(begun.id, Message("m1", text="Hi"))

    parts = ("meta", "vars", "inbox", "seen")
    assert_parts_outlive_the_session({name: store.ttl(keys.part(begun.id, name)) for name in parts})


def test_a_turn_may_change_more_variables_than_a_script_of_redis_takes_at_once(store: redis.Redis) -> None:
    begun = begin()
    names = [f"v{number}" for number in range(9_000)]
    inbox.post(begun.id, Message("m1", text="Hi"))
    leases.commit(claim(), change(written=dict.fromkeys(names, b"1")), go_on=False)
    many = store.hlen(keys.part(begun.id, "vars"))
    inbox.post(begun.id, Message("m2", text="Hi"))

    leases.commit(claim(), change(deleted=names), go_on=False)

    assert (many, store.hkeys(keys.part(begun.id, "vars"))) == (9_001, [b"city"])
