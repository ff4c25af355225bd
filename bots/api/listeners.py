"""What a channel brought to one who listens, and things whose time is over: light, for there are thousands of streams.

A queue and a timer for each stream would do the same; idle streams then took twice the CPU time and memory.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from integrations.services.streams import Entry

MOST = 1_000  # entries that a slow reader may lag behind before it has to read the stream again
BEAT = Entry("", "beat", "{}")  # nothing came for so long that its reader should show that it is there
GONE = Entry("", "gone", "{}")  # whoever it was for is not there any more

# What a listener gets: an entry, or None for "read the stream, something may have been missed".
Item = Entry | None
Thing = TypeVar("Thing")


class Listener:
    """A queue with one reader, without the waiting lists of asyncio's, which take 2 kB."""

    __slots__ = ("_gone", "_unread", "_waiting", "channel")

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._unread: list[Item] = []
        self._gone = False
        self._waiting: asyncio.Future[None] | None = None

    @property
    def lags(self) -> bool:
        return bool(self._unread)

    def put(self, *items: Item) -> None:
        if len(self._unread) + len(items) > MOST:
            self._unread, items = [], (None,)
        self._unread += items
        self._wake()

    def leave(self) -> None:
        """Nobody is there any more: whatever is unread, the reader gets GONE."""
        self._gone = True
        self._wake()

    async def get(self) -> Item:
        while not self._unread and not self._gone:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return GONE if self._gone else self._unread.pop(0)

    def again(self) -> None:
        """Let the stream be read, before anything that came meanwhile but what is not kept."""
        self._unread = [*(item for item in self._unread if item and not item.id), None]

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)


class Waits(Generic[Thing]):
    """Things that each wait for equally long: the first to begin is the first whose time is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: OrderedDict[Thing, float] = OrderedDict()

    def __contains__(self, thing: Thing) -> bool:
        return thing in self._ends

    def begin(self, thing: Thing) -> None:
        """Begin, or begin anew."""
        self._ends[thing] = asyncio.get_running_loop().time() + self._seconds
        self._ends.move_to_end(thing)

    def drop(self, thing: Thing) -> None:
        self._ends.pop(thing, None)

    def over(self) -> Iterator[Thing]:
        """Yield those whose time is over; they wait no more unless they begin anew."""
        now = asyncio.get_running_loop().time()
        while self._ends and next(iter(self._ends.values())) <= now:
            yield self._ends.popitem(last=False)[0]
