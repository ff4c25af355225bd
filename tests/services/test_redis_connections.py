"""The connections to Redis under bursts: with a real server."""

from __future__ import annotations

import asyncio
import threading

import pytest

from config import redis as connections

pytestmark = pytest.mark.usefixtures("store")

BURST = 300


def test_a_burst_of_requests_takes_turns_on_the_connections_of_the_web_process() -> None:
    async def story() -> list[bool]:
        client = connections.async_client()
        try:
            return await asyncio.gather(*(client.ping() for _ in range(BURST)))
        finally:
            await client.aclose()

    assert asyncio.run(story()) == [True] * BURST


def test_more_threads_than_the_librarys_hundred_may_wait_for_work_at_once() -> None:
    together, answers = threading.Barrier(BURST), []

    def ask() -> None:
        together.wait(60)
        answers.append(connections.blocking_client().blpop(["parley:test:nothing"], timeout=2))

    threads = [threading.Thread(target=ask) for _ in range(BURST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [None] * BURST
