"""One Redis subscription a web process, handed on to all open event streams of that process.

Knows channels and entries; knows nothing of conversations, tokens or HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import redis.asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from config import redis_line
from config.redis_line import Wire
from integrations.services import streams
from integrations.services.streams import Entry

log = logging.getLogger(__name__)

IDLE_CHANNEL = "parley:hub"
QUEUE = 1_000  # entries that a slow reader may lag behind before it has to read the stream again
LINGER_SECONDS = 30.0  # a channel stays subscribed that long after its last listener: a chat comes back soon
PAUSE_SECONDS = 0.5
AWAY, BACK = (Entry("", "outage", f'{{"away":{away}}}') for away in ("true", "false"))
BEAT = Entry("", "beat", "{}")  # nothing came for as long as the listener wanted to wait
READY_SECONDS = 2.0
BEAT_SECONDS = 10.0

# What a listener gets: an entry, or None for "read the stream, something may have been missed".
Item = Entry | None


class Hub:
    """Subscribes to a channel while somebody listens to it."""

    def __init__(self, client: redis.asyncio.Redis, url: str) -> None:
        self.redis = client
        self._url = url
        self._wire: Wire | None = None
        self._silent = False
        self._listeners: dict[str, set[asyncio.Queue[Item]]] = {}
        self._confirmed: set[str] = set()
        self._away = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._wire:
            self._wire.close()
        await self.redis.aclose()

    @property
    def listeners(self) -> int:
        return sum(map(len, self._listeners.values()))

    @contextlib.asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[asyncio.Queue[Item]]:
        """Yield a queue whose first item is a None: from then on nothing that is published is missed."""
        queue: asyncio.Queue[Item] = asyncio.Queue(QUEUE)
        known = channel in self._listeners
        self._listeners.setdefault(channel, set()).add(queue)
        if channel in self._confirmed:
            queue.put_nowait(None)
        elif not known:
            self._tell("SUBSCRIBE", channel)
        try:
            yield queue
        finally:
            self._listeners[channel].discard(queue)
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._leave, channel)

    async def subscribed(self, channel: str) -> None:
        """Wait until nothing that is published there is missed; where Redis is slow, not for long."""
        if channel in self._confirmed:
            return
        async with self.listen(channel) as queue:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(READY_SECONDS):
                    await queue.get()

    async def follow(self, channel: str, *, after: str = "", beat: float | None = None) -> AsyncGenerator[Entry, None]:
        """Yield the kept entries after that id, then the live ones, in order and each once. Never ends by itself.

        beat: seconds without an entry after which BEAT comes.
        """
        last = after
        async with self.listen(channel) as queue:
            while True:
                item = await _next(queue, beat)
                batch = await self._missed(channel, last, queue) if item is None else [item]
                for entry in batch:
                    if not entry.id:
                        yield entry
                    elif entry.position > streams.position(last):
                        last = entry.id
                        yield entry

    async def _missed(self, channel: str, last: str, queue: asyncio.Queue[Item]) -> list[Entry]:
        """Read what may have been missed; where Redis is away, later, before anything that came after it."""
        try:
            return await self.read(channel, after=last)
        except (RedisError, OSError):
            await asyncio.sleep(PAUSE_SECONDS)
            for item in [*(item for item in _empty(queue) if item and not item.id), None]:
                queue.put_nowait(item)
            return []

    async def read(self, channel: str, *, after: str = "") -> list[Entry]:
        return streams.entries(await self.redis.xrange(channel, min=streams.since(after)))

    async def _run(self) -> None:
        while True:
            try:
                self._wire = await redis_line.subscription(self._url, self._hand_on)
                self._tell("SUBSCRIBE", IDLE_CHANNEL, *self._listeners)
                await self._watch(self._wire)
            except (RedisError, OSError) as error:
                stood = bool(self._confirmed)
                self._confirmed.clear()
                if stood:  # a broken connection alone is no outage: once more, at once
                    continue
                log.warning("Redis does not answer, event streams wait: %s", error)
                self._say(away=True)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _watch(self, wire: Wire) -> None:
        """Raise when the connection has ended, or is silent: then nobody answers to a ping either."""
        while not wire.lost:
            self._silent = True
            wire.tell("PING")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await wire.ended.wait()
            if self._silent:
                self._confirmed.clear()
                wire.close()
        raise RedisConnectionError("the subscription's connection was lost")

    def _tell(self, *command: str) -> None:
        """Send a command; where the connection is lost, the loop subscribes to everything once Redis is back."""
        if self._wire:
            self._wire.tell(*command)

    def _hand_on(self, told: Any) -> None:
        self._silent = False
        match told:
            case [b"message", channel, data]:
                self._put(channel.decode(), streams.published(data))
            case [b"subscribe", channel, _]:
                name = channel.decode()
                self._confirmed.add(name)
                self._say(away=False)
                self._put(name, [None])
            case RedisError() if self._wire:  # it is still starting, or the user may not subscribe
                self._wire.close()

    def _say(self, *, away: bool) -> None:
        """Tell all who listen, once, that nothing can come at the moment, or that it can again."""
        if away == self._away:
            return
        self._away = away
        for channel in self._listeners:
            self._put(channel, [AWAY if away else BACK])

    def _put(self, channel: str, items: Sequence[Item]) -> None:
        for queue in self._listeners.get(channel, ()):
            if queue.qsize() + len(items) > QUEUE:
                _empty(queue)
                queue.put_nowait(None)
                continue
            for item in items:
                queue.put_nowait(item)

    def _leave(self, channel: str) -> None:
        if self._listeners.get(channel):
            return
        if self._listeners.pop(channel, None) is not None and channel in self._confirmed:
            self._confirmed.discard(channel)
            self._tell("UNSUBSCRIBE", channel)


async def _next(queue: asyncio.Queue[Item], beat: float | None) -> Item:
    if not queue.empty():
        return queue.get_nowait()
    try:
        async with asyncio.timeout(beat):
            return await queue.get()
    except TimeoutError:
        return BEAT


def _empty(queue: asyncio.Queue[Item]) -> list[Item]:
    return [queue.get_nowait() for _ in range(queue.qsize())]
