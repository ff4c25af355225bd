"""The Redis connections of this process, with limits so that a silent server never blocks a request for long."""

from __future__ import annotations

from functools import cache

import redis
import redis.asyncio
from django.conf import settings

PREFIX = "parley"
SHARD_DIGITS = 3


@cache
def client() -> redis.Redis:
    """The pooled client for everything but blocking reads; answers or raises within about two seconds."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, health_check_interval=30
    )


@cache
def blocking_client() -> redis.Redis:
    """The pooled client for BLPOP and the like: its socket waits longer than any such command does."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=30, socket_connect_timeout=2)


def async_client() -> redis.asyncio.Redis:
    """A client for the running event loop; the caller keeps and closes it. Answers or raises like `client`."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
