"""The connections on which Lua scripts are called."""

from __future__ import annotations

import threading

import pytest
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


def test_a_script_that_waits_runs_when_something_stands_on_a_list_and_when_nothing_came(store: redis.Redis) -> None:
    def end_after(seconds: float) -> object:
        return scripts.run_after("parley:test:hand", seconds, "end", 0, UNKNOWN, "")

    found = [end_after(0.01)]
    store.script_flush()
    found.append(end_after(0.01))
    store.client_kill_filter(_type="normal", skipme=True)
    store.rpush("parley:test:hand", "first", "second")
    found += [end_after(30) for _ in range(2)]

    assert found == [0] * 4
    assert store.lrange("parley:test:hand", 0, -1) == [b"first", b"second"]


def test_after_a_wait_that_was_refused_the_connection_gives_no_answer_to_another_command(store: redis.Redis) -> None:
    store.set("parley:test:no-list", "x")

    with pytest.raises(redis.ResponseError):
        scripts.run_after("parley:test:no-list", 30, "end", 0, UNKNOWN, "")

    store.rpush("parley:test:hand", "first")
    assert scripts.run_after("parley:test:hand", 30, "end", 0, UNKNOWN, "") == 0
