"""The Redis connections of this process, with limits so that a silent server never blocks a request for long."""

from __future__ import annotations

from functools import cache
from typing import Any

import redis
import redis.asyncio
from django.conf import settings
from django.core import checks
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from config import redis_version

PREFIX = "parley"
SHARD_DIGITS = 3
MOST_OF_A_PROCESS = 2_000  # connections, more than a worker has threads; the library's own limit of 100 is an error
MOST_OF_A_LOOP = 64  # a burst of requests takes turns on them

AWAY = (RedisConnectionError, RedisTimeoutError)
# It reads its file after a start; no room on its disk, none in its memory; a replica. From scripts, too.
NOT_NOW = ("LOADING", "MISCONF", "OOM", "READONLY")


@cache
def client() -> redis.Redis:
    """The pooled client for everything but blocking reads; answers or raises within about two seconds."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        health_check_interval=30,
        retry=_once_more(),
        max_connections=MOST_OF_A_PROCESS,
    )


@cache
def blocking_client() -> redis.Redis:
    """The pooled client for BLPOP and the like: its socket waits longer than any such command does."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=30,
        socket_connect_timeout=2,
        retry=_once_more(),
        max_connections=MOST_OF_A_PROCESS,
    )


def async_client() -> redis.asyncio.Redis:
    """A client for the running event loop; the caller keeps and closes it. Answers or raises like `client`."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=AsyncRetry(NoBackoff(), 1),
        max_connections=MOST_OF_A_LOOP,
        timeout=2,
    )
    return redis.asyncio.Redis.from_pool(pool)


def is_away(error: Exception) -> bool:
    """Tell whether the error means "not now" and no defect: Redis is gone, silent, or takes no writes at present."""
    return isinstance(error, AWAY) or (isinstance(error, ResponseError) and any(word in str(error) for word in NOT_NOW))


def objection() -> str:
    """Return in a sentence why the server is too old; nothing for one that will do, and for one that is away."""
    return redis_version.objection(redis_version.of(redis_version.asking(settings.REDIS_URL)))


def check(**_: Any) -> list[checks.CheckMessage]:
    """Django's system check before a deployment."""
    return [checks.Error(text, id="bots.E001") for text in filter(None, [objection()])]


def _once_more() -> Retry:
    """A pooled connection may have gone stale, so once more, at once; the library's own way waits for seconds."""
    return Retry(NoBackoff(), 1)
