"""The Lua scripts of this folder, loaded once and called by name. Each runs on one shard, as one atomic step."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bots.runtime import keys
from config import redis as connections
from config.redis_line import Line

FOLDER = Path(__file__).parent / "lua"
Argument = str | bytes | int | float


@cache
def text(name: str) -> str:
    return (FOLDER / "_shared.lua").read_text() + (FOLDER / f"{name}.lua").read_text()


@cache
def _sha(name: str) -> str:
    return hashlib.sha1(text(name).encode(), usedforsecurity=False).hexdigest()


def run(name: str, shard: int, *arguments: Argument) -> Any:
    """Call a script; raises redis.RedisError within about two seconds when Redis does not answer."""
    key = f"{keys.base(shard)}ready"
    try:
        return _ask("EVALSHA", _sha(name), 1, key, *arguments)
    except NoScriptError:
        return _ask("EVAL", text(name), 1, key, *arguments)
    except (RedisConnectionError, RedisTimeoutError):  # it may have gone stale: once more, as the pooled client does
        return _ask("EVAL", text(name), 1, key, *arguments)


def _ask(*command: Argument) -> Any:
    """Ask on this thread's own connection: a turn asks three times, and the pool's bookkeeping costs as much again."""
    client = connections.client()
    if getattr(_local, "client", None) is not client:
        _local.client, _local.connection = client, client.connection_pool.make_connection()
    connection: Any = _local.connection
    try:
        connection.send_command(*command)
        return connection.read_response()
    except ResponseError:
        raise
    except BaseException:  # an answer that is still to come must not be taken for that of the next command
        connection.disconnect()
        raise


_local = threading.local()


async def run_async(line: Line, name: str, shard: int, *arguments: Argument) -> Any:
    """The same from an event loop; the limit of time is the caller's business."""
    key = f"{keys.base(shard)}ready"
    try:
        return await line.ask("EVALSHA", _sha(name), 1, key, *arguments)
    except ResponseError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
    except RedisConnectionError:  # it may have gone stale: once more
        pass
    return await line.ask("EVAL", text(name), 1, key, *arguments)
