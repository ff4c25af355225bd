"""Large imports: ordered by a page, carried out in a worker, looked at meanwhile, kept as long as their file waits.

Knows Redis. An import has two runs: one reads the file for the report, one stores the bot. How a run ends is decided
once, by whoever comes first: the worker, somebody who cancels, or a page that finds the worker silent for too long.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import msgspec
from redis.exceptions import RedisError

from bots.models import Bot
from bots.services import uploads
from bots.services.importreport import Report
from config import redis

SILENT_SECONDS = 20.0  # a run of which nothing was heard for so long was lost with its worker; it beats every second
PATIENT_SECONDS = 8.0

Kind = Literal["look", "store"]
Status = Literal["queued", "running", "done", "cancelled", "refused", "lost"]
FATES: Mapping[str, Status] = {each: each for each in get_args(Status)}

_REPORTS = msgspec.json.Decoder(Report)  # made at import: msgspec crashes where threads learn a type at once


class Unavailable(Exception):
    """Redis or the queue does not answer, so nothing can be imported at the moment."""

    def __init__(self) -> None:
        super().__init__(
            "The queue does not answer, so nothing was imported. Try again; if this stays, tell the operator."
        )


class Stopped(Exception):
    """The run was cancelled, or given up as lost: whoever works on it undoes what it did."""


@dataclass(frozen=True, slots=True)
class Job:
    """An import as its page sees it. total, done: interactions. sentence, place: why it was refused, in which field."""

    token: str
    name: str
    kind: Kind
    run: str
    status: Status
    phase: str = ""
    total: int = 0
    done: int = 0
    waited_seconds: float = 0.0
    sentence: str = ""
    place: str = ""
    bot: int = 0
    posted: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        return self.status in ("queued", "running")

    @property
    def doing(self) -> str:
        """What happens now, for the page."""
        if self.status == "queued" and self.waited_seconds > PATIENT_SECONDS:
            return "Still waiting: no worker has taken this import yet. Are the workers running?"
        if not self.phase:
            return "Waiting for a worker …" if self.status == "queued" else "Opening the file …"
        return f"{self.phase}: {self.done:,} of {self.total:,} interactions" if self.done else f"{self.phase} …"


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is to do. decisions: of the author, as plain values, for the run that stores."""

    kind: Kind
    token: str
    user: int
    organization: int
    decisions: Mapping[str, Any] = field(default_factory=dict)


def begin(user: Any, *, organization: int, token: str, name: str, total: int) -> str:
    """Order that a file which waits be read; returns the run, which whoever asked sends to a worker."""
    try:
        _save(_file(token), {"user": user.pk, "organization": organization, "name": name, "total": total})
    except RedisError as error:
        raise Unavailable from error
    return _order(token, "look")


def look_again(job: Job) -> str:
    """Order the reading once more, after it was cancelled or lost."""
    return _order(job.token, "look")


def store(job: Job, *, decisions: Mapping[str, Any], posted: Mapping[str, str]) -> str:
    """Order that the bot be made, as the author decided; `posted` fills the form again where that fails."""
    return _order(job.token, "store", decisions=json.dumps(decisions), posted=json.dumps(posted))


def find(user: Any, *, token: str) -> Job | None:
    """Return the import of this user's file; nothing for a file that needs none. Raises uploads.NotKept."""
    try:
        client: Any = redis.client()
        user_id, name, total, run = client.hmget(_file(token), "user", "name", "total", "run")
        if run is None or user_id != str(user.pk).encode():
            return None
        stored = client.hgetall(_run(run.decode()))
        return _job(token, name.decode(), int(total), run.decode(), stored) if stored else None
    except RedisError as error:
        raise uploads.NotKept("The import cannot be looked at just now. Try again in a minute.") from error


def report(job: Job) -> Report | None:
    """Return what the reading found, if it has been done."""
    found: Any = redis.client().hget(_file(job.token), "report")
    return _REPORTS.decode(found) if found else None


def cancel(job: Job) -> bool:
    """End a run; False when it has ended already."""
    return _decide(job.run, "cancelled")


def forget(job: Job) -> None:
    redis.client().delete(_file(job.token), _run(job.run))


