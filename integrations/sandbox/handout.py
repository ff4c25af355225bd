"""Who gets which child: first come, first served, and one key never holds all. Knows nothing of what is handed out."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Thing]):
    """granted: a lock that is held until then, only where there is something to wait for; an event costs ten times as
    much."""

    key: str
    granted: threading.Lock | None = None
    thing: Thing | None = None


class Handout(Generic[Thing]):
    """Lends each thing to one holder at a time; a key may hold all but one of them (the only one, if there is one)."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self._free: deque[tuple[Thing, str | None]] = deque((thing, None) for thing in things)
        self._most = max(len(things) - 1, 1)
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()
        self._queue: deque[_Waiting[Thing]] = deque()

    @contextmanager
    def lend(self, key: str) -> Iterator[Thing]:
        """Wait for a thing, in turn, and give it back at the end."""
        waiting: _Waiting[Thing] = _Waiting(key)
        with self._lock:
            self._queue.append(waiting)
            self._grant()
            if waiting.thing is None:
                waiting.granted = threading.Lock()
                waiting.granted.acquire()
        try:
            if waiting.granted is not None:
                waiting.granted.acquire()
            assert waiting.thing is not None  # noqa: S101 - set before `granted`
            yield waiting.thing
        finally:  # also when the wait was interrupted
            with self._lock:
                self._give_back(waiting)
                self._grant()

    def _give_back(self, waiting: _Waiting[Thing]) -> None:
        if waiting.thing is None:
            self._queue.remove(waiting)
            return
        self._free.append((waiting.thing, waiting.key))
        self._held[waiting.key] -= 1
        if not self._held[waiting.key]:
            del self._held[waiting.key]

    def _grant(self) -> None:
        for waiting in list(self._queue):
            if not self._free:
                return
            if self._held[waiting.key] >= self._most:
                continue
            self._queue.remove(waiting)
            self._held[waiting.key] += 1
            waiting.thing = self._choose(waiting.key)
            if waiting.granted is not None:
                waiting.granted.release()

    def _choose(self, key: str) -> Thing:
        """Take the one that served this key last, as it has all that the key needs; else the one idle for longest."""
        place = next((place for place, (_, last) in enumerate(self._free) if last == key), 0)
        thing, _ = self._free[place]
        del self._free[place]
        return thing
