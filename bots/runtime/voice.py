"""What a running turn says before it ends: slow-call messages, and the bot log of a draft.

Knows which of its messages the consumer already has, so that a turn that runs again says nothing twice.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Sequence

from bots.engine.state import LogLine, Reply
from bots.runtime import leases
from bots.runtime.leases import Claim
from integrations.engine.json_values import dumps

FLUSH_SECONDS = 0.1


class LostLease(Exception):
    """Another runner holds the conversation by now; this turn goes no further."""


class Voice:
    """Belongs to one turn. Methods may be called from any thread. live: log lines go out while the turn runs."""

    def __init__(self, claim: Claim, *, live: bool) -> None:
        self._claim, self._live = claim, live
        self._said = list(claim.early)
        self._lines: list[str] = []
        self._flushed_at = time.monotonic()
        self._lock = threading.Lock()

    def say(self, replies: Sequence[Reply]) -> None:
        """Append what the consumer does not have yet; raises LostLease."""
        with self._lock:
            fresh = self._unsaid(replies)
            marks = [fingerprint(reply) for reply in fresh]
            events = [
                ("message", message(reply, turn=self._claim.turn), mark)
                for reply, mark in zip(fresh, marks, strict=True)
            ]
            if not events:
                return
            if not leases.speak(self._claim, events, said=len(self._said)):
                raise LostLease
            self._said.extend(marks)

    def log(self, line: LogLine) -> None:
        with self._lock:
            self._lines.append(log_line(line, turn=self._claim.turn))
            due = self._live and time.monotonic() - self._flushed_at > FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Show the log so far; before something slow. Does nothing for a published conversation."""
        with self._lock:
            if not self._live or not self._lines:
                return
            if not leases.speak(self._claim, (), said=len(self._said), log=self._lines):
                raise LostLease
            self._lines, self._flushed_at = [], time.monotonic()

    def unsaid(self, replies: Sequence[Reply]) -> list[Reply]:
        """Return the replies that the consumer does not have yet."""
        with self._lock:
            return self._unsaid(replies)

    def rest_of_log(self) -> list[str]:
        with self._lock:
            return list(self._lines)

    def _unsaid(self, replies: Sequence[Reply]) -> list[Reply]:
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


def log_line(line: LogLine, *, turn: int) -> str:
    return dumps(
        {
            "at": round(time.time(), 3),
            "turn": turn,
            "code": line.code,
            "text": line.text,
            "error": line.error,
            "interaction": line.interaction,
            "detail": dict(line.detail),
        }
    )
