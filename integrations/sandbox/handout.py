"""Who gets which child: first come, first served, and one key never holds all. Knows nothing of what is handed out."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
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

    def take(self, key: str) -> Thing:
        """Wait for a thing, in turn. Whoever gets one gives it back, whatever happens."""
        with self._lock:
            if not self._queue and self._free and self._held.get(key, 0) < self._most:  # mostly nobody waits
                return self._hand_out(key)
            waiting: _Waiting[Thing] = _Waiting(key)
            self._queue.append(waiting)
            self._grant()
            if waiting.thing is None:
                waiting.granted = threading.Lock()
                waiting.granted.acquire()
        try:
            if waiting.granted is not None:
                waiting.granted.acquire()
            assert waiting.thing is not None  # noqa: S101 - set before `granted`
            return waiting.thing
        except BaseException:  # the wait was interrupted
            self._leave(waiting)
            raise

    def give_back(self, thing: Thing, key: str) -> None:
        with self._lock:
            self._free.append((thing, key))
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]
            if self._queue:
                self._grant()

    def _leave(self, waiting: _Waiting[Thing]) -> None:
        with self._lock:
            if waiting.thing is None:
                self._queue.remove(waiting)
                return
        self.give_back(waiting.thing, waiting.key)

    def _grant(self) -> None:
        for waiting in list(self._queue):
            if not self._free:
                return
            if self._held.get(waiting.key, 0) >= self._most:
                continue
            self._queue.remove(waiting)
            waiting.thing = self._hand_out(waiting.key)
            if waiting.granted is not None:
                waiting.granted.release()

    def _hand_out(self, key: str) -> Thing:
        self._held[key] += 1
        return self._choose(key)

    def _choose(self, key: str) -> Thing:
        """Take the one that served this key last, as it has all that the key needs; else the one idle for longest."""
        for place, (thing, last) in enumerate(self._free):
            if last == key:
                del self._free[place]
                return thing
        return self._free.popleft()[0]
