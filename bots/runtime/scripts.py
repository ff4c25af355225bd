"""The Lua scripts of this folder, loaded once and called by name. Each runs on one shard, as one atomic step."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import redis.asyncio
from redis.commands.core import AsyncScript, Script

from bots.runtime import keys
from config import redis as connections

FOLDER = Path(__file__).parent / "lua"
Argument = str | bytes | int | float


@cache
def text(name: str) -> str:
    return (FOLDER / "_shared.lua").read_text() + (FOLDER / f"{name}.lua").read_text()


@cache
def _script(name: str) -> Script:
    return connections.client().register_script(text(name))


@lru_cache(maxsize=64)
def _async_script(client: redis.asyncio.Redis, name: str) -> AsyncScript:
    return AsyncScript(client, text(name))


def run(name: str, shard: int, *arguments: Argument) -> Any:
    """Call a script; raises redis.RedisError within about two seconds when Redis does not answer."""
    script, client = _script(name), connections.client()
    return script(keys=[f"{keys.base(shard)}ready"], args=arguments, client=client)


async def run_async(client: redis.asyncio.Redis, name: str, shard: int, *arguments: Argument) -> Any:
    """The same from an event loop, with that loop's client."""
    return await _async_script(client, name)(keys=[f"{keys.base(shard)}ready"], args=arguments)
