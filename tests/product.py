"""The whole product for journeys and browser tests: `manage.py serve` in a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
USER, AUTHOR, PASSWORD = "demo", "ada", "parley-demo"
START_SECONDS = 60


@dataclass(frozen=True)
class Product:
    url: str
    demo_api: str
    process: subprocess.Popen[bytes]
    environ: Mapping[str, str]
    log: Path

    def manage(self, *arguments: str) -> str:
        """Run a management command beside the running product and return what it printed."""
        done = manage(*arguments, environ=self.environ)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.ask("POST", path, **options)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, timeout=40, **options)

    def printed(self) -> str:
        return self.log.read_text()

    def descendants(self) -> set[int]:
        """The processes that it started, and those that these started (Linux tells)."""
        return _descendants(self.process.pid)

    def interrupt(self) -> int:
        """Press Ctrl-C once and return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """An environment with nothing of the test run's own but the search path."""
    ports = {"PORT": str(free_port()), "PARLEY_DEMO_API_PORT": str(free_port())}
    return {"PATH": os.environ["PATH"], "PARLEY_DATA_DIR": str(data_dir), "PARLEY_WORKERS": "1", **ports, **more}


def manage(*arguments: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(command, env=dict(environ), capture_output=True, text=True, timeout=100, check=False)


def python(
    *arguments: str, environ: Mapping[str, str], before: Callable[[], object] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python in the product's folder with its settings. before: called in the process that becomes Python."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=ROOT,
        env={**environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=100,
        preexec_fn=before,
        check=False,
    )


@contextlib.contextmanager
def running(data_dir: Path, **more: str) -> Iterator[Product]:
    """Start the product, wait until all its parts answer, and end it afterwards."""
    environ = environment(data_dir, **more)
    log = data_dir.with_suffix(f".{environ['PORT']}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "serve"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    product = Product(
        url=f"http://localhost:{environ['PORT']}",
        demo_api=f"http://127.0.0.1:{environ['PARLEY_DEMO_API_PORT']}",
        process=process,
        environ=environ,
        log=log,
    )
    try:
        _wait_until_ready(product)
        yield product
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Any, *, seconds: float = 30, what: str = "it") -> None:
    """Ask again and again until it holds."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


def _wait_until_ready(product: Product) -> None:
    def ready() -> bool:
        assert product.process.poll() is None, product.printed()
        with contextlib.suppress(requests.RequestException):
            return product.get("/readyz").status_code == 200 and "Parley is ready" in product.printed()
        return False

    wait_for(ready, seconds=START_SECONDS, what=f"Readiness ({product.log})")


def _descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listing.read_text().split():
            found |= {int(child)} | _descendants(int(child))
    return found


def is_alive(pid: int) -> bool:
    """Whether the process still runs; one that has ended but was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
