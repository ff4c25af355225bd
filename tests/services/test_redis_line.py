"""The connection to Redis that all requests of an event loop share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import redis
from django.conf import settings
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from bots.runtime import scripts
from config.redis_line import Line


def in_loop(story: Callable[[Line], Awaitable[None]]) -> None:
    async def run() -> None:
        line = Line(settings.REDIS_URL)
        try:
            async with asyncio.timeout(20):
                await story(line)
        finally:
            line.close()

    asyncio.run(run())


def test_many_that_ask_at_once_get_each_their_own_answer(store: redis.Redis) -> None:
    async def story(line: Line) -> None:
        asked = [line.ask("ECHO", f"{number}".zfill(number)) for number in range(300)]
        assert await asyncio.gather(*asked) == [f"{number}".zfill(number).encode() for number in range(300)]

    in_loop(story)


def test_an_error_is_that_of_its_command_only(store: redis.Redis) -> None:
    async def story(line: Line) -> None:
        store.set("text", "a")
        wrong, right = line.ask("LPUSH", "text", "b"), line.ask("GET", "text")
        found = await asyncio.gather(wrong, right, return_exceptions=True)
        assert isinstance(found[0], ResponseError)
        assert "WRONGTYPE" in str(found[0])
        assert found[1] == b"a"

    in_loop(story)


def test_a_lost_connection_fails_what_waits_and_is_made_anew_for_the_next(store: redis.Redis) -> None:
    async def story(line: Line) -> None:
        number = await line.ask("CLIENT", "ID")
        waiting = asyncio.ensure_future(line.ask("BLPOP", "nothing", 0))
        await asyncio.sleep(0.05)
        store.execute_command("CLIENT", "KILL", "ID", number)
        with pytest.raises(RedisConnectionError):
            await waiting
        assert await line.ask("ECHO", "again") == b"again"

    in_loop(story)


def test_who_gives_up_leaves_no_answer_behind_for_the_next(store: redis.Redis) -> None:
    async def story(line: Line) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await line.ask("BLPOP", "nothing", 0)
        assert await line.ask("ECHO", "mine") == b"mine"

    in_loop(story)


def test_a_redis_that_is_not_there_is_told_as_such() -> None:
    async def run() -> None:
        with pytest.raises(RedisConnectionError):
            await Line("redis://127.0.0.1:1/0").ask("PING")

    asyncio.run(run())


def test_a_script_that_redis_has_forgotten_is_sent_again(store: redis.Redis) -> None:
    async def story(line: Line) -> None:
        store.script_flush()
        assert await scripts.run_async(line, "renew", 0, 1000) == []
        assert await scripts.run_async(line, "renew", 0, 1000) == []

    in_loop(story)
