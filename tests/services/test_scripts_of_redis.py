"""The connections on which Lua scripts are called."""

from __future__ import annotations

import threading

import redis

from bots.runtime import scripts

UNKNOWN = "000-nobody"


def end_in_a_thread_of_its_own() -> list[object]:
    """Call a script as a request of a page does: in a thread that is over with the request."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(scripts.run("end", 0, UNKNOWN, "")))
    thread.start()
    thread.join(20)
    return found


def test_a_thread_for_each_request_does_not_use_up_the_connections_of_the_process(store: redis.Redis) -> None:
    assert end_in_a_thread_of_its_own() == [0]
    before = store.info("clients")["connected_clients"]
    made = store.info("stats")["total_connections_received"]

    assert [end_in_a_thread_of_its_own() for _ in range(50)] == [[0]] * 50

    assert store.info("clients")["connected_clients"] == before
    assert store.info("stats")["total_connections_received"] == made


def test_connections_that_have_gone_stale_are_made_anew(store: redis.Redis) -> None:
    store.script_flush()
    inside = threading.Barrier(4)

    def both() -> None:
        inside.wait(20)
        scripts.run("end", 0, UNKNOWN, "")

    threads = [threading.Thread(target=both) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    store.client_kill_filter(_type="normal", skipme=True)

    assert [scripts.run("end", 0, UNKNOWN, "") for _ in range(6)] == [0] * 6


def test_who_waits_gets_what_is_put_on_a_list_also_after_its_connection_broke_and_nothing_when_nothing_comes(
    store: redis.Redis,
) -> None:
    found = [scripts.wait("parley:test:hand", seconds=0.01)]
    store.client_kill_filter(_type="normal", skipme=True)
    store.rpush("parley:test:hand", "first", "second")

    found += [scripts.wait("parley:test:hand", seconds=5) for _ in range(2)]

    assert found == [None, b"first", b"second"]
