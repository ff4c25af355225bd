"""Sends the Celery message that starts a runner. Losing or doubling one is harmless: the keeper sends it again."""

from __future__ import annotations

import logging
from functools import cache

from kombu.exceptions import OperationalError
from kombu.pools import ProducerPool
from redis.exceptions import RedisError

from config.celery import app

log = logging.getLogger(__name__)

TASK = "bots.tasks.run_conversations"
EXPIRES_SECONDS = 10
LIMIT_SECONDS = 2


def send(shard: int) -> None:
    """Wake a runner; returns or gives up within a few seconds. Blocks: never call it on an event loop."""
    try:
        with _producers().acquire(block=True, timeout=LIMIT_SECONDS) as producer:  # type: ignore[no-untyped-call]
            app.send_task(TASK, (shard,), expires=EXPIRES_SECONDS, ignore_result=True, retry=False, producer=producer)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("no runner could be woken, the keeper will try again: %s", error)


@cache
def _producers() -> ProducerPool:
    limits = {"socket_timeout": LIMIT_SECONDS, "socket_connect_timeout": LIMIT_SECONDS}
    connection = app.connection_for_write(transport_options=app.conf.broker_transport_options | limits)
    return ProducerPool(connection.Pool(limit=4), limit=4)  # type: ignore[no-untyped-call]
