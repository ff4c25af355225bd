"""An event stream as a server runs it: what it writes, what it keeps in memory, how it ends; how other answers end."""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import redis
from django.conf import settings
from starlette.types import Message, Receive, Scope, Send

from bots.api import events
from bots.api.hub import Hub
from config import redis as connections
from config.lastword import LastWord
from integrations.services import streams

KEY = "parley:test:streams"


class Client:
    """The two sides that a server gives to an application."""

    def __init__(self, *, method: str = "GET") -> None:
        self.scope: Scope = {"type": "http", "method": method}
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.put_nowait(message)

    async def text(self) -> str:
        return str((await self.sent.get())["body"].decode())


def play(story: Callable[[Hub], Awaitable[None]], *, beat: float = 15.0) -> None:
    async def run() -> None:
        hub = Hub(connections.async_client(), settings.REDIS_URL, beat=beat)
        await hub.start()
        try:
            async with asyncio.timeout(20):
                await story(hub)
        finally:
            await hub.stop()

    asyncio.run(run())


def opened(hub: Hub, client: Client) -> asyncio.Task[None]:
    stream = events.stream_response(hub, KEY, "")
    return asyncio.create_task(events.Unwound(stream)(client.scope, client.receive, client.send))


def test_a_quiet_stream_beats_with_comments_and_an_event_comes_between_them(store: redis.Redis) -> None:
    async def story(hub: Hub) -> None:
        client = Client()
        running = opened(hub, client)
        assert (await client.sent.get())["status"] == 200
        assert await client.text() == "retry: 1000\n\n"
        assert [await client.text() for _ in range(2)] == [": still here\n\n"] * 2
        await asyncio.to_thread(streams.append, KEY, event="end", data={}, ttl=60)
        while (text := await client.text()) == ": still here\n\n":
            pass
        assert "event: end\n" in text
        await running
        assert client.sent.get_nowait()["more_body"] is False
        assert hub.listeners == 0

    play(story, beat=0.01)


def test_a_stream_ends_when_its_client_is_gone_also_while_nothing_happens(store: redis.Redis) -> None:
    async def story(hub: Hub) -> None:
        client = Client()
        running = opened(hub, client)
        await client.sent.get()
        await client.sent.get()
        assert hub.listeners == 1
        client.gone.set()
        await running
        assert hub.listeners == 0

    play(story)


def test_a_head_of_a_stream_is_answered_and_nothing_stays_open(store: redis.Redis) -> None:
    async def story(hub: Hub) -> None:
        client = Client(method="HEAD")
        await opened(hub, client)
        assert [(await client.sent.get())["type"] for _ in range(2)] == ["http.response.start", "http.response.body"]
        assert hub.listeners == 0

    play(story)


def test_an_open_stream_holds_nothing_of_what_led_to_it(store: redis.Redis) -> None:
    class Held:
        """Stands for requests and middleware."""

    kept: list[weakref.ref[Held]] = []

    async def story(hub: Hub) -> None:
        async def routes(scope: Scope, receive: Receive, send: Send) -> None:
            held = Held()
            kept.append(weakref.ref(held))
            await events.stream_response(hub, KEY, "")(scope, receive, send)

        client = Client()
        running = asyncio.create_task(events.Unwound(routes)(client.scope, client.receive, client.send))
        await client.sent.get()
        assert kept[0]() is None
        assert client.scope == {"type": "http", "method": "GET"}
        client.gone.set()
        await running

    play(story)


def test_the_last_part_of_an_answer_is_sent_without_what_the_page_left_in_its_context() -> None:
    left = contextvars.ContextVar("left", default="")
    seen: list[tuple[str, Any]] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        left.set("by the page")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})
        seen.append((left.get(), "the page goes on"))

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        seen.append((left.get(), message.get("body")))

    asyncio.run(LastWord(page)({"type": "http"}, Client().receive, send))

    told = "by the page"
    assert seen == [(told, None), (told, b"one"), ("", b"two"), (told, "the page goes on")]
