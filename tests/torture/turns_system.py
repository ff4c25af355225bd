"""A running Parley to break: two workers, a web process, Redis, an API that counts, and bots that call it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests import product
from tests.journeys import conftest as journeys
from tests.journeys.running import Answer, Parley
from tests.redis_server import full_disk

BOTS = """
shown = text("{$botContext.n}: {$userMessage}", pre_process=COUNT)
result = {
    "session": client.cookies["sessionid"].value, "team": team.pk,
    "echo": bot("Echo", shown),
    "slow": bot("Slow", call("Look", url="UPSTREAM/look/300/{$userMessage}"), shown),
    "shop": bot("Shop", call("Buy", method="POST", url="UPSTREAM/buy/0/{$userMessage}"),
                call("Look", url="UPSTREAM/look/400/{$userMessage}", slow_message="One moment", slow_after_seconds=0),
                shown),
    "deadly": bot("Deadly", call("Kill", url="UPSTREAM/kill/3000/{$userMessage}"), shown),
    "failing": bot("Failing", call("Fail", url="UPSTREAM/fail/0/{$userMessage}"), shown),
    "hostile": bot("Hostile", text("never", pre_process="while (true) {}")),
    "greedy": bot("Greedy", text("never", pre_process="const all = []; for (;;) all.push(new Array(10000).fill('x'))")),
}
"""


class CountingApi:
    """Answers /verb/milliseconds/mark that late; keeps (method, verb, mark) of every request in its order."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str]] = []
        self.arrived = threading.Condition()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                _, verb, late, mark = self.path.split("?")[0].split("/", 3)
                with api.arrived:
                    api.requests.append((self.command, verb, mark))
                    api.arrived.notify_all()
                time.sleep(int(late) / 1000)
                body = json.dumps({"answer": 42}).encode()
                self.send_response(500 if verb == "fail" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None: ...

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def await_request(self, verb: str, mark: str, *, times: int = 1) -> None:
        """Return as soon as this request has come so often."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: self.count(verb, mark) >= times, 40)
        assert came, f"/{verb}/{mark} was asked {self.count(verb, mark)} times, not {times}"

    def count(self, verb: str, mark: str) -> int:
        return sum(each[1:] == (verb, mark) for each in self.requests)

    def bought_again(self) -> list[str]:
        """Marks whose purchase was made again although the call after it had begun, so that it was in the journal."""
        looked: set[str] = set()
        again = []
        for _, verb, mark in self.requests:
            if verb == "look":
                looked.add(mark)
            elif verb == "buy" and mark in looked:
                again.append(mark)
        return again

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed is no error here."""


class System(Parley):
    """Knows how to break its own parts."""

    api: CountingApi

    def _begin(self, workers: int) -> None:
        self._python("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        super()._begin(workers)

    def kill_worker(self, *, number: int = 0, again: bool = True) -> None:
        worker = self.workers.pop(number)
        worker.kill()
        worker.wait()
        if again:
            self.workers.append(self.start_worker())

    def kill_one_of_two(self) -> None:
        """Kill a worker once the other one is up, which is to take over."""
        product.wait_for(lambda: "\nparley_workers 2\n" in self.call("GET", "/metrics").body, what="the second worker")
        self.kill_worker()

    def restart_web(self) -> None:
        self.web.kill()
        self.web.wait()
        self.web = self.start_web()

    def kill_redis(self, *, gone: float = 0.0) -> None:
        self.redis.kill()
        time.sleep(gone)
        self.redis.start()

    def silence_redis(self, *, seconds: float) -> None:
        """It accepts connections and says nothing."""
        with self.silent_redis():
            time.sleep(seconds)

    @contextmanager
    def silent_redis(self) -> Iterator[None]:
        os.kill(self.redis.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.redis.pid, signal.SIGCONT)

    def kill_sandbox(self, *, zygotes: bool) -> int:
        """Kill the zygotes of all workers, or the children that these forked; return how many."""
        found = 0
        for worker in self.workers:
            for zygote in _children(worker.pid):
                victims = [zygote] if zygotes else _children(zygote)
                found += sum(_killed(victim) for victim in victims)
        return found

    def full_disk_of_web(self) -> AbstractContextManager[None]:
        """No file of the web process grows during the block: neither the database nor its log of writes."""
        return full_disk(self.web.pid)

    def as_author(self, method: str, path: str, body: Any = None, *, form: bool = False, kind: str = "") -> Answer:
        """Ask as the browser of a logged-in author does."""
        token = "t" * 32
        cookies = f"sessionid={self.seeded['session']}; csrftoken={token}"
        kind = kind or ("application/x-www-form-urlencoded" if form else "application/json")
        sent = urlencode(body).encode() if form else body
        return self.call(method, path, sent, Cookie=cookies, X_CSRFToken=token, Content_Type=kind)

    def import_bot(self, export: bytes, *, name: str) -> str:
        """Bring a file in by the pages; return the address that all pages of the bot begin with."""
        head = 'Content-Disposition: form-data; name="file"; filename="bot.json"\r\nContent-Type: application/json'
        body = f"--part\r\n{head}\r\n\r\n".encode() + export + b"\r\n--part--\r\n"
        report = self.as_author("POST", "/bots/import/", body, kind="multipart/form-data; boundary=part")
        assert report.status == 200, report.status
        done = self.as_author("POST", report.address, {"name": name}, form=True)
        assert done.status == 200, done.status
        assert done.address != report.address, done.body
        return done.address[: done.address.index("/", len("/bots/")) + 1]

    def write_a_page(self) -> Answer:
        """Make a bot as an author does with the form."""
        made = {"name": f"Bot {time.time()}", "organization": self.seeded["team"], "language": "en-US"}
        return self.as_author("POST", "/bots/new/", made, form=True)

    def close(self) -> None:
        super().close()
        if hasattr(self, "api"):
            self.api.close()


def start(*, workers: int = 2) -> System:
    """Start everything and make the bots."""
    system = System(workers=workers)
    try:
        system.api = CountingApi()
        seed(system)
    except BaseException:
        system.close()
        raise
    return system


def seed(system: Parley) -> None:
    api: CountingApi = system.api  # type: ignore[attr-defined]
    tools = journeys.SEED.partition("result = {")[0]
    code = "from django.contrib.auth.models import User\n" + tools + BOTS
    system.seeded = system.seed(code.replace("UPSTREAM", api.url))


def _children(pid: int) -> list[int]:
    found = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in listing.read_text().split()]
        except OSError:
            continue
    return found


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
