"""Python's garbage collector, held back from its full passes while much is made that stays.

An import makes hundreds of thousands of objects that all live until its end. Python then goes through all of them, and
through everything else in the process, three times and more, for nothing: a quarter of a large import's time. Young
garbage, such as that of turns in other threads, is collected as always.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_NEVER = 1_000_000  # collections of the middle generation before a full pass


@dataclass
class _Held:
    """Who holds it back at the moment, and what stood before the first of them."""

    number: int = 0
    before: tuple[int, int, int] = (0, 0, 0)
    lock: threading.Lock = field(default_factory=threading.Lock)


_held = _Held()


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    with _held.lock:
        if not _held.number:
            _held.before = gc.get_threshold()
            gc.set_threshold(*_held.before[:2], _NEVER)
        _held.number += 1
    try:
        yield
    finally:
        with _held.lock:
            _held.number -= 1
            if not _held.number:
                gc.set_threshold(*_held.before)
