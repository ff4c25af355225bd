"""Which runner holds which conversation: claim one with its next message, speak early, commit, renew, reap.

Every call here is one atomic step in Redis; whatever a runner does after it lost its lease is refused.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from bots.runtime import inbox, keys, scripts
from bots.runtime.inbox import Message

LEASE_MS = 5_000
PARK_MS = 5_000
MOST_PARKED = 1_000  # of a shard: a parked runner costs a connection, one that ended a Celery message
META = (b"bot", b"bot_key", b"organization", b"ref", b"seconds", b"error_text", b"env", b"facts", b"state")
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds
BUCKET_NAMES = (*(f"{limit:g}" for limit in BUCKETS), "+Inf")


class Claim(msgspec.Struct, frozen=True):
    """A conversation that this runner holds, with the message to answer and all that the turn starts from.

    meta, variables: as stored, of the first those of META. attempts: 1 unless runners died over this message.
    early: fingerprints of what former attempts already said.
    """

    shard: int
    conversation: str
    owner: str
    turn: int
    message: Message
    attempts: int
    meta: Mapping[bytes, bytes]
    variables: Mapping[str, bytes]
    early: tuple[str, ...]


Idle = Literal["parked", "nothing"]


class Change(msgspec.Struct, frozen=True):
    """What a turn changes. fields: of the session's meta hash. events: (name, JSON text). outbox: writes to what is
    not the conversation's own (bots.runtime.contexts), carried out after the commit. said: how many events it is known
    to have said early. unsure: how many of the first `events` it may have said, too, since the answer was lost."""

    written: Mapping[str, bytes] = msgspec.field(default_factory=dict)
    deleted: Sequence[str] = ()
    fields: Mapping[str, bytes | str] = msgspec.field(default_factory=dict)
    events: Sequence[tuple[str, str]] = ()
    log: Sequence[bytes] = ()
    outbox: Sequence[str] = ()
    outcome: Literal["done", "failed"] = "done"
    seconds: float = 0.0
    said: int = 0
    unsure: int = 0


class Committed(msgspec.Struct, frozen=True):
    """refused: another runner holds the conversation; nothing was written. wake: nobody is awake for what waits.
    next: what `next_claim` would answer, where the same step asked for it."""

    refused: bool = False
    wake: bool = False
    next: Claim | Idle | None = None

    @property
    def claim(self) -> Claim | None:
        return self.next if isinstance(self.next, Claim) else None


def next_claim(shard: int, *, owner: str, park: bool, started: bool = False) -> Claim | Idle:
    """Take the next ready conversation, or park, or find nothing to do."""
    return _next(scripts.run("next", shard, *_asking(owner, park=park, started=started)), shard, owner)


def awaited_claim(shard: int, *, owner: str) -> Claim | Idle:
    """Wait, parked, until something is handed over, and take that; nothing, when told to end or after PARK_MS."""
    asking = _asking(owner, park=True, waited=True)
    return _next(scripts.run_after(keys.hand(shard, owner), PARK_MS / 1000, "next", shard, *asking), shard, owner)


def commit(claim: Claim, change: Change, *, go_on: bool, park: bool = False) -> Committed:
    """Make a turn visible, and in the same step take the next conversation if `go_on`, or park if there is none."""
    pairs = (
        [item for pair in change.written.items() for item in pair],
        change.deleted,
        [item for pair in change.fields.items() for item in pair],
        [item for pair in change.events for item in pair],
        change.log,
        change.outbox,
    )
    lists = [item for items in pairs for item in (len(items), *items)]
    measured = (change.outcome, round(change.seconds * 1_000_000), _bucket(change.seconds))
    then = (int(go_on), _park_ms(park), MOST_PARKED, change.said, change.unsure)
    answer = scripts.run("commit", claim.shard, *_held(claim), LEASE_MS, *measured, *then, *_clean(lists))
    if answer[0] == b"refused":
        return Committed(refused=True)
    return Committed(wake=bool(answer[1]), next=_next(answer[2], claim.shard, claim.owner) if answer[2:] else None)


def speak(claim: Claim, events: Sequence[tuple[str, str, str]], *, said: int, log: Sequence[bytes] = ()) -> bool:
    """Append (event, data, fingerprint) and log lines while the turn runs; False when the lease was lost.

    said: how many events this turn appended before, in all its attempts."""
    parts = [item for event in events for item in event]
    return bool(scripts.run("early", claim.shard, *_held(claim), said, len(events), *_clean([*parts, *log])))


def note(claim: Claim, step: str, answer: bytes) -> bool:
    """Keep the answer of a finished call for a repeat of this turn; False when the lease was lost."""
    return bool(scripts.run("note", claim.shard, *_held(claim), step, answer))


def renew(shard: int, held: Mapping[str, str]) -> list[str]:
    """Push forward the leases of {conversation: owner}; returns the conversations that were lost."""
    pairs = [item for pair in held.items() for item in pair]
    return [conversation.decode() for conversation in scripts.run("renew", shard, LEASE_MS, *pairs)]


def reap(shard: int, *, alone: bool = False) -> tuple[int, int]:
    """Give back what dead runners held; returns (number given back, number that wait for a runner).

    alone: whoever holds a lease that is over is known to be dead, so nobody is waited for."""
    given, waiting = scripts.run("reap", shard, LEASE_MS, int(alone))
    return int(given), int(waiting)


def _held(claim: Claim) -> tuple[str, str, int]:
    return claim.conversation, claim.owner, claim.turn


def _asking(owner: str, *, park: bool, started: bool = False, waited: bool = False) -> tuple[scripts.Argument, ...]:
    return owner, LEASE_MS, _park_ms(park), MOST_PARKED, int(started), int(waited)


def _park_ms(park: bool) -> int:
    return PARK_MS + 500 if park else 0


def _next(answer: Any, shard: int, owner: str) -> Claim | Idle:
    if answer in (b"parked", b"nothing"):
        return "parked" if answer == b"parked" else "nothing"
    return _claim(answer, shard, owner)


def _claim(answer: Any, shard: int, owner: str) -> Claim:
    conversation, turn, message, attempts, meta, variables, early = answer
    return Claim(
        shard=shard,
        conversation=conversation.decode(),
        owner=owner,
        turn=int(turn),
        message=inbox.decode(message),
        attempts=int(attempts),
        meta={name: value for name, value in zip(META, meta, strict=False) if value is not None},
        variables={name.decode(): value for name, value in _pairs(variables).items()},
        early=tuple(fingerprint.decode() for fingerprint in early),
    )


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    each = iter(flat)
    return dict(zip(each, each, strict=True))


def _bucket(seconds: float) -> str:
    return BUCKET_NAMES[bisect_left(BUCKETS, seconds)]


def _clean(values: list[scripts.Argument]) -> list[scripts.Argument]:
    """What is no Unicode (a lone surrogate in a consumer's message) must not stop a commit."""
    return [value.encode("utf-8", "replace") if isinstance(value, str) else value for value in values]
