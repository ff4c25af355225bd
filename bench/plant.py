"""The processes of a measurement, in a temporary folder, on loopback: the product, the mock API, floors, loads."""

from __future__ import annotations

import contextlib
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
KEPT = ("PATH", "LD_LIBRARY_PATH")  # of the environment; PARLEY_… names go to the product, for trying settings out


class Failed(Exception):
    """Something did not start, or measured nothing; the sentence says what."""


class Helper:
    """A Python process that is talked to by lines: a line in, a line out."""

    def __init__(self, *arguments: str, environ: dict[str, str]) -> None:
        self.name = " ".join(arguments[:2])
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def tell(self, line: str = "") -> None:
        self.process.stdin.write(line + "\n")

    def hear(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.name} ended with status {self.process.wait()}.")
        return line.strip()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate()


@dataclass
class Plant:
    """Everything that runs. bots: what bench.seed made, by name."""

    folder: Path
    environ: dict[str, str]
    url: str = ""
    api: str = ""
    bots: dict[str, dict[str, str]] = field(default_factory=dict)
    product: subprocess.Popen[bytes] | None = None
    floors: list[Helper] = field(default_factory=list)
    helpers: list[Helper] = field(default_factory=list)

    def floor(self, *, seconds: float, processes: int = 1) -> list[dict[str, float]]:
        """Measure the floor in so many processes at once."""
        chosen = self.floors[:processes]
        for one in chosen:
            one.tell(str(seconds))
        return [json.loads(one.hear()) for one in chosen]

    def load(self, bot: str, **options: Any) -> Helper:
        """Start a load whose conversations have begun; a line sets them talking."""
        to = {"url": self.url, "bot": self.bots[bot]["bot"], "key": self.bots[bot]["key"]}
        expected = {"expect": "Ada Lovelace"} if "expect" not in options else {}
        words = [f"--{name}={value}" for name, value in (to | expected | options).items()]
        load = self._help("-m", "bench.load", "--at-signal", *words)
        load.hear()
        return load

    def seed(self, *arguments: str) -> Any:
        """Run a command of bench.seed in the product's environment."""
        done = subprocess.run(
            [sys.executable, "-m", "bench.seed", *arguments],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Failed(done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def _help(self, *arguments: str) -> Helper:
        helper = Helper(*arguments, environ=clean_environ())
        self.helpers.append(helper)
        return helper

    def start(self) -> None:
        api = self._help("-m", "bench.mock")
        self.api = f"127.0.0.1:{api.hear()}"
        self.floors = [self._help("-m", "bench.floor", f"http://{self.api}/0/balance") for _ in range(2)]
        for one in self.floors:
            one.hear()
        self.product, _ = serve(self.environ, "--without-demo", log=self.folder / "serve.log")
        self.url = f"http://localhost:{self.environ['PORT']}"
        self.bots = self.seed("bots", self.api)

    def stop(self) -> None:
        if self.product:
            end(self.product)
        for helper in reversed(self.helpers):
            helper.close()


def clean_environ() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def product_environ(folder: Path) -> dict[str, str]:
    settings = {name: value for name, value in os.environ.items() if name.startswith("PARLEY_")}
    ports = {"PORT": str(free_port()), "PARLEY_DEMO_API_PORT": str(free_port())}
    own = {"PARLEY_DATA_DIR": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return clean_environ() | settings | ports | own


@contextlib.contextmanager
def running() -> Iterator[Plant]:
    """Start everything, and leave nothing behind: no process, no file."""
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    plant = Plant(folder, product_environ(folder))
    try:
        plant.start()
        yield plant
    finally:
        plant.stop()
        shutil.rmtree(folder, ignore_errors=True)


def serve(environ: dict[str, str], *options: str, log: Path) -> tuple[subprocess.Popen[bytes], float]:
    """Run `manage.py serve`; returns its process, when all of it is ready, and the seconds to its first page."""
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *options],
            cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(f"http://localhost:{environ['PORT']}/login/", process, log)
        first_page = time.perf_counter() - began
        _wait_for(f"http://localhost:{environ['PORT']}/readyz", process, log)
    except BaseException:
        end(process)
        raise
    return process, first_page


def end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait(60)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    give_up_at = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        with contextlib.suppress(urllib.error.URLError, OSError), opener.open(url, timeout=20) as answer:
            answer.read()
            return
        time.sleep(0.02)
    raise Failed(f"{url} does not answer. Parley said:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
