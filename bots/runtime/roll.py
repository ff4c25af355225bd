"""Which workers there are, told by their connections to Redis: the kernel closes those of a process that was killed.

A lease says by itself only that it is over. Whether its holder is dead, or was merely cut off, a new worker needs to
know when all others were killed: then nobody has to be waited for.
"""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from redis.exceptions import RedisError

from bots.runtime import leases

NAME = "parley-keeper"
OLD_SECONDS = leases.LEASE_MS / 1000  # who holds a lease that is over was there before it began
CERTAIN_SECONDS = 3 * leases.LEASE_MS / 1000  # a Redis that was away gets so long until all workers are back


class Roll:
    """The connection by which this worker is known; it says something in every beat, so it comes back soon."""

    def __init__(self) -> None:
        self._client: Any = None

    def alone_at_first(self) -> bool:
        """Show up; True the first time, when nobody has been here before and Redis was. Raises redis.RedisError."""
        if self._client is not None:
            self._client.ping()
            return False
        self._client = redis.Redis.from_url(
            settings.REDIS_URL,
            client_name=NAME,
            single_connection_client=True,
            socket_timeout=2,
            socket_connect_timeout=2,
        )
        return self._alone()

    def _alone(self) -> bool:
        try:
            if self._client.info("server")["uptime_in_seconds"] < CERTAIN_SECONDS:
                return False
            workers = [one for one in self._client.client_list() if one.get("name") == NAME]
            return len(workers) == 1 or all(int(one["age"]) < OLD_SECONDS for one in workers)
        except RedisError:  # not every Redis tells: then others are waited for
            return False
