"""How the last call of each integration with a credential ended. Kept in Redis, written behind the calls.

A call leaves a note in this process and waits for nothing; a second later a thread takes what is new to Redis. Who
calls is known here by the name that the caller gives. A killed process loses the notes of its last second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import redis

from config import redis as connections

WRITTEN_AFTER = 1.0
KEPT_SECONDS = 90 * 86_400

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastCall:
    """at: seconds since 1970. status: 0 without an answer. failure: a wire.ErrorKind, or http; "" for none."""

    at: float
    status: int
    failure: str

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def refused(self) -> bool:
        """Whether the API, or we ourselves, took the credential for no good."""
        return self.failure == "credential" or self.status in (401, 403)

    @property
    def words(self) -> str:
        return f"answered {self.status}" if self.status else _WITHOUT_ANSWER.get(self.failure, "failed")


_CALLS = msgspec.json.Decoder(LastCall)  # made at import: msgspec crashes where threads learn a type at once


_WITHOUT_ANSWER = {
    "request": "could not be built",
    "egress": "blocked by the egress policy",
    "credential": "credential not usable",
    "network": "no connection",
    "timeout": "took too long",
    "too_large": "answer too large",
}
_new: dict[tuple[str, str], LastCall] = {}
_lock = threading.Lock()


def caller(*, bot: str, integration: str) -> str:
    """Return the name under which an integration's calls are noted: both by their keys."""
    return f"{bot}/{integration}"


def note(credential: str, *, caller: str, call: LastCall) -> None:
    """Remember a call with this credential, by its key."""
    with _lock:
        first = not _new
        _new[credential, caller] = call
    if first:
        write_later()


def soon() -> None:
    """Write from another thread in a moment."""
    timer = threading.Timer(WRITTEN_AFTER, write)
    timer.daemon = True
    timer.start()


write_later = soon  # tests write when they want to


def write() -> None:
    """Take to Redis what was noted since the last time."""
    with _lock:
        taken = dict(_new)
        _new.clear()
    pipe = connections.client().pipeline(transaction=False)
    for (credential, name), call in taken.items():
        pipe.hset(_name(credential), name, msgspec.json.encode(call))
        pipe.expire(_name(credential), KEPT_SECONDS)
    try:
        pipe.execute()
    except redis.RedisError as error:
        log.warning("The last calls with %s credentials could not be noted: %s", len(taken), error)


def of(credentials: Iterable[str]) -> dict[str, dict[str, LastCall]]:
    """Return the last calls by credential and caller; nothing where Redis does not answer: pages do without."""
    keys = list(credentials)
    pipe = connections.client().pipeline(transaction=False)
    for key in keys:
        pipe.hgetall(_name(key))
    try:
        stored = pipe.execute() if keys else []
    except redis.RedisError:
        return {}
    return {key: _decoded(found) for key, found in zip(keys, stored, strict=True)}


def _decoded(found: dict[bytes, bytes]) -> dict[str, LastCall]:
    return {name.decode(): _CALLS.decode(text) for name, text in found.items()}


def _name(credential: str) -> str:
    return f"{connections.PREFIX}:lastcall:{credential}"
