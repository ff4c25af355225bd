"""How often somebody may do something: counters in Redis, each for some time; without Redis, in this process."""

from __future__ import annotations

import threading
import time
from typing import Any

from redis.exceptions import RedisError

from config import redis

SECONDS = 60
MOST_COUNTED_HERE = 10_000

_here: dict[str, tuple[int, float]] = {}  # what -> how often, and when that is forgotten
_lock = threading.Lock()


class TooOften(Exception):
    """The share of this stretch of time is used up; says when to come back."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("Too many requests in this minute.")
        self.retry_after = retry_after


def count(what: str, *, most: int, seconds: int = SECONDS) -> None:
    """Count one more; raises TooOften, RedisError."""
    key = _key(what)
    pipeline: Any = redis.client().pipeline()
    pipeline.set(key, 0, ex=seconds, nx=True)
    pipeline.incr(key)
    pipeline.ttl(key)
    _, number, left = pipeline.execute()
    if number > most:
        raise TooOften(retry_after=max(1, left))


def count_anyway(what: str, *, most: int, seconds: int = SECONDS) -> None:
    """The same for what must stay possible, and limited, while Redis is away: each process counts for itself."""
    try:
        count(what, most=most, seconds=seconds)
    except RedisError:
        _count_here(what, most=most, seconds=seconds)


def forgive(*whats: str) -> None:
    """Take one back from each counter."""
    with _lock:
        for what in whats:
            number, until = _here.get(what, (0, 0.0))
            _here[what] = (max(0, number - 1), until)
    try:
        for what in whats:
            redis.client().eval(_ONE_LESS, 1, _key(what))
    except RedisError:
        return  # its minutes end it as well


def forget_here() -> None:
    """Forget what this process counted by itself."""
    _here.clear()


def _count_here(what: str, *, most: int, seconds: int) -> None:
    now = time.monotonic()
    with _lock:
        if len(_here) >= MOST_COUNTED_HERE:
            _forget_the_past(now)
        number, until = _here.get(what, (0, 0.0))
        number, until = (number + 1, until) if until > now else (1, now + seconds)
        _here[what] = (number, until)
    if number > most:
        raise TooOften(retry_after=max(1, round(until - now)))


def _forget_the_past(now: float) -> None:
    """Make room: what is over goes, and where that is not enough, what ends first."""
    for what in [what for what, (_, until) in _here.items() if until <= now]:
        del _here[what]
    for what in sorted(_here, key=lambda each: _here[each][1])[: len(_here) - MOST_COUNTED_HERE // 2]:
        del _here[what]


def _key(what: str) -> str:
    return f"{redis.PREFIX}:rate:{what}"


_ONE_LESS = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then
  redis.call('DECR', KEYS[1])
end
"""
