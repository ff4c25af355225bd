"""Test runs: ordered by a page or the API, carried out in a worker, told as events, kept for an hour and no longer.

Knows Redis and the call pipeline. Who may see a run is decided by the bot that it belongs to.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from redis.exceptions import RedisError

from config import redis
from integrations.engine.outcome import ReceivedResponse
from integrations.engine.spec import IntegrationSpec
from integrations.services import reports, streams

KEPT_SECONDS = 3600
PATIENCE_SECONDS = 30.0

Status = Literal["queued", "running", "done", "cancelled", "lost"]


class Unavailable(Exception):
    """Redis or the queue does not answer, so nothing can be run at the moment."""

    def __init__(self) -> None:
        super().__init__("The queue does not answer, so nothing was run. Try again; if this stays, tell the operator.")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run. With a `response` nothing is called: only transform and fields run on that sample."""

    bot: int
    user: int
    definition: IntegrationSpec
    integration: int | None = None
    values: dict[str, str] = field(default_factory=dict)
    response: ReceivedResponse | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as a page sees it; `report` is there once it is over."""

    id: str
    order: Order
    status: Status
    report: reports.Report | None = None
    waited_seconds: float = 0.0

    @property
    def stream(self) -> str:
        """The stream of its events; the page of somebody who may see the run gets a ticket for it."""
        return stream_key(self.id)


@dataclass(frozen=True, slots=True)
class LastResult:
    ok: bool
    text: str


# Made at import: msgspec crashes where several threads learn the same type at once.
_ORDERS = msgspec.json.Decoder(Order)
_REPORTS = msgspec.json.Decoder(reports.Report)
_LAST = msgspec.json.Decoder(LastResult)


def order(wanted: Order) -> str:
    """Keep what is to be run and return its id; whoever asked sends the id to a worker. Raises Unavailable."""
    run_id = secrets.token_urlsafe(16)
    pipe = redis.client().pipeline()
    pipe.hset(_key(run_id), mapping={"order": msgspec.json.encode(wanted), "at": time.time(), "bot": wanted.bot})
    pipe.expire(_key(run_id), KEPT_SECONDS)
    try:
        pipe.execute()
    except RedisError as error:
        raise Unavailable from error
    return run_id


def claim(run_id: str) -> Order | None:
    """Give the order to the first worker that asks; nothing to a second one, nor when the run is gone or cancelled."""
    client, key = redis.client(), _key(run_id)
    stored = client.hget(key, "order")
    if stored is None or client.hexists(key, "cancelled") or not client.hsetnx(key, "started", time.time()):
        return None
    return _ORDERS.decode(stored)


def finish(run_id: str, *, report: reports.Report, wanted: Order) -> None:
    """Keep the report, tell those who watch, and remember how this integration's latest run ended."""
    pipe = redis.client().pipeline()
    pipe.hset(_key(run_id), "report", msgspec.json.encode(report))
    pipe.expire(_key(run_id), KEPT_SECONDS)
    if wanted.integration and wanted.response is None:
        last = LastResult(report.ok, report.headline)
        pipe.set(_last_key(wanted.integration), msgspec.json.encode(last), ex=KEPT_SECONDS)
    pipe.execute()
    tell(run_id, event="end", data={"ok": report.ok})


def tell(run_id: str, *, event: str, data: dict[str, object]) -> None:
    """Add to what the page of the run sees while it waits."""
    streams.append(stream_key(run_id), event=event, data=data, ttl=KEPT_SECONDS)


def cancel(run_id: str) -> None:
    """Ask the worker to stop; a run that nobody has begun ends here."""
    client, key = redis.client(), _key(run_id)
    client.hset(key, "cancelled", 1)
    if not client.hexists(key, "started"):
        tell(run_id, event="end", data={"ok": False})


def is_cancelled(run_id: str) -> bool:
    return bool(redis.client().hexists(_key(run_id), "cancelled"))


def find(run_id: str, *, bot: int) -> Run | None:
    """Return a run of this bot, nothing when there is none or its hour is over."""
    if not run_id or len(run_id) > 40:
        return None
    stored: dict[Any, Any] = redis.client().hgetall(_key(run_id))
    if not stored or int(stored[b"bot"]) != bot:
        return None
    wanted = _ORDERS.decode(stored[b"order"])
    report = _REPORTS.decode(stored[b"report"]) if b"report" in stored else None
    waited = max(0.0, time.time() - float(stored[b"at"]))
    return Run(run_id, wanted, _status(stored, wanted, waited), report, waited)


def _status(stored: dict[Any, Any], wanted: Order, waited: float) -> Status:
    if b"report" in stored:
        return "done"
    if b"started" not in stored:
        return "cancelled" if b"cancelled" in stored else "queued"
    return "lost" if waited > wanted.definition.timeout_seconds + PATIENCE_SECONDS else "running"


def latest(integrations: Iterable[int]) -> dict[int, LastResult]:
    """How the latest test run of each of these integrations ended, within the last hour."""
    keys = list(integrations)
    if not keys:
        return {}
    try:
        stored = redis.client().mget([_last_key(pk) for pk in keys])
    except RedisError:  # the list is useful without it
        return {}
    return {pk: _LAST.decode(text) for pk, text in zip(keys, stored, strict=True) if text}


def forget_all(*, bot: int) -> None:
    """Forget the runs of a bot that was deleted. Looks through all keys: it is rare. Raises redis.RedisError."""
    client: Any = redis.client()
    for key in client.scan_iter(match=f"{redis.PREFIX}:{{testrun-*}}", count=1_000):
        if client.hget(key, "bot") == str(bot).encode():
            client.delete(key, f"{key.decode()}:events")


def stream_key(run_id: str) -> str:
    return f"{_key(run_id)}:events"


def _key(run_id: str) -> str:
    return f"{redis.PREFIX}:{{testrun-{run_id}}}"


def _last_key(integration: int) -> str:
    return f"{redis.PREFIX}:testrun-last:{integration}"
