"""The real Redis, an upstream API that can be slow, and running systems for journeys."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.journeys.running import Parley
from tests.redis_server import redis_server, store

__all__ = ["redis_server", "store"]


class Upstream:
    """An API on the loopback address: /slow/<ms> answers that late; it keeps every request it got."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str]] = []
        self.arrived = threading.Event()
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream.requests.append((self.command, self.path, self.headers.get("Idempotency-Key", "")))
                upstream.arrived.set()
                time.sleep(int(self.path.split("?")[0].rsplit("/", 1)[1]) / 1000)
                body = json.dumps({"answer": 42}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, method: str) -> None:
        """Return when a request of this method has come."""
        for _ in range(400):
            if any(came == method for came, _, _ in self.requests):
                return
            time.sleep(0.05)
        raise AssertionError(f"No {method} came.")

    def forget(self) -> None:
        self.requests.clear()
        self.arrived.clear()

    def close(self) -> None:
        self._server.shutdown()


@pytest.fixture(scope="session")
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


SEED = """
owner = factories.make_user("owner"); factories.make_user("stranger")
team = factories.make_organization(administrator=owner, name="Acme")
COUNT = "botContext.setBotVariable('n', Number(botContext.getBotVariable('n') || 0) + 1, true, false);"

def bot(name, *tiles, **values):
    made = factories.make_bot(team, name=name, **values)
    dialog = factories.make_dialog(made, name="Main")
    factories.make_interaction(dialog, name="start", kind="starter", content={"patterns": ["*"]})
    for number, tile in enumerate(tiles):
        factories.make_interaction(dialog, name=f"tile {number}", **tile(made) if callable(tile) else tile)
    made.live_version = Version.objects.create(bot=made, number=1, spec=spec.to_builtins(specs.draft(made)))
    made.save()
    return {"pk": made.pk, "bot": str(made.key), "key": channel_keys.create(made, label="test", actor=owner)[1]}

def call(name, **values):
    def tile(made):
        return {"kind": "integration", "integration": factories.make_integration(made, name=name, **values)}
    return tile

def text(words, **values):
    return {"kind": "text", "content": {"text": words}, **values}

client = Client(); client.force_login(owner)
stranger = Client(); stranger.force_login(User.objects.get(username="stranger"))
result = {
    "session": client.cookies["sessionid"].value,
    "stranger": stranger.cookies["sessionid"].value,
    "echo": bot("Echo", text("{$botContext.n}: {$userMessage}", pre_process=COUNT)),
    "slow": bot("Slow", call("Look", url="UPSTREAM/slow/150"),
                text("{$botContext.n}: {$userMessage}", pre_process=COUNT)),
    "order": bot("Order", call("Buy", method="POST", url="UPSTREAM/buy/0"),
                 call("Look", url="UPSTREAM/slow/1500", slow_message="One moment", slow_after_seconds=0),
                 text("bought")),
}
"""


@pytest.fixture(scope="session")
def parley(upstream: Upstream) -> Iterator[Parley]:
    """One running system for all journeys that leave its processes alive."""
    system = Parley()
    system.seeded = seed(system, upstream)
    yield system
    system.close()


def seed(system: Parley, upstream: Upstream) -> Any:
    code = "from django.contrib.auth.models import User\n" + SEED.replace("UPSTREAM", upstream.url)
    return system.seed(code)
