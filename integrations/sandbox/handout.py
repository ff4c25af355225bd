"""Who gets which child: first come, first served, and one key never holds all. Knows nothing of what is handed out."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


@dataclass(slots=True)
class _Waiting(Generic[Thing]):
    key: str
    granted: threading.Event = field(default_factory=threading.Event)
    thing: Thing | None = None


class Handout(Generic[Thing]):
    """Lends each thing to one holder at a time; a key may hold all but one of them (the only one, if there is one)."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self._free = deque(things)
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
        waiting.granted.wait()
        thing = waiting.thing
        assert thing is not None  # noqa: S101 - set before `granted`
        try:
            yield thing
        finally:
            with self._lock:
                self._free.append(thing)
                self._held[key] -= 1
                if not self._held[key]:
                    del self._held[key]
                self._grant()

    def _grant(self) -> None:
        for waiting in list(self._queue):
            if not self._free:
                return
            if self._held[waiting.key] >= self._most:
                continue
            self._queue.remove(waiting)
            self._held[waiting.key] += 1
            waiting.thing = self._free.popleft()
            waiting.granted.set()
