"""One Redis subscription a web process, handed on to all open event streams of that process.

Knows channels and entries; knows nothing of conversations, tokens or HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import redis.asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from bots.api.listeners import BEAT, GONE, Item, Listener, Waits
from config import redis_line
from config.redis_line import Wire
from integrations.services import streams
from integrations.services.streams import Entry

log = logging.getLogger(__name__)

IDLE_CHANNEL = "parley:hub"
LINGER_SECONDS = 30.0  # a channel stays subscribed that long after its last listener: a chat comes back soon
PAUSE_SECONDS = 0.5
AWAY, BACK = (Entry("", "outage", f'{{"away":{away}}}') for away in ("true", "false"))
READY_SECONDS = 2.0
BEAT_SECONDS = 15.0  # of a stream; those of many are looked after together, so some wait one thirtieth longer
PING_SECONDS = 10.0


class Hub:
    """Subscribes to a channel while somebody listens to it."""

    def __init__(self, client: redis.asyncio.Redis, url: str, *, beat: float = BEAT_SECONDS) -> None:
        self.redis = client
        self._url = url
        self._wire: Wire | None = None
        self._silent = False
        self._listeners: dict[str, set[Listener]] = {}
        self._confirmed: set[str] = set()
        self._away = False
        self._beat = beat
        self._quiet: Waits[Listener] = Waits(beat)
        self._left: Waits[str] = Waits(LINGER_SECONDS)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._tend())]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._wire:
            self._wire.close()
        await self.redis.aclose()

    @property
    def listeners(self) -> int:
        return sum(map(len, self._listeners.values()))

    @contextlib.contextmanager
    def listen(self, channel: str, *, beats: bool = False) -> Iterator[Listener]:
        """Yield a listener whose first item is a None: from then on nothing that is published is missed.

        beats: BEAT comes whenever nothing else came for a while.
        """
        listener = Listener(channel)
        known = channel in self._listeners
        self._listeners.setdefault(channel, set()).add(listener)
        self._left.drop(channel)
        if beats:
            self._quiet.begin(listener)
        if channel in self._confirmed:
            listener.put(None)
        elif not known:
            self._tell("SUBSCRIBE", channel)
        try:
            yield listener
        finally:
            self._quiet.drop(listener)
            self._listeners[channel].discard(listener)
            if not self._listeners[channel]:
                self._left.begin(channel)

    async def subscribed(self, channel: str) -> None:
        """Wait until nothing that is published there is missed; where Redis is slow, not for long."""
        if channel in self._confirmed:
            return
        with self.listen(channel) as listener, contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                await listener.get()

    async def follow(self, listener: Listener, *, after: str = "") -> AsyncGenerator[Entry, None]:
        """Yield the kept entries after that id, then the live ones, in order and each once, until nobody is there."""
        last = after
        while (item := await listener.get()) is not GONE:
            batch = await self._missed(listener, last) if item is None else [item]
            for entry in batch:
                if not entry.id:
                    yield entry
                elif entry.position > streams.position(last):
                    last = entry.id
                    yield entry

    async def _missed(self, listener: Listener, last: str) -> list[Entry]:
        """Read what may have been missed; where Redis is away, later, before anything that came after it."""
        try:
            return await self.read(listener.channel, after=last)
        except (RedisError, OSError):
            await asyncio.sleep(PAUSE_SECONDS)
            listener.again()
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

    async def _tend(self) -> None:
        """Let quiet listeners beat and channels go that nobody listens to: one timer for all of them."""
        while True:
            await asyncio.sleep(self._beat / 30)
            for listener in self._quiet.over():
                if not listener.lags:  # one that lags has enough to send
                    listener.put(BEAT)
                self._quiet.begin(listener)
            for channel in self._left.over():
                self._leave(channel)

    async def _watch(self, wire: Wire) -> None:
        """Raise when the connection has ended, or is silent: then nobody answers to a ping either."""
        while not wire.lost:
            self._silent = True
            wire.tell("PING")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_SECONDS):
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
                self._put(channel.decode(), *streams.published(data))
            case [b"subscribe", channel, _]:
                name = channel.decode()
                self._confirmed.add(name)
                self._say(away=False)
                self._put(name, None)
            case RedisError() if self._wire:  # it is still starting, or the user may not subscribe
                self._wire.close()

    def _say(self, *, away: bool) -> None:
        """Tell all who listen, once, that nothing can come at the moment, or that it can again."""
        if away == self._away:
            return
        self._away = away
        for channel in self._listeners:
            self._put(channel, AWAY if away else BACK)

    def _put(self, channel: str, *items: Item) -> None:
        for listener in self._listeners.get(channel, ()):
            listener.put(*items)
            if listener in self._quiet:
                self._quiet.begin(listener)

    def _leave(self, channel: str) -> None:
        if self._listeners.pop(channel, None) is not None and channel in self._confirmed:
            self._confirmed.discard(channel)
            self._tell("UNSUBSCRIBE", channel)
