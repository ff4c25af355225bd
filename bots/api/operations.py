"""What operations ask: alive, ready, figures. No figure names a bot, a conversation or a person."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio
from django.db import DatabaseError, connection
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bots.runtime import keys
from bots.runtime.leases import BUCKETS

FRESH_SECONDS = 5.0
CHECK_SECONDS = 3.0
OUTCOMES = ("done", "failed")
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def healthz(request: Request) -> Response:
    """GET /healthz: this process answers."""
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


async def readyz(request: Request) -> Response:
    """GET /readyz: database, Redis, workers and sandbox answer."""
    client = request.app.state.redis
    names = ("database", "redis", "workers", "sandbox")
    results = await asyncio.gather(_database(), _redis(client), _workers(client), _sandbox(client))
    checks = {name: problem or "ok" for name, problem in zip(names, results, strict=True)}
    ready = not any(results)
    body = {"status": "ok" if ready else "not ready", "checks": checks}
    return JSONResponse(body, status_code=200 if ready else 503, headers=NO_STORE)


async def metrics(request: Request) -> Response:
    """GET /metrics: Prometheus text."""
    lines: list[str] = []
    client = request.app.state.redis
    lives = await lives_of_workers(client)
    lines += _gauge("parley_workers", len(lives), "Worker processes that gave a sign of life in the last 5 seconds.")
    lines += _gauge("parley_turns_running", sum(life["turns"] for life in lives), "Turns at work now.")
    figures = [await _shard(client, shard) for shard in keys.shards()]
    total = {name: sum(shard.get(name, 0) for shard in figures) for name in {n for shard in figures for n in shard}}
    lines += _gauge("parley_conversations_waiting", total["ready"], "Conversations that wait for a runner.")
    lines += _gauge("parley_conversations_active", total["active"], "Conversations with a message not answered yet.")
    lines += _gauge("parley_runners_parked", total["parked"], "Runners that wait for work.")
    lines += _gauge("parley_event_listeners", request.app.state.hub.listeners, "Open event streams of this process.")
    lines += _turns(total)
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4", headers=NO_STORE)


async def lives_of_workers(client: redis.asyncio.Redis) -> list[dict[str, float]]:
    """Return the latest signs of life, forgetting those of processes that are gone for long."""
    stored = await client.hgetall(keys.WORKERS)
    lives = {name: json.loads(life) for name, life in stored.items()}
    gone = [name for name, life in lives.items() if life["at"] < time.time() - 60]
    if gone:
        await client.hdel(keys.WORKERS, *gone)
    return [life for life in lives.values() if life["at"] > time.time() - FRESH_SECONDS]


async def _database() -> str:
    return await _limited(lambda: asyncio.to_thread(_ask_database), "The database does not answer.")


def _ask_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    finally:
        connection.close()
    return ""


async def _redis(client: redis.asyncio.Redis) -> str:
    async def ask() -> str:
        await client.ping()
        return ""

    return await _limited(ask, "Redis does not answer.")


async def _workers(client: redis.asyncio.Redis) -> str:
    async def ask() -> str:
        return "" if await lives_of_workers(client) else "No worker has given a sign of life in the last 5 seconds."

    return await _limited(ask, "Not known, because Redis does not answer.")


async def _sandbox(client: redis.asyncio.Redis) -> str:
    async def ask() -> str:
        healthy = any(life["sandbox"] for life in await lives_of_workers(client))
        return "" if healthy else "No worker's script sandbox answers."

    return await _limited(ask, "Not known, because Redis does not answer.")


async def _limited(ask: Callable[[], Awaitable[str]], otherwise: str) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await ask()
    except (TimeoutError, RedisError, OSError):
        return otherwise


async def _shard(client: redis.asyncio.Redis, shard: int) -> dict[str, float]:
    base = keys.base(shard)
    pipeline: Any = client.pipeline(transaction=False)
    pipeline.llen(f"{base}ready").zcard(f"{base}active").zcard(f"{base}parked").hgetall(f"{base}metrics")
    ready, active, parked, counters = await pipeline.execute()
    return {"ready": ready, "active": active, "parked": parked} | {k.decode(): float(v) for k, v in counters.items()}


def _gauge(name: str, value: float, about: str) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} gauge", f"{name} {value:g}"]


def _turns(total: dict[str, float]) -> list[str]:
    lines = ["# HELP parley_turns_total Turns that ended, by outcome.", "# TYPE parley_turns_total counter"]
    lines += [f'parley_turns_total{{outcome="{o}"}} {_ended(total, o):.0f}' for o in OUTCOMES]
    lines += ["# HELP parley_turn_seconds From claim to commit.", "# TYPE parley_turn_seconds histogram"]
    count = 0.0
    for limit in (*(f"{limit:g}" for limit in BUCKETS), "+Inf"):
        count += sum(total.get(f"{outcome}:{limit}", 0) for outcome in OUTCOMES)
        lines.append(f'parley_turn_seconds_bucket{{le="{limit}"}} {count:.0f}')
    lines.append(f"parley_turn_seconds_sum {total.get('microseconds', 0) / 1_000_000:.6f}")
    return [*lines, f"parley_turn_seconds_count {count:.0f}"]


def _ended(total: dict[str, float], outcome: str) -> float:
    return sum(number for name, number in total.items() if name.startswith(f"{outcome}:"))
