"""Waits while Redis is away, for what must not be given up: the end of a turn, the answer of a call that was made."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from redis.exceptions import RedisError

from config import redis as connections

LONGEST_SECONDS = 45.0  # half a minute without Redis, and its start
PAUSE_SECONDS = 0.2

Result = TypeVar("Result")


def outlast(step: Callable[[], Result]) -> Result:
    """Take the step again until Redis answers; raises redis.RedisError when that lasts too long or waiting is no help.

    The step must be one that may be taken twice: its answer may have been lost.
    """
    give_up = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return step()
        except RedisError as error:
            if not connections.is_away(error) or time.monotonic() > give_up:
                raise
            time.sleep(PAUSE_SECONDS)
