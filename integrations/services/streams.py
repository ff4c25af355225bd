"""Capped event streams: what a worker appends to, and what an open page reads, from the beginning or live.

Knows Redis only. The channel on which an entry is published has the name of its stream; who may read a stream is
decided by whoever hands out its ticket.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core import signing

from config import redis
from integrations.engine.json_values import Json, dumps, loads

LENGTH = 2_000
_DIGITS = 18  # of a half of an id: Redis refuses a range that begins beyond 64 bits
TICKET_SALT = "parley.stream"
TICKET_SECONDS = 12 * 3600

_APPEND = """
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', ARGV[2], 'data', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
return id
"""


class BadTicket(Exception):
    """The ticket is forged, damaged or too old."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `id` is empty for an event that is not kept (a typing sign). `data` is JSON text in one line."""

    id: str
    event: str
    data: str

    @property
    def position(self) -> tuple[int, int]:
        return position(self.id)

    @property
    def body(self) -> str:
        """The data with the entry's id in it, as clients get it."""
        if not self.id or not self.data.startswith("{"):
            return self.data
        return f'{{"id":"{self.id}"{"" if self.data == "{}" else ","}{self.data[1:]}'


def position(identifier: str) -> tuple[int, int]:
    """Return an id as something that can be compared; nothing, or what is no id, stands before everything."""
    first, _, second = identifier.partition("-")
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        return (-1, -1)
    if max(len(first), len(second)) > _DIGITS:
        return (-1, -1)
    return int(first), int(second)


def append(key: str, *, event: str, data: Json, ttl: int) -> str:
    """Add an event, tell everybody who listens, let the stream live `ttl` seconds from now; returns the event's id."""
    answer = redis.client().eval(_APPEND, 1, key, LENGTH, event, dumps(data).encode("utf-8", "replace"), ttl)
    return _text(answer)


def read(key: str, *, after: str = "") -> list[Entry]:
    """Return the kept events, or those after the one with that id."""
    return entries(redis.client().xrange(key, min=since(after)))


def since(identifier: str) -> str:
    """Return the start of a range that excludes the event with that id; `-` for nothing."""
    first, second = position(identifier)
    return "-" if first < 0 else f"({first}-{second}"


def entries(rows: Any) -> list[Entry]:
    """Read the answer of XRANGE."""
    kept = (Entry(_text(row[0]), _text(row[1][b"event"]), _text(row[1][b"data"])) for row in rows)
    return [entry for each in kept for entry in _single(each)]


def published(payload: bytes) -> list[Entry]:
    """Read one published message: a line an entry, `id event data`, id `-` for an event that is not kept."""
    return [entry for line in payload.decode().split("\n") for entry in _single(_line(line))]


def _line(line: str) -> Entry:
    identifier, event, data = line.split(" ", 2)
    return Entry("" if identifier == "-" else identifier, event, data)


def _single(entry: Entry) -> Iterator[Entry]:
    """Yield the lines of an entry that holds those of a whole turn, each with an id of its own; others as they are."""
    if entry.event != "lines":
        yield entry
        return
    first, second = entry.position
    for place, line in enumerate(loads(entry.data)):
        yield Entry(f"{first}-{second + place}", "log", dumps(line))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def ticket(key: str, *, holder: str) -> str:
    """Return a signed permission to read one stream, for the address of a page's event source.

    Addresses end up in logs and histories, so a ticket opens nothing without the holder's session cookie beside it.
    """
    return signing.dumps([key, _digest(holder)], salt=TICKET_SALT)


def redeem(text: str, *, holder: str) -> str:
    """Return the stream that a ticket opens for that holder; raises BadTicket."""
    try:
        key, bound_to = signing.loads(text, salt=TICKET_SALT, max_age=TICKET_SECONDS)
    except (signing.BadSignature, ValueError) as error:
        raise BadTicket("This page has been open for too long. Reload it.") from error
    if not holder or not secrets.compare_digest(bound_to, _digest(holder)):
        raise BadTicket("This page was opened in another session. Reload it.")
    return str(key)


def _digest(holder: str) -> str:
    return hashlib.sha256(holder.encode("utf-8", "replace")).hexdigest()
