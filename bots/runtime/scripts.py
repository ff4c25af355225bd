"""The Lua scripts of this folder, loaded once and called by name. Each runs on one shard, as one atomic step."""

from __future__ import annotations

import hashlib
from collections import deque
from functools import cache
from pathlib import Path
from typing import Any

import hiredis
import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bots.runtime import keys
from config import redis as connections
from config.redis_line import Line

FOLDER = Path(__file__).parent / "lua"
# What each script uses beside _shared.lua: each function is made anew at every call, which costs as much as a command.
USES = {
    "commit": ("_session", "_events", "_append", "_offer", "_take"),
    "early": ("_session", "_events", "_append"),
    "end": ("_session", "_events", "_append"),
    "enqueue": ("_session", "_offer"),
    "next": ("_events", "_take"),
    "note": ("_session",),
    "reap": ("_offer",),
    "record": ("_session",),
    "renew": (),
    "reset": ("_session", "_events", "_append"),
}
Argument = str | bytes | int | float


@cache
def text(name: str) -> str:
    return "".join((FOLDER / f"{part}.lua").read_text() for part in ("_shared", *USES[name], name))


@cache
def _sha(name: str) -> str:
    return hashlib.sha1(text(name).encode(), usedforsecurity=False).hexdigest()


def run(name: str, shard: int, *arguments: Argument) -> Any:
    """Call a script; raises redis.RedisError within about two seconds when Redis does not answer."""
    idle = _idle(connections.client())
    connection = _lent(idle, connections.client())
    try:
        return _asked(connection, name, keys.ready(shard), *arguments)
    finally:
        idle.append(connection)


def run_after(key: str, seconds: float, name: str, shard: int, *arguments: Argument) -> Any:
    """Wait until something stands on a list, but no longer than that, and call a script, which finds it there.

    One way to Redis and back for both; raises redis.RedisError."""
    ready = keys.ready(shard)
    wait = ("BLMOVE", key, key, "LEFT", "LEFT", seconds)  # answered when there is a first item, which stays where it is
    idle = _idle(connections.blocking_client())
    connection = _lent(idle, connections.blocking_client())
    try:
        return _ask(connection, "EVALSHA", _sha(name), 1, ready, *arguments, after=wait)
    except NoScriptError:
        return _ask(connection, "EVAL", text(name), 1, ready, *arguments)
    except (RedisConnectionError, RedisTimeoutError):  # as below
        return _ask(connection, "EVAL", text(name), 1, ready, *arguments, after=wait)
    finally:
        idle.append(connection)


def _lent(idle: deque[Any], client: redis.Redis) -> Any:
    """Take one of the connections that nobody uses, or a new one; whoever took it puts it back."""
    try:
        return idle.pop()
    except IndexError:
        return client.connection_pool.make_connection()


def _asked(connection: Any, name: str, *arguments: Argument) -> Any:
    try:
        return _ask(connection, "EVALSHA", _sha(name), 1, *arguments)
    except NoScriptError:
        return _ask(connection, "EVAL", text(name), 1, *arguments)
    except (RedisConnectionError, RedisTimeoutError):  # it may have gone stale: once more, as the pooled client does
        return _ask(connection, "EVAL", text(name), 1, *arguments)


def _ask(connection: Any, *command: Argument, after: tuple[Argument, ...] = ()) -> Any:
    """Send a command and return its answer. after: a command that goes before it; its answer counts for nothing."""
    try:
        # The library's own packing looks at each argument twice before it calls the same function.
        packed = hiredis.pack_command(command)  # type: ignore[arg-type]
        if after:
            packed = hiredis.pack_command(after) + packed  # type: ignore[arg-type]
        connection.send_packed_command([packed])
        if after:
            _skip(connection)
        return connection.read_response()
    except ResponseError:
        raise
    except BaseException:  # an answer that is still to come must not be taken for that of the next command
        connection.disconnect()
        raise


def _skip(connection: Any) -> None:
    """Read an answer that is only waited for. After an error there, nobody reads the answer that follows."""
    try:
        connection.read_response()
    except ResponseError:
        connection.disconnect()
        raise


@cache
def _idle(client: redis.Redis) -> deque[Any]:
    """Return the connections that nobody uses: a turn asks three times, and the pool's bookkeeping costs as much again.

    Not one for each thread: every request of a page is a thread of its own, and the pool counts what it has made.
    """
    return deque()


async def run_async(line: Line, name: str, shard: int, *arguments: Argument) -> Any:
    """The same from an event loop; the limit of time is the caller's business."""
    key = keys.ready(shard)
    try:
        return await line.ask("EVALSHA", _sha(name), 1, key, *arguments)
    except ResponseError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
    except RedisConnectionError:  # it may have gone stale: once more
        pass
    return await line.ask("EVAL", text(name), 1, key, *arguments)
