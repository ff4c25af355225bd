"""Refreshing with several worker processes: one of them asks, and none of it is lost when that one is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import trustme

from tests import authorization_server, product
from tests.authorization_server import Reply, Request, Server
from tests.redis_server import RedisServer

ENDED, REFUSED = -5.0, 1800.0


class Workers:
    """Processes that share a database and Redis, and trust the server's authority."""

    def __init__(self, server: Server, environ: dict[str, str], left: float, *, more: int = 0) -> None:
        self.server = server
        self.environ = environ
        self._started: list[subprocess.Popen[str]] = []
        issued = server.issue(refreshable=True)
        if left > 0:
            server.revoke()
        values = server.settings(auth_url=f"{server.url}/authorize")
        job = {"do": "prepare", "values": values, "host": server.host, "left": left, "more": more}
        self.made = self.ask(job | {name: issued[name] for name in ("access_token", "refresh_token")})

    def ask(self, job: dict[str, Any]) -> Any:
        return self.listen(self._start(job))

    def start(self, *, calls: int, do: str = "work", **more: Any) -> subprocess.Popen[str]:
        """Start a worker that is about to make its calls, or makes them already (`call_on`)."""
        process = self._start({"do": do, "calls": calls, "url": f"{self.server.url}/api"} | self.made | more)
        assert self.listen(process) == "ready"
        return process

    def _start(self, job: dict[str, Any]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.refresh_worker", json.dumps(job)],
            env=self.environ,
            cwd=product.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    @staticmethod
    def go(*processes: subprocess.Popen[str]) -> None:
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()

    @staticmethod
    def listen(process: subprocess.Popen[str]) -> Any:
        assert process.stdout
        line = process.stdout.readline()
        assert line, f"The worker ended with {process.wait(10)}."
        return json.loads(line)

    def stored(self) -> Any:
        return self.ask({"do": "state"} | self.made)

    def end(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that each test copies."""
    folder = tmp_path_factory.mktemp("migrated")
    done = product.manage("migrate", environ=product.environment(folder, REDIS_URL="redis://127.0.0.1:1/0"))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def workers(
    prepared: Path,
    tmp_path: Path,
    authority: trustme.CA,
    redis_server: RedisServer,
    store: object,
    request: pytest.FixtureRequest,
) -> Iterator[Workers]:
    for path in prepared.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    trust = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trust))
    environ = product.environment(tmp_path, REDIS_URL=redis_server.url, SSL_CERT_FILE=str(trust))
    with authorization_server.running(authority) as server:
        running = Workers(server, environ, request.param)
        yield running
        running.end()


@pytest.mark.parametrize("workers", [ENDED, REFUSED], indirect=True, ids=["ended", "refused"])
def test_fifty_turns_in_two_processes_that_meet_one_dead_token_refresh_it_once(workers: Workers) -> None:
    both = [workers.start(calls=25) for _ in range(2)]

    workers.go(*both)
    ended = [outcome for process in both for outcome in workers.listen(process)]

    assert ended == [[True, "", ""]] * 50
    assert workers.server.refreshes == 1
    assert len(workers.server.token_requests) == 1
    assert workers.stored()["generation"] == 2


@pytest.mark.parametrize("workers", [ENDED], indirect=True)
def test_a_worker_killed_between_the_answer_and_the_save_loses_no_rotated_token(workers: Workers) -> None:
    victim, heir = workers.start(calls=1, dies_before_saving=True), workers.start(calls=5)
    workers.go(victim)
    assert workers.listen(victim) == "answered"
    before = workers.stored()

    victim.kill()
    workers.go(heir)
    ended = workers.listen(heir)

    assert (before["generation"], before["refresh_token"]) == (1, "r3fresh-1-t0ken")
    assert ended == [[True, "", ""]] * 5
    assert workers.server.refreshes == 1
    assert workers.stored()["refresh_token"] == "r3fresh-2-t0ken"


@pytest.mark.parametrize("workers", [ENDED], indirect=True)
def test_a_worker_killed_while_it_asks_leaves_the_others_able_to_refresh(workers: Workers) -> None:
    asked, release = Event(), Event()

    def hold(request: Request) -> Reply | None:
        if asked.is_set():
            return None
        asked.set()
        release.wait(30)
        return 500, {}, b"never arrives"

    workers.server.instead = hold
    victim, heir = workers.start(calls=3), workers.start(calls=5)
    workers.go(victim)
    assert asked.wait(20)

    victim.kill()
    workers.go(heir)
    ended = workers.listen(heir)
    release.set()

    assert ended == [[True, "", ""]] * 5
    assert workers.server.refreshes == 1


@pytest.mark.parametrize("workers", [ENDED], indirect=True)
def test_a_rotated_token_that_died_with_its_worker_ends_in_a_plain_request_to_reauthorize(workers: Workers) -> None:
    """The one case that no client can save: the server rotated, and its answer was read by nobody."""
    asked = Event()

    def rotate_and_hang(request: Request) -> Reply | None:
        if not asked.is_set():
            workers.server.refresh_tokens[request.form["refresh_token"]] = False
            asked.set()
            Event().wait(30)
        return None

    workers.server.instead = rotate_and_hang
    victim, heir = workers.start(calls=1), workers.start(calls=3)
    workers.go(victim)
    assert asked.wait(20)

    victim.kill()
    workers.go(heir)
    ended = workers.listen(heir)

    assert {outcome[1] for outcome in ended} == {"credential"}
    assert "Reauthorize" in ended[0][2]
    assert len(workers.server.token_requests) == 2
