"""The context service's global and user scopes against a real Redis."""

from __future__ import annotations

import redis

from bots.runtime import contexts, keys

SIZE = {"action": "set", "scope": "user", "namespace": "shop", "key": "size"}


def write(action: str, scope: str, key: str = "", value: object = None, **more: object) -> None:
    operation = {"action": action, "scope": scope, "namespace": "shop", "key": key, "value": value, **more}
    contexts.apply(1, [operation], consumer="ada")


def test_values_keep_their_type_and_their_scope(store: redis.Redis) -> None:
    write("set", "global", "open", value=True)
    write("set", "user", "size", value=42)

    assert contexts.load(1, consumer="ada") == {"global": {"shop": {"open": True}}, "user": {"shop": {"size": "42"}}}
    assert contexts.load(1, consumer="bob") == {"global": {"shop": {"open": True}}, "user": {}}
    assert contexts.load(2, consumer="ada") == {"global": {}, "user": {}}


def test_a_consumer_without_an_id_has_no_user_scope(store: redis.Redis) -> None:
    contexts.apply(1, [{"action": "set", "scope": "user", "namespace": "n", "key": "k", "value": 1}], consumer="")

    assert contexts.load(1, consumer="") == {"global": {}}


def test_deleting_a_key_a_users_keys_and_a_whole_namespace(store: redis.Redis) -> None:
    for key in ("a", "b"):
        write("set", "user", key, value=1)
        write("set", "global", key, value=1)

    write("delete", "user", "a")
    assert contexts.load(1, consumer="ada")["user"] == {"shop": {"b": "1"}}
    write("delete_all", "user")
    assert contexts.load(1, consumer="ada")["user"] == {}
    write("delete_namespace", "")
    assert contexts.load(1, consumer="ada")["global"] == {}


def test_a_registered_lifetime_holds_for_what_is_written_from_then_on(store: redis.Redis) -> None:
    write("set", "global", "old", value=1)
    write("register", "", ttl=-1)
    write("set", "global", "new", value=1)

    assert contexts.load(1, consumer="ada")["global"] == {"shop": {"old": "1"}}


def test_writes_of_a_turn_are_carried_out_in_order_and_once_they_are_committed(store: redis.Redis) -> None:
    for value in ("first", "last"):
        (entry,) = contexts.write(1, [SIZE | {"value": value}], consumer="ada")
        store.rpush(keys.outbox(0), entry)
    assert contexts.load(1, consumer="ada")["user"] == {}

    contexts.settle(0)

    assert contexts.load(1, consumer="ada")["user"] == {"shop": {"size": "last"}}
    assert store.llen(keys.outbox(0)) == 0


def test_a_damaged_write_is_dropped_and_does_not_hold_up_the_next(store: redis.Redis) -> None:
    store.rpush(keys.outbox(0), "nonsense", *contexts.write(1, [SIZE | {"value": "L"}], consumer="ada"))

    contexts.settle(0)

    assert contexts.load(1, consumer="ada")["user"] == {"shop": {"size": "L"}}


def test_a_turn_without_writes_leaves_nothing_in_the_outbox() -> None:
    assert contexts.write(1, [], consumer="ada") == []
