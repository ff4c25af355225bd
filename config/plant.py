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

from config import embedded_redis
from config.env import ROOT, Env
from config.supervisor import Program

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


def check_ports(env: Env, *, demo: bool) -> None:
    """Raise CannotServe when another program has a port that is needed."""
    wanted = {"PORT": env.port} | ({"PARLEY_DEMO_API_PORT": env.demo_api_port} if demo else {})
    for name, port in wanted.items():
        if _is_taken(port):
            raise CannotServe(
                f"Port {port} is taken by another program. Choose another port with {name}, "
                f"for example: {name}={port + 10 if port < 65_500 else port - 10} make run"
            )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def own_redis(listening_at: Path, *, data_dir: Path) -> Program:
    """Return the embedded Redis, its folder made ready and no other in its way."""
    if listening_at.parent != data_dir:
        embedded_redis.own_folder(listening_at)
    embedded_redis.end_leftover(listening_at)
    command = embedded_redis.command(listening_at, data_dir=data_dir)
    log = embedded_redis.log_file(data_dir)
    return Program("Redis", command, log=log, stage=0, patience=20, orphan_signal=signal.SIGTERM)


def check_redis(url: str) -> None:
    """Raise CannotServe when nothing answers at the operator's own Redis."""
    try:
        redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3).ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotServe(
            f"The Redis of REDIS_URL does not answer ({error}). Start it, correct REDIS_URL, or unset it: "
            "then Parley runs a Redis of its own."
        ) from error


def programs(env: Env, *, demo: bool) -> tuple[Program, ...]:
    """Return everything but Redis: the web server first, so that its page is there soonest."""
    workers = (_worker(number, env.worker_threads) for number in range(1, env.workers + 1))
    return (_web(env.port), *workers, *((_demo_api(),) if demo else ()))


def _web(port: int) -> Program:
    options = ("--host", LOOPBACK, "--port", str(port), "--no-access-log", "--log-level", "warning")
    # Open event streams never end by themselves.
    command = (sys.executable, "-m", "uvicorn", "config.asgi:application", *options, "--timeout-graceful-shutdown", "2")
    return Program("The web server", command)


def _worker(number: int, threads: int) -> Program:
    options = ("--pool", "threads", "--concurrency", str(threads), "--hostname", f"worker{number}@%h")
    quiet = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
    return Program(
        f"Worker {number}", (sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", *options, *quiet)
    )


def _demo_api() -> Program:
    return Program("The demo API", (sys.executable, str(ROOT / "manage.py"), "demo_api"))


def answers(port: int) -> bool:
    """Whether the web server says that it is alive."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
