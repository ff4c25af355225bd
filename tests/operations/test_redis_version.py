"""A Redis that is too old for Parley: told at each start with its version, and never found out by a turn."""

from __future__ import annotations

import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from config import embedded_redis, plant, redis_version
from tests import product, redis_server

OLD = "6.0.16"
SENTENCE = "is version 6.0.16, and Parley needs 6.2 or later. Update it, or name another with REDIS_URL."


class _OldRedis(socketserver.StreamRequestHandler):
    """Says what version it is, does not know RESP3, and says OK to all the rest."""

    def handle(self) -> None:
        while count := self.rfile.readline().strip():
            words = [self._word() for _ in range(int(count[1:]))]
            told = f"# Server\r\nredis_version:{OLD}\r\n"
            replies = {b"INFO": f"${len(told)}\r\n{told}\r\n", b"HELLO": "-ERR unknown command `HELLO`\r\n"}
            self.wfile.write(replies.get(words[0].upper(), "+OK\r\n").encode())

    def _word(self) -> bytes:
        return self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2]


@pytest.fixture
def old_redis() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _OldRedis) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        server.shutdown()


def started(*command: str, folder: Path, redis_url: str) -> subprocess.CompletedProcess[str]:
    return product.python(*command, environ=product.environment(folder, REDIS_URL=redis_url))


@pytest.mark.parametrize(
    ("version", "too_old"),
    [
        ("2.8.24", True),
        ("6.0.16", True),
        ("6.1", True),
        ("6.2.0", False),
        ("7.0.15", False),
        ("10.0", False),
        ("", False),
    ],
)
def test_below_6_2_is_too_old_and_10_is_not(version: str, too_old: bool) -> None:
    assert redis_version.is_old(version) is too_old
    assert bool(redis_version.objection(version)) is too_old


def test_a_running_server_tells_a_version_that_will_do() -> None:
    server = redis_server.RedisServer().start()
    try:
        version = redis_version.of(redis_version.asking(server.url))
        plant.check_redis(server.url)
    finally:
        server.remove()

    assert version == redis_version.of_program(embedded_redis.binary())
    assert redis_version.objection(version) == ""


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "serve", "--without-demo"),
        ("manage.py", "check", "--deploy"),
        ("-m", "celery", "--quiet", "-A", "config", "worker", "--pool", "threads"),
    ],
    ids=["make run", "check", "worker"],
)
def test_nothing_starts_with_a_redis_that_is_too_old(command: tuple[str, ...], old_redis: str, tmp_path: Path) -> None:
    done = started(*command, folder=tmp_path, redis_url=old_redis)

    assert done.returncode != 0
    assert SENTENCE in done.stderr
    assert "Traceback" not in done.stderr


def test_a_redis_that_is_away_is_no_old_one(tmp_path: Path) -> None:
    away = redis.Redis.from_url("redis://127.0.0.1:1/0")

    assert redis_version.of(away) == ""
    with pytest.raises(plant.CannotServe, match="does not answer"):
        plant.check_redis("redis://127.0.0.1:1/0")


def test_an_installed_server_that_is_too_old_gives_way_to_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "redis-server"
    installed.write_text(f"#!/bin/sh\necho 'Redis server v={OLD} sha=00000000:0 malloc=jemalloc'\n")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    assert redis_version.of_program(installed) == OLD
    assert embedded_redis.binary() != installed
