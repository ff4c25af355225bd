"""Takes ready conversations one after the other and plays their turns; parks for a while when there is nothing to do.

Knows leases and commits; what a turn is it is told as a function, `play`.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from redis.exceptions import RedisError

from bots.engine import state
from bots.engine.state import LogLine, Occurrence, Reply, TurnResult
from bots.runtime import contexts, leases, outage, sessions, voice, wake
from bots.runtime.keeper import Keeper
from bots.runtime.leases import Change, Claim, Committed
from bots.runtime.voice import Voice
from integrations.engine.json_values import dumps

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
PRIVATE = frozenset({"private_message", "reset"})  # occurrences that are not the consumer's business


class Played(msgspec.Struct, frozen=True):
    """fields: of the session's meta hash that the turn replaces, besides its state (a reset takes the newest draft).
    outbox: as in leases.Change."""

    result: TurnResult
    fields: Mapping[str, str] = msgspec.field(default_factory=dict)
    outbox: Sequence[str] = ()


class CannotPlay(Exception):
    """What the conversation began with is no longer there: no defect; the sentence says what happened."""


Play = Callable[[Claim, Voice], Played]


def serve(shard: int, *, keeper: Keeper, play: Play) -> None:
    """Play turns until there has been nothing to do for a while."""
    owner = secrets.token_hex(8)
    if not keeper.enter(owner, shard=shard):
        return
    try:
        _serve(shard, owner, keeper, play)
    except RedisError as error:
        log.warning("Redis does not answer, a runner ends: %s", error)
    finally:
        keeper.leave(owner)


def _serve(shard: int, owner: str, keeper: Keeper, play: Play) -> None:
    found = leases.next_claim(shard, owner=owner, park=True, started=True)
    while found != "nothing":
        if found == "parked":
            found = _parked(shard, owner, keeper)
            continue
        committed = answer(found, keeper=keeper, play=play, park=True)
        if committed.wake:
            wake.send(shard)
        found = committed.next or leases.next_claim(shard, owner=owner, park=not keeper.stopping.is_set())


def _parked(shard: int, owner: str, keeper: Keeper) -> Claim | leases.Idle:
    if keeper.stopping.is_set():  # whoever stops has told all runners, and this one may have heard it as it parked
        return leases.next_claim(shard, owner=owner, park=False)
    return leases.awaited_claim(shard, owner=owner)


def answer(claim: Claim, *, keeper: Keeper, play: Play, park: bool = False) -> Committed:
    """Play one turn and make it visible. Whatever is wrong with it, the consumer gets an answer.

    park: when nothing is ready afterwards, the runner is parked in the same step.
    """
    keeper.hold(claim)
    begun = time.monotonic()
    mouth = Voice(claim, live=claim.meta[b"ref"].startswith(b"d:"))
    try:
        change = _play(claim, mouth, play, begun)
        committed = _commit(claim, change, keeper, park)
        if change.outbox and not committed.refused:
            with contextlib.suppress(RedisError):  # the keeper of any worker does it later
                contexts.settle(claim.shard)
        return committed
    except voice.LostLease:
        log.warning("a turn was stopped because another runner holds its conversation, or it was reset")
        return Committed(refused=True)
    finally:
        keeper.release(claim)


def _play(claim: Claim, mouth: Voice, play: Play, begun: float) -> Change:
    if claim.attempts > MOST_ATTEMPTS:
        log.error("a turn was given up: its worker died %d times over it", MOST_ATTEMPTS)
        return _failed(claim, mouth, begun, f"The worker stopped {MOST_ATTEMPTS} times in this turn.")
    try:
        return _done(claim, mouth, begun, play(claim, mouth))
    except (voice.LostLease, RedisError):
        raise
    except CannotPlay as error:
        return _failed(claim, mouth, begun, str(error))
    except Exception as error:
        log.exception("a turn failed by a defect (bot %s)", claim.meta[b"bot"].decode())
        return _failed(claim, mouth, begun, f"The turn failed by a defect of the product: {type(error).__name__}.")


def _done(claim: Claim, mouth: Voice, begun: float, played: Played) -> Change:
    result = played.result
    after, before = _stored(result), claim.variables
    said, unsure = mouth.spoken()
    return Change(
        written={name: value for name, value in after.items() if before.get(name) != value},
        deleted=[name for name in before if name not in after],
        fields={"state": state.encode(result.state), **played.fields},
        events=[
            *_messages(claim, mouth.unsaid(result.replies)),
            *_closings(claim, result.occurrences),
            ("turn", _ending(claim, "done", result.waiting_at, result.occurrences)),
        ],
        log=mouth.rest_of_log(),
        outbox=played.outbox,
        seconds=time.monotonic() - begun,
        said=said,
        unsure=unsure,
    )


def _stored(result: TurnResult) -> dict[str, bytes]:
    """Return the session variables as JSON."""
    known = result.as_json
    return {name: known.get(name) or sessions.encode_value(value) for name, value in result.variables.items()}


def _failed(claim: Claim, mouth: Voice, begun: float, cause: str) -> Change:
    text = claim.meta[b"error_text"].decode()
    apology = [Reply("text", {"text": text})] if text else []
    line = LogLine("error", f"{cause} The session is as it was before the turn.", error=True)
    return Change(
        events=[*_messages(claim, apology), ("turn", _ending(claim, "failed", "", ()))],
        log=mouth.rest_of_log(line),
        outcome="failed",
        seconds=time.monotonic() - begun,
    )


def _messages(claim: Claim, replies: Iterable[Reply]) -> list[tuple[str, str]]:
    return [("message", voice.message(reply, turn=claim.turn)) for reply in replies]


def _closings(claim: Claim, occurrences: Iterable[Occurrence]) -> list[tuple[str, str]]:
    return [("closed", dumps({"turn": claim.turn, **o.detail})) for o in occurrences if o.type == "close"]


def _ending(claim: Claim, outcome: str, waiting_at: str, occurrences: Iterable[Occurrence]) -> str:
    public = [{"type": o.type, **o.detail} for o in occurrences if o.type not in PRIVATE]
    return dumps({"turn": claim.turn, "outcome": outcome, "waiting_at": waiting_at, "events": public})


def _commit(claim: Claim, change: Change, keeper: Keeper, park: bool) -> Committed:
    """Commit, also across a restart of Redis: the lease is renewed meanwhile or, when lost, the commit refused."""
    committed = outage.outlast(lambda: leases.commit(claim, change, go_on=not keeper.stopping.is_set(), park=park))
    if committed.refused:
        log.warning("a finished turn was not stored: another runner holds its conversation, or it was reset")
    return committed