# What a worker calls


def claim(run: str) -> Order | None:
    """Give the order to the first worker that asks; nothing to a second one, nor when it was cancelled."""
    client, key = redis.client(), _run(run)
    stored: Any = client.hgetall(key)
    if not stored or b"fate" in stored or not client.hsetnx(key, "started", time.time()):
        return None
    token = stored[b"token"].decode()
    user, organization = client.hmget(_file(token), "user", "organization")
    if user is None or organization is None:
        return None
    decisions = json.loads(stored.get(b"decisions", b"{}"))
    return Order("store" if stored[b"kind"] == b"store" else "look", token, int(user), int(organization), decisions)


def tell(run: str, **values: Any) -> None:
    """Show life, and how far the run is; raises Stopped when it is not wanted any more."""
    _save(_run(run), {**values, "heard": time.time()})
    if redis.client().hexists(_run(run), "fate"):
        raise Stopped


def beat(run: str) -> None:
    """Show life and nothing else."""
    _save(_run(run), {"heard": time.time()})


def found(run: str, *, token: str, report: Report) -> None:
    """Keep what the reading found; raises Stopped."""
    _save(_file(token), {"report": msgspec.json.encode(report)})
    if not _decide(run, "done"):
        raise Stopped
    _save(_run(run), {"over": 1})


def seal(run: str, *, bot: Bot) -> None:
    """Decide, just before the bot becomes visible, that it may; raises Stopped."""
    _save(_run(run), {"bot": bot.pk, "called": bot.name})
    if not _decide(run, "done"):
        raise Stopped


def over(run: str) -> None:
    """Tell that the bot is there."""
    _save(_run(run), {"over": 1})


def refuse(run: str, *, sentence: str, place: str = "") -> None:
    """End the run with a sentence for its author; also one whose last word was said, and which the database refused."""
    _save(_run(run), {"sentence": sentence, "place": place})
    if not _decide(run, "refused") and redis.client().hget(_run(run), "fate") == b"done":
        _save(_run(run), {"fate": "refused"})


def _order(token: str, kind: Kind, **values: str) -> str:
    run, now = secrets.token_urlsafe(16), time.time()
    try:
        _save(_run(run), {"token": token, "kind": kind, "at": now, "heard": now, **values})
        _save(_file(token), {"run": run})
    except RedisError as error:
        raise Unavailable from error
    return run


def _save(key: str, values: Mapping[str, Any]) -> None:
    pipe: Any = redis.client().pipeline()
    pipe.hset(key, mapping=dict(values))
    pipe.expire(key, uploads.SECONDS)
    pipe.execute()


def _decide(run: str, fate: str) -> bool:
    return bool(redis.client().hsetnx(_run(run), "fate", fate))


def _job(token: str, name: str, total: int, run: str, stored: Mapping[bytes, bytes]) -> Job:
    text = {key.decode(): value.decode() for key, value in stored.items()}
    return Job(
        token=token,
        name=name,
        kind="store" if text["kind"] == "store" else "look",
        run=run,
        status=_status(run, text),
        phase=text.get("phase", ""),
        total=total,
        done=int(text.get("done", 0)),
        waited_seconds=max(0.0, time.time() - float(text["at"])),
        sentence=text.get("sentence", ""),
        place=text.get("place", ""),
        bot=int(text.get("bot", 0)),
        posted=json.loads(text.get("posted", "{}")),
    )


def _status(run: str, text: Mapping[str, str]) -> Status:
    fate = FATES.get(text.get("fate", ""))
    silent = time.time() - float(text["heard"]) > SILENT_SECONDS
    if fate == "done" and "over" not in text:  # decided, and not told yet that the database has it
        is_there = Bot.objects.filter(pk=int(text["bot"]), name=text["called"]).exists() if "bot" in text else False
        return "done" if is_there else "lost" if silent else "running"
    if fate:
        return fate
    if "started" not in text:
        return "queued"
    if silent and _decide(run, "lost"):
        return "lost"
    return "running"


def _file(token: str) -> str:
    return f"{redis.PREFIX}:import:{token[:40]}"


def _run(run: str) -> str:
    return f"{redis.PREFIX}:import-run:{run}"
