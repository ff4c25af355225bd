"""Runs of a bot's saved tests: ordered by a page, carried out in a worker, looked at while they run, kept for an hour.

Who may see a run is decided by the bot that it belongs to.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from redis.exceptions import RedisError

from bots.engine.spec import BotSpec, InvalidSpec
from bots.models import Bot, SavedTest
from bots.services import savedtests, specs, testreport, tests
from bots.services.problems import MEND
from bots.services.tests import ScenarioReport
from bots.services.transcripts import UnreadableTranscript
from config import redis

log = logging.getLogger(__name__)

KEPT_SECONDS = 3600
SILENT_SECONDS = 120.0  # a run of which nothing was heard for so long was lost with its worker

Status = Literal["queued", "running", "done", "cancelled", "lost"]


class Unavailable(Exception):
    """Redis or the queue does not answer, so nothing can be run at the moment."""

    def __init__(self) -> None:
        super().__init__("The queue does not answer, so nothing was run. Try again; if this stays, tell the operator.")


@dataclass(frozen=True, slots=True)
class Run:
    """results: one for each test that is over. fingerprint: of the draft that was tested, as long as it is one."""

    id: str
    tests: tuple[int, ...]
    status: Status
    current: str = ""
    waited_seconds: float = 0.0
    fingerprint: str = ""
    results: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    @property
    def over(self) -> bool:
        return self.status in ("done", "cancelled", "lost")

    @property
    def ok(self) -> bool:
        every = len(self.results) == len(self.tests)
        return self.status == "done" and every and all(result["ok"] for result in self.results)

    @property
    def red(self) -> list[dict[str, Any]]:
        return [result for result in self.results if not result["ok"]]


def order(bot: Bot, *, chosen: Iterable[int]) -> str:
    """Keep what is to be run and return its id; whoever asked sends the id to a worker. Raises Unavailable."""
    run_id = secrets.token_urlsafe(16)
    now = str(time.time())
    wanted: dict[Any, Any] = {"bot": str(bot.pk), "tests": json.dumps(list(chosen)), "at": now, "heard": now}
    pipe = redis.client().pipeline()
    pipe.hset(_key(run_id), mapping=wanted)
    pipe.expire(_key(run_id), KEPT_SECONDS)
    try:
        pipe.execute()
    except RedisError as error:
        raise Unavailable from error
    return run_id


def find(run_id: str, *, bot: int) -> Run | None:
    """Return a run of this bot; nothing when there is none, its hour is over, or Redis does not answer."""
    if not run_id or len(run_id) > 40:
        return None
    try:
        stored: Any = redis.client().hgetall(_key(run_id))
        results: Any = redis.client().lrange(_results(run_id), 0, -1)
    except RedisError:
        return None
    if not stored or int(stored[b"bot"]) != bot:
        return None
    now = time.time()
    return Run(
        run_id,
        tuple(json.loads(stored[b"tests"])),
        _status(stored, now),
        current=stored.get(b"current", b"").decode(),
        waited_seconds=max(0.0, now - float(stored[b"at"])),
        fingerprint=stored.get(b"fingerprint", b"").decode(),
        results=tuple(json.loads(each) for each in results),
    )


def clears(run: Run | None, *, bot: Bot) -> bool:
    """Tell whether every test of the bot passed, with the draft as it stands now."""
    if run is None or not run.ok or set(run.tests) != set(bot.saved_tests.values_list("pk", flat=True)):
        return False
    return run.fingerprint == specs.draft(bot).fingerprint


def cancel(run_id: str) -> None:
    """Ask the worker to stop before the next scenario."""
    redis.client().hset(_key(run_id), "cancelled", 1)


def carry_out(run_id: str) -> None:
    """Run what was ordered. A second worker with the same id does nothing."""
    client, key = redis.client(), _key(run_id)
    stored: Any = client.hgetall(key)
    if not stored or b"cancelled" in stored or not client.hsetnx(key, "started", time.time()):
        return
    try:
        bot = Bot.objects.select_related("environment").get(pk=int(stored[b"bot"]))
        _carry_out(run_id, bot, json.loads(stored[b"tests"]))
    finally:
        client.hset(key, "over", 1)


def _carry_out(run_id: str, bot: Bot, chosen: Sequence[int]) -> None:
    try:
        draft = specs.draft(bot)
    except InvalidSpec as error:
        _add(run_id, _failed(0, bot.name, f"The bot is stored in a form that cannot be read: {error}. {MEND}"))
        return
    environment = {key: str(value) for key, value in (bot.environment.values if bot.environment else {}).items()}
    redis.client().hset(_key(run_id), "fingerprint", draft.fingerprint)
    for row in bot.saved_tests.filter(pk__in=chosen):
        result = _played(run_id, draft, row, environment)
        if result is None:
            return
        _add(run_id, result)
        savedtests.remember(row.pk, ok=result["ok"], summary=result["summary"], seen=row.transcript)


def _played(run_id: str, draft: BotSpec, row: SavedTest, environment: dict[str, str]) -> dict[str, Any] | None:
    """Return how a test ended, nothing when the run was cancelled. A defect of ours makes the test red, not the run."""
    reports: list[ScenarioReport] = []
    try:
        transcript, routes = savedtests.played_with(row)
        for number, scenario in enumerate(transcript.scenarios, 1):
            if not _go_on(run_id, f"{row.name} ({number} of {len(transcript.scenarios)})"):
                return None
            reports.append(tests.run_scenario(draft, scenario=scenario, routes=routes, environment=environment))
    except UnreadableTranscript as error:
        return _failed(row.pk, row.name, str(error))
    except RedisError:
        raise
    except Exception as error:
        log.exception("a conversation test ended in a defect (bot %s)", row.bot_id)
        sentence = f"The test ended in a defect of Parley, {type(error).__name__}, which was logged; tell the operator."
        return _failed(row.pk, row.name, sentence)
    return {
        "pk": row.pk,
        "name": row.name,
        "ok": all(report.ok for report in reports),
        "summary": testreport.brief(reports),
        "error": "",
        "scenarios": testreport.scenarios(reports),
    }


def _failed(pk: int, name: str, sentence: str) -> dict[str, Any]:
    return {"pk": pk, "name": name, "ok": False, "summary": sentence, "error": sentence, "scenarios": []}


def _go_on(run_id: str, current: str) -> bool:
    """Say what runs now; False when somebody cancelled."""
    client, key = redis.client(), _key(run_id)
    client.hset(key, mapping={"current": current, "heard": str(time.time())})
    return not client.hexists(key, "cancelled")


def _add(run_id: str, result: dict[str, Any]) -> None:
    pipe = redis.client().pipeline()
    pipe.rpush(_results(run_id), json.dumps(result, default=str))
    pipe.expire(_results(run_id), KEPT_SECONDS)
    pipe.expire(_key(run_id), KEPT_SECONDS)
    pipe.execute()


def _status(stored: dict[bytes, bytes], now: float) -> Status:
    if b"over" in stored:
        return "cancelled" if b"cancelled" in stored else "done"
    if b"started" not in stored:
        return "cancelled" if b"cancelled" in stored else "queued"
    return "lost" if now - float(stored[b"heard"]) > SILENT_SECONDS else "running"


def forget_all(*, bot: int) -> None:
    """Forget the runs of a bot that was deleted. Looks through all keys: it is rare. Raises RedisError."""
    client: Any = redis.client()
    for key in client.scan_iter(match=f"{redis.PREFIX}:{{savedtests-*}}", count=1_000):
        if client.hget(key, "bot") == str(bot).encode():
            client.delete(key, f"{key.decode()}:results")


def _key(run_id: str) -> str:
    return f"{redis.PREFIX}:{{savedtests-{run_id}}}"


def _results(run_id: str) -> str:
    return f"{_key(run_id)}:results"
