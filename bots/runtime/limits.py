"""How often somebody may do something: a counter in Redis for each minute."""

from __future__ import annotations

from typing import Any

from config.redis import PREFIX, client

SECONDS = 60


class TooOften(Exception):
    """The minute's share is used up; says when to come back."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("Too many requests in this minute.")
        self.retry_after = retry_after


def count(what: str, *, most: int) -> None:
    """Count one more; raises TooOften."""
    key = f"{PREFIX}:rate:{what}"
    pipeline: Any = client().pipeline()
    pipeline.set(key, 0, ex=SECONDS, nx=True)
    pipeline.incr(key)
    pipeline.ttl(key)
    _, number, seconds = pipeline.execute()
    if number > most:
        raise TooOften(retry_after=max(1, seconds))
