"""The Lua scripts of this folder, loaded once and called by name. Each runs on one shard, as one atomic step."""

from __future__ import annotations

import contextlib
import hashlib
from collections import deque
from collections.abc import Iterator
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
Argument = str | bytes | int | float


@cache
def text(name: str) -> str:
    return (FOLDER / "_shared.lua").read_text() + (FOLDER / f"{name}.lua").read_text()


@cache
def _sha(name: str) -> str:
    return hashlib.sha1(text(name).encode(), usedforsecurity=False).hexdigest()


def run(name: str, shard: int, *arguments: Argument) -> Any:
    """Call a script; raises redis.RedisError within about two seconds when Redis does not answer."""
    with _lent(connections.client()) as connection:
        return _asked(connection, name, f"{keys.base(shard)}ready", *arguments)


def run_after(key: str, seconds: float, name: str, shard: int, *arguments: Argument) -> Any:
    """Wait until something stands on a list, but no longer than that, and call a script, which finds it there.

    One way to Redis and back for both; raises redis.RedisError."""
    ready = f"{keys.base(shard)}ready"
    wait = ("BLMOVE", key, key, "LEFT", "LEFT", seconds)  # answered when there is a first item, which stays where it is
    with _lent(connections.blocking_client()) as connection:
        try:
            return _ask(connection, "EVALSHA", _sha(name), 1, ready, *arguments, after=wait)
        except NoScriptError:
            return _ask(connection, "EVAL", text(name), 1, ready, *arguments)
        except (RedisConnectionError, RedisTimeoutError):  # as below
            return _ask(connection, "EVAL", text(name), 1, ready, *arguments, after=wait)


@contextlib.contextmanager
def _lent(client: redis.Redis) -> Iterator[Any]:
    """Lend one of the connections that nobody uses, or a new one."""
    idle = _idle(client)
    try:
        connection = idle.pop()
    except IndexError:
        connection = client.connection_pool.make_connection()
    try:
        yield connection
    finally:
        idle.append(connection)


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
        packed = [hiredis.pack_command(each) for each in (after, command) if each]  # type: ignore[arg-type]
        connection.send_packed_command([b"".join(packed)])
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
    key = f"{keys.base(shard)}ready"
    try:
        return await line.ask("EVALSHA", _sha(name), 1, key, *arguments)
    except ResponseError as error:
        if not str(error).startswith("NOSCRIPT"):
            raise
    except RedisConnectionError:  # it may have gone stale: once more
        pass
    return await line.ask("EVAL", text(name), 1, key, *arguments)
