"""A whole running Parley for a test: its own data folder, Redis, workers and web process, reached over HTTP only."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.redis_server import RedisServer

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any
    address: str = ""


class Parley:
    """Starts and kills the processes; `seed` runs Python in the product's own environment."""

    def __init__(self, *, workers: int = 1) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="parley-journey-"))
        self.redis = RedisServer().start()
        self.port = _free_port()
        self.environ = os.environ | {
            "PARLEY_DATA_DIR": str(self.folder),
            "REDIS_URL": self.redis.url,
            "PORT": str(self.port),
            "PARLEY_WORKER_THREADS": "12",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.environ.pop("DATABASE_URL", None)
        self.processes: list[subprocess.Popen[bytes]] = []
        try:
            self._begin(workers)
        except BaseException:
            self.close()
            raise

    def _begin(self, workers: int) -> None:
        self._python("manage.py", "migrate", "--verbosity", "0")
        self.workers = [self.start_worker() for _ in range(workers)]
        self.web = self.start_web()
        self._await_ready()

    seeded: Any = None

    def start_worker(self) -> subprocess.Popen[bytes]:
        options = "-P threads -c 12 --loglevel WARNING --without-gossip --without-mingle --without-heartbeat"
        return self._start("celery", "--quiet", "-A", "config", "worker", *options.split())

    def start_web(self) -> subprocess.Popen[bytes]:
        options = "--no-proxy-headers --log-level warning --no-access-log --timeout-graceful-shutdown 1"
        return self._start("uvicorn", "config.asgi:application", "--port", str(self.port), *options.split())

    def seed(self, code: str) -> Any:
        """Run code that has `factories` and `spec` at hand and leaves what the test needs in `result`."""
        program = (
            "import json, django; django.setup()\n"
            "from tests import factories\nfrom bots.models import *\nfrom bots.engine import spec\n"
            f"from bots.services import channel_keys, specs\nfrom django.test import Client\n{code}\n"
            "print(json.dumps(result))"
        )
        return json.loads(self._python("-c", program).splitlines()[-1])

    def manage(self, *arguments: str, typed: str = "") -> str:
        """Run a management command beside the running system, somebody typing."""
        return self._python("manage.py", *arguments, typed=typed)

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Answer:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.add_unredirected_header("Content-Type", headers.get("Content_Type", "application/json"))
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=40) as response:
                return _answer(response.status, response)
        except urllib.error.HTTPError as error:
            return _answer(error.code, error)

    @contextmanager
    def events(self, conversation: dict[str, Any], *, last: str = "") -> Iterator[Iterator[dict[str, Any]]]:
        """Follow a conversation as a browser does; yields {id, event, data} one by one."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/conversations/{conversation['id']}/events"
        )
        request.add_header("Authorization", f"Bearer {conversation['token']}")
        if last:
            request.add_header("Last-Event-ID", last)
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            yield _events(response)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.redis.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _python(self, *arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environ, capture_output=True, text=True, input=typed
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", *arguments], cwd=ROOT, env=self.environ)
        self.processes.append(process)
        return process

    def _await_ready(self) -> None:
        for _ in range(1_800):
            try:
                if self.call("GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise RuntimeError("Parley did not become ready")


def _answer(status: int, response: Any) -> Answer:
    text = response.read().decode()
    parsed = json.loads(text) if "json" in (response.headers["Content-Type"] or "") else text
    return Answer(status, parsed, response.headers, urlsplit(response.url).path)


def _events(response: Any) -> Iterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    for raw in response:
        line = raw.decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if not line and "event" in event:
            yield event
        if not line:
            event = {}
        elif name in ("id", "event"):
            event[name] = value
        elif name == "data":
            event["data"] = json.loads(value)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
