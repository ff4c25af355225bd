"""One at a time for each credential, in all processes: a queue in this one, a Redis lock for the rest."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis
from redis.exceptions import LockError

from config import redis as connections
from credentials import wire

LOCK_SECONDS = 6.0  # a killed worker's lock ends by itself; a living one's is kept
BEAT_SECONDS = 1.5
PATIENCE_SECONDS = 25.0

_queues: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@contextmanager
def queue(key: str) -> Iterator[None]:
    """Let this process's threads through one after the other, so that only one of them asks Redis."""
    waiting = _queues[key]
    if not waiting.acquire(timeout=PATIENCE_SECONDS):
        raise _busy()
    try:
        yield
    finally:
        waiting.release()


@contextmanager
def lock(key: str) -> Iterator[None]:
    """Hold the lock of a credential; raises wire.CallError when it does not come free, or Redis does not answer."""
    held = connections.client().lock(
        f"{connections.PREFIX}:oauth:lock:{key}",
        timeout=LOCK_SECONDS,
        sleep=0.05,
        blocking_timeout=PATIENCE_SECONDS,
        thread_local=False,
    )
    if not _acquired(held):
        raise _busy()
    done = threading.Event()
    threading.Thread(target=_keep, args=(held, done), name="token-lock", daemon=True).start()
    try:
        yield
    finally:
        done.set()
        with suppress(redis.RedisError, LockError):  # it ended meanwhile; the generations keep the store right
            held.release()


def _acquired(held: redis.lock.Lock) -> bool:
    try:
        return bool(held.acquire())
    except redis.RedisError as error:
        raise wire.CallError(
            "credential", "The token could not be renewed: Redis does not answer. Try again in a moment."
        ) from error


def _keep(held: redis.lock.Lock, done: threading.Event) -> None:
    while not done.wait(BEAT_SECONDS):
        with suppress(redis.RedisError, LockError):
            held.reacquire()


def _busy() -> wire.CallError:
    return wire.CallError(
        "credential", "The token is being renewed, and the authorization server takes very long. Try again later."
    )
