"""What runs when Parley runs: which programs, on which ports, and how to tell that they are up.

Knows the commands of the parts; `config.supervisor` keeps them running.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import redis

from config import embedded_redis, redis_version
from config.env import Env
from config.supervisor import Program

ROOT_WARNING = "You're running the worker with superuser privileges"  # meant for pickle; here messages are JSON
LOOPBACK = "127.0.0.1"


class CannotServe(Exception):
    """Something on this machine is in the way; the sentence says what, and the mend."""


@contextlib.contextmanager
def lock(data_dir: Path) -> Iterator[None]:
    """Hold the data folder: two Parleys must not write the same Redis file."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotServe(
                f"Parley already runs with the data folder {data_dir}. Stop it, or run a second one beside it with "
                "a folder and a port of its own: PARLEY_DATA_DIR=other PORT=8010 make run"
            ) from error
        yield


def listen(name: str, port: int) -> socket.socket:
    """Take a port for a program that gets it handed down; raises CannotServe when another program has it.

    Holding it here means that callers wait, instead of being refused, while that program starts again. Connections
    take over its TCP_NODELAY: a server that is handed a socket does not know that it is TCP, and sets none, so that
    an answer on a kept connection would wait 40 ms for the acknowledgement of its head."""
    try:
        listener = socket.create_server((LOOPBACK, port))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        other = port + 10 if port < 65_500 else port - 10
        raise CannotServe(
            f"Port {port} is taken by another program, or not allowed. Choose another with {name}, "
            f"for example: {name}={other} make run"
        ) from error


def own_redis(listening_at: Path, *, data_dir: Path) -> Program:
    """Return the embedded Redis, its folder made ready and no other in its way."""
    if listening_at.parent != data_dir:
        embedded_redis.own_folder(listening_at)
    embedded_redis.end_leftover(listening_at)
    command = embedded_redis.command(listening_at, data_dir=data_dir)
    log = embedded_redis.log_file(data_dir)
    return Program("Redis", command, log=log, stage=0, patience=20, orphan_signal=signal.SIGTERM)


def check_redis(url: str) -> None:
    """Raise CannotServe when nothing answers at the operator's own Redis, or one that is too old."""
    try:
        client = redis_version.asking(url)
        client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotServe(
            f"The Redis of REDIS_URL does not answer ({error}). Start it, correct REDIS_URL, or unset it: "
            "then Parley runs a Redis of its own."
        ) from error
    if objection := redis_version.objection(redis_version.of(client)):
        raise CannotServe(objection)


def web(env: Env, listener: socket.socket) -> Program:
    # Who calls is for Parley to say (config.visitors): uvicorn would believe a header from anybody on this machine.
    quiet = ("--no-proxy-headers", "--no-access-log", "--log-level", _level(env).lower())
    options = ("--fd", str(listener.fileno()), *quiet)
    # Open event streams never end by themselves. A consumer thinks for longer than uvicorn's five seconds, and a client
    # that posts on a kept connection just as it is closed cannot know whether its message arrived.
    limits = ("--timeout-graceful-shutdown", "2", "--timeout-keep-alive", "75")
    command = (sys.executable, "-m", "uvicorn", "config.asgi:application", *options, *limits)
    return Program("The web server", command, listener=listener.fileno())


def workers(env: Env) -> tuple[Program, ...]:
    return tuple(_worker(env, number) for number in range(1, env.workers + 1))


def _worker(env: Env, number: int) -> Program:
    celery = (sys.executable, "-W", f"ignore:{ROOT_WARNING}", "-m", "celery", "--quiet", "-A", "config", "worker")
    options = ("--pool", "threads", "--concurrency", str(env.worker_threads), "--hostname", f"worker{number}@%h")
    quiet = ("--loglevel", _level(env), "--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program(f"Worker {number}", (*celery, *options, *quiet))


def _level(env: Env) -> str:
    """The programs' own chatter; ours follows the settings."""
    return "DEBUG" if env.log_level == "debug" else "WARNING"


def demo_api(listener: socket.socket) -> Program:
    options = ("--fd", str(listener.fileno()), "--no-access-log", "--log-level", "warning")
    command = (sys.executable, "-m", "uvicorn", "bots.demo.api:app", *options, "--timeout-graceful-shutdown", "1")
    return Program("The demo API", command, listener=listener.fileno())


def answers(path: str, *, port: int) -> bool:
    """Whether the web server says that it is alive (/healthz), or that all parts are there (/readyz)."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
