"""What a running turn says before it ends: slow-call messages, and the bot log of a draft.

Knows which of its messages the consumer already has, so that a turn that runs again says nothing twice.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from bots.engine.state import LogLine, Reply
from bots.runtime import leases
from bots.runtime.leases import Claim
from integrations.engine.json_values import Json, dump_bytes, dumps

FLUSH_SECONDS = 0.1


class _Shown(msgspec.Struct, frozen=True):
    """A line of the bot log as it is stored, these fields by their names."""

    at: float
    turn: int
    code: str
    text: str
    error: bool
    interaction: str
    detail: Mapping[str, Json]


class LostLease(Exception):
    """Another runner holds the conversation by now; this turn goes no further."""


class Voice:
    """Belongs to one turn. Methods may be called from any thread. live: log lines go out while the turn runs."""

    def __init__(self, claim: Claim, *, live: bool) -> None:
        self._claim, self._live = claim, live
        self._said = list(claim.early)
        self._unsure = 0
        self._lines: list[_Shown] = []
        self._flushed_at = time.monotonic()
        self._lock = threading.Lock()

    def say(self, replies: Sequence[Reply]) -> None:
        """Append what the consumer does not have yet; raises LostLease, and RedisError when that may have happened."""
        with self._lock:
            fresh = self._unsaid(replies)
            marks = [fingerprint(reply) for reply in fresh]
            events = [
                ("message", message(reply, turn=self._claim.turn), mark)
                for reply, mark in zip(fresh, marks, strict=True)
            ]
            if not events:
                return
            self._unsure = len(marks)
            if not leases.speak(self._claim, events, said=len(self._said)):
                raise LostLease
            self._said.extend(marks)
            self._unsure = 0

    def log(self, line: LogLine) -> None:
        # Appending needs no lock, and most lines are of published conversations, which show them at their end.
        self._lines.append(_shown(line, self._claim.turn))
        if self._live and time.monotonic() - self._flushed_at > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Show the log so far; before something slow. Does nothing for a published conversation."""
        with self._lock:
            if not self._live or not self._lines:
                return
            lines = list(self._lines)
            if not leases.speak(self._claim, (), said=len(self._said), log=[dump_bytes(line) for line in lines]):
                raise LostLease
            del self._lines[: len(lines)]
            self._flushed_at = time.monotonic()

    def unsaid(self, replies: Sequence[Reply]) -> list[Reply]:
        """Return the replies that the consumer does not have yet."""
        with self._lock:
            return self._unsaid(replies)

    def spoken(self) -> tuple[int, int]:
        """Return how many messages the consumer has, and how many of the first unsaid ones Redis may have, too."""
        with self._lock:
            return len(self._said), self._unsure

    def rest_of_log(self, *more: LogLine) -> list[bytes]:
        """Return what is not shown yet as entries of the log: a line each, or all in one where nobody watches."""
        with self._lock:
            lines = [*self._lines, *[_shown(line, self._claim.turn) for line in more]]
        return [dump_bytes(line) for line in lines] if self._live else [dump_bytes(lines)]

    def _unsaid(self, replies: Sequence[Reply]) -> list[Reply]:
        if not self._said:
            return list(replies)
        said = Counter(self._said)
        fresh = []
        for reply in replies:
            mark = fingerprint(reply)
            if said[mark]:
                said[mark] -= 1
            else:
                fresh.append(reply)
        return fresh


def fingerprint(reply: Reply) -> str:
    """The same for the same message of the same interaction, in every attempt at a turn."""
    text = dumps([reply.kind, reply.interaction, dict(reply.body)])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def message(reply: Reply, *, turn: int) -> str:
    """A bot message as clients get it, but for its id, which the stream gives."""
    return dumps(
        {
            "turn": turn,
            "kind": reply.kind,
            **reply.body,
            "delay": reply.delay_ms,
            "interaction": reply.interaction,
        }
    )


def _shown(line: LogLine, turn: int) -> _Shown:
    at = time.time_ns() // 1_000_000 / 1000
    return _Shown(at, turn, line.code, line.text, line.error, line.interaction, line.detail)
