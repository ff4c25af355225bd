"""Event streams: the hub that fans one subscription out, what is replayed, what a client sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import redis
from django.conf import settings as configuration
from pytest_django import Settings

from bots.api import events
from bots.api.hub import Hub
from bots.api.listeners import BEAT, MOST
from config import redis as connections
from integrations.services import streams
from integrations.services.streams import Entry
from tests.redis_server import RedisServer

KEY = "parley:test:events"


@asynccontextmanager
async def hub(**options: float) -> AsyncIterator[Hub]:
    running = Hub(connections.async_client(), configuration.REDIS_URL, **options)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


def in_loop(story: Callable[[Hub], Awaitable[None]], **options: float) -> None:
    async def run() -> None:
        async with hub(**options) as running, asyncio.timeout(20):
            await story(running)

    asyncio.run(run())


async def follow(running: Hub, channel: str = KEY, *, after: str = "", beats: bool = False) -> AsyncIterator[Entry]:
    with running.listen(channel, beats=beats) as listener:
        async for entry in running.follow(listener, after=after):
            yield entry


def append(number: int) -> str:
    return streams.append(KEY, event="step", data={"n": number}, ttl=60)


async def take(source: AsyncIterator[Entry], count: int) -> list[str]:
    return [(await anext(source)).data for _ in range(count)]


def numbers(*values: int) -> list[str]:
    return [f'{{"n":{value}}}' for value in values]


def test_a_reader_gets_what_was_and_what_comes(store: redis.Redis) -> None:
    append(1)

    async def story(running: Hub) -> None:
        source = follow(running)
        assert await take(source, 1) == numbers(1)
        append(2)
        assert await take(source, 1) == numbers(2)

    in_loop(story)


def test_many_readers_of_many_channels_may_come_before_the_first_connection_stands(store: redis.Redis) -> None:
    async def story(running: Hub) -> None:
        waiting = [asyncio.ensure_future(take(follow(running, f"{KEY}:{n}"), 1)) for n in range(50)]
        await asyncio.sleep(0.1)
        for n in range(50):
            streams.append(f"{KEY}:{n}", event="step", data={"n": n}, ttl=60)
        assert await asyncio.gather(*waiting) == [numbers(n) for n in range(50)]

    in_loop(story)


def test_a_reader_that_comes_back_gets_only_what_it_missed(store: redis.Redis) -> None:
    first = append(1)
    append(2)

    async def story(running: Hub) -> None:
        source = follow(running, after=first)
        append(3)
        assert await take(source, 2) == numbers(2, 3)

    in_loop(story)


def test_two_readers_of_a_channel_share_one_subscription(store: redis.Redis) -> None:
    async def story(running: Hub) -> None:
        one, two = follow(running), follow(running)
        first = asyncio.ensure_future(take(one, 1))
        second = asyncio.ensure_future(take(two, 1))
        while dict(store.pubsub_numsub(KEY)).get(KEY.encode()) != 1:
            await asyncio.sleep(0)
        append(1)
        assert await first == await second == numbers(1)
        assert dict(store.pubsub_numsub(KEY))[KEY.encode()] == 1

    in_loop(story)


def test_a_reader_misses_nothing_when_the_subscription_breaks(store: redis.Redis) -> None:
    append(1)

    async def story(running: Hub) -> None:
        source = follow(running)
        assert await take(source, 1) == numbers(1)
        store.client_kill_filter(_type="pubsub")
        append(2)
        assert await take(source, 1) == numbers(2)

    in_loop(story)


def test_a_reader_that_lags_far_behind_reads_the_stream_again(store: redis.Redis) -> None:
    append(0)

    async def story(running: Hub) -> None:
        source = follow(running)
        assert await take(source, 1) == numbers(0)
        count = MOST + 50
        for number in range(1, count):
            append(number)
        await asyncio.sleep(0.2)  # the hub receives while the reader does not read
        assert await take(source, count - 1) == numbers(*range(1, count))

    in_loop(story)


def test_an_idle_subscription_outlives_the_limits_of_other_commands(store: redis.Redis) -> None:
    async def story(running: Hub) -> None:
        source = follow(running)
        waiting = asyncio.ensure_future(take(source, 1))
        await asyncio.sleep(2.5)  # longer than the socket's two seconds
        append(1)
        assert await waiting == numbers(1)

    in_loop(story)


def test_readers_are_told_once_that_the_store_is_away_and_once_that_it_is_back(settings: Settings) -> None:
    server = RedisServer().start()
    settings.REDIS_URL = server.url
    connections.client.cache_clear()
    told: list[str] = []

    async def story(running: Hub) -> None:
        append(1)
        source = follow(running)
        assert await take(source, 1) == numbers(1)
        server.kill()
        told.extend(await take(source, 1))
        await asyncio.to_thread(server.start)
        told.extend(await take(source, 1))

    try:
        in_loop(story)
    finally:
        server.remove()
        connections.client.cache_clear()
    assert told == ['{"away":true}', '{"away":false}']


def test_a_frame_carries_id_name_and_data_in_one_line_each(store: redis.Redis) -> None:
    text = events.frame(Entry("3-1", "message", '{"text":"a\\nb"}'))

    assert text == 'id: 3-1\nevent: message\ndata: {"id":"3-1","text":"a\\nb"}\n\n'
    assert events.frame(Entry("", "typing", '{"turn":3}')) == 'event: typing\ndata: {"turn":3}\n\n'
    assert Entry("1-1", "reset", "{}").body == '{"id":"1-1"}'


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1-", "-1", "1-x", "٣-١", "1-" + "9" * 50, "9" * 20 + "-1", "18446744073709551616-0"]
)
def test_what_is_no_id_stands_before_everything(text: str) -> None:
    assert streams.position(text) == (-1, -1)


def test_a_channel_that_stands_misses_nothing_that_is_not_kept(store: redis.Redis) -> None:
    async def story(running: Hub) -> None:
        await running.subscribed(KEY)
        source = follow(running)
        coming = asyncio.ensure_future(anext(source))
        await asyncio.sleep(0)
        store.publish(KEY, '- typing {"turn":1}')
        assert (await coming).event == "typing"

    in_loop(story)


def test_who_waits_only_so_long_is_told_that_nothing_came_and_misses_nothing_after_it(
    store: redis.Redis,
) -> None:
    append(1)

    async def story(running: Hub) -> None:
        source = follow(running, beats=True)
        for number in (1, 2):
            while (entry := await anext(source)) is BEAT:  # also before the first one, on a busy machine
                pass
            assert entry.data == numbers(number)[0]
            assert await anext(source) is await anext(source) is BEAT
            if number == 1:
                append(2)

    in_loop(story, beat=0.01)


def test_who_lags_behind_gets_no_beats_on_top(store: redis.Redis) -> None:
    async def story(running: Hub) -> None:
        with running.listen(KEY, beats=True) as slow, running.listen(KEY, beats=True) as quick:
            assert await slow.get() is await quick.get() is None
            assert await slow.get() is await quick.get() is BEAT
            append(1)
            while (await quick.get()) is BEAT:
                pass
            assert [await quick.get() for _ in range(3)] == [BEAT] * 3
            while (item := await slow.get()) is BEAT:
                pass
            assert item and item.data == numbers(1)[0]
            assert not slow.lags

    in_loop(story, beat=0.01)


def test_a_reader_that_has_left_is_told_so_whatever_is_unread(store: redis.Redis) -> None:
    async def story(running: Hub) -> None:
        with running.listen(KEY) as listener:
            listener.leave()
            listener.put(*[Entry("", "typing", "{}")] * MOST)
            listener.put(None)
            assert [entry async for entry in running.follow(listener)] == []
        assert running.listeners == 0

    in_loop(story)


def test_a_channel_is_left_some_time_after_its_last_listener_and_not_while_there_is_one(
    store: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.api.hub.LINGER_SECONDS", 0.0)

    async def story(running: Hub) -> None:
        with running.listen(KEY) as staying:
            with running.listen(KEY) as other:
                assert await staying.get() is await other.get() is None
            with running.listen(KEY + ":2") as last:
                assert await last.get() is None
            while dict(store.pubsub_numsub(KEY + ":2")).get(f"{KEY}:2".encode()):
                await asyncio.sleep(0.01)
            append(1)
            item = await staying.get()
            assert item and item.data == numbers(1)[0]

    in_loop(story, beat=0.3)
