"""A real Redis server of its own for a test run, on a socket in a folder that is thrown away."""

from __future__ import annotations

import contextlib
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from pytest_django import Settings

from config import embedded_redis
from config import redis as connections


@contextlib.contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """Let no file of the process grow during the block."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


class RedisServer:
    """Starts, stops, kills and restarts; keeps its append-only file between two starts."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="parley-redis-"))
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RedisServer:
        command = embedded_redis.command(self.socket, data_dir=self.folder)
        # Python ignores the signal for a file that may not grow, and hands that down unless told otherwise: then
        # `full_disk` is an error of the write, as on a real disk.
        self._process = subprocess.Popen(command, restore_signals=False)
        self._await_answer()
        return self

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """No file of the server grows during the block."""
        with full_disk(self.pid):
            yield

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def _await_answer(self) -> None:
        client = redis.Redis.from_url(self.url)
        for _ in range(500):
            try:
                client.ping()
                return
            except redis.RedisError:
                time.sleep(0.01)
        raise RuntimeError("redis-server did not start")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer().start()
    yield server
    server.remove()


@pytest.fixture
def store(redis_server: RedisServer, settings: Settings) -> Iterator[redis.Redis]:
    """The product's own Redis client, on an empty server that only this test run uses."""
    settings.REDIS_URL = redis_server.url
    _forget_clients()
    connections.client().flushall()
    yield connections.client()
    _forget_clients()


def _forget_clients() -> None:
    for client in (connections.client, connections.blocking_client):
        client.cache_clear()
