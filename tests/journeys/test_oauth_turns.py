"""Fifty conversations meet one token that has ended, through two real workers: one of them refreshes it, once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis
import trustme

from bots.runtime import keys
from tests import authorization_server, peers, product
from tests.authorization_server import Reply, Request, Server
from tests.journeys.running import Parley
from tests.journeys.test_runtime_delivery import begin, post, texts

pytestmark = [pytest.mark.journey, pytest.mark.timeout(150)]

CONVERSATIONS = 50
SEED = """
import time
from credentials import kinds
from credentials.services import tokens, vault
owner = factories.make_user("owner")
team = factories.make_organization(administrator=owner, name="Acme")
kind = kinds.ALL["oauth_code"]
credential = vault.create(team, actor=owner, name="Shop", kind=kind, values=VALUES, allowed_hosts=[HOST])
now = time.time()
held = tokens.Tokens(ACCESS, REFRESH, now - 3600, now - 5)
tokens.store(credential.pk, tokens=held, started_from=None, authorized=True)
made = factories.make_bot(team, name="Orders")
dialog = factories.make_dialog(made, name="Main")
look = factories.make_integration(made, name="Look", url=URL, credential=credential, fields=FIELDS)
factories.make_interaction(dialog, name="start", kind="starter", content={"patterns": ["*"]})
factories.make_interaction(dialog, name="look", kind="integration", integration=look)
factories.make_interaction(dialog, name="say", kind="text", content={"text": "answered {Look.done}"})
made.live_version = Version.objects.create(bot=made, number=1, spec=spec.to_builtins(specs.draft(made)))
made.save()
key = channel_keys.create(made, label="test", actor=owner)[1]
result = {"orders": {"pk": made.pk, "bot": str(made.key), "key": key}, "credential": str(credential.key)}
"""


class Shop:
    """The running system, with the authorization server that its one credential belongs to."""

    def __init__(self, parley: Parley, server: Server) -> None:
        self.parley, self.server = parley, server
        issued = server.issue(refreshable=True)
        given = {
            "VALUES": server.settings(auth_url=f"{server.url}/authorize"),
            "HOST": server.host,
            "URL": f"{server.url}/api",
            "ACCESS": issued["access_token"],
            "REFRESH": issued["refresh_token"],
            "FIELDS": [{"key": "done", "value": "{$.api_Look.ok}"}],
        }
        parley.seeded = parley.seed("".join(f"{name} = {value!r}\n" for name, value in given.items()) + SEED)
        self.callers: set[int | None] = set()
        server.on_call = lambda request: self.callers.add(self.worker(request.port))

    def worker(self, port: int) -> int | None:
        return peers.owner(port, among=[process.pid for process in self.parley.workers])

    def kill(self, pid: int) -> None:
        victim = next(process for process in self.parley.workers if process.pid == pid)
        self.parley.workers.remove(victim)
        victim.kill()
        victim.wait()

    def answered(self, conversation: dict[str, Any]) -> list[str]:
        return texts(self.parley, conversation)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with authorization_server.running(authority) as server:
        parley = Parley(workers=2)
        alive = redis.Redis.from_url(parley.redis.url)
        product.wait_for(lambda: alive.hlen(keys.WORKERS) == 2, seconds=60, what="the life of both workers")
        yield Shop(parley, server)
        parley.close()


def say(shop: Shop, conversations: list[dict[str, Any]]) -> None:
    """Post to all of them at once."""
    with ThreadPoolExecutor(CONVERSATIONS) as pool:
        answers = list(pool.map(lambda each: post(shop.parley, each, "Where is it?"), conversations))
    assert {answer.status for answer in answers} == {202}


def await_answers(shop: Shop, conversations: list[dict[str, Any]]) -> None:
    with contextlib.suppress(AssertionError):
        product.wait_for(lambda: all(shop.answered(each) for each in conversations), seconds=60)
    assert [shop.answered(each) for each in conversations] == [["answered true"]] * CONVERSATIONS


def test_fifty_turns_in_two_workers_refresh_an_ended_token_once(shop: Shop) -> None:
    conversations = [begin(shop.parley, "orders") for _ in range(CONVERSATIONS)]

    say(shop, conversations)
    await_answers(shop, conversations)

    assert (shop.server.refreshes, len(shop.server.token_requests)) == (1, 1)
    assert shop.server.api_requests == ["Bearer acc3ss-2-t0ken"] * CONVERSATIONS
    assert shop.callers == {process.pid for process in shop.parley.workers}


def test_fifty_turns_get_their_answer_when_the_refreshing_worker_is_killed(shop: Shop) -> None:
    conversations = [begin(shop.parley, "orders") for _ in range(CONVERSATIONS)]
    asked, release, refreshing = threading.Event(), threading.Event(), []

    def hold_the_first(request: Request) -> Reply | None:
        if asked.is_set():
            return None
        refreshing.append(shop.worker(request.port))
        asked.set()
        release.wait(60)
        return 500, {}, b"never arrives"

    shop.server.instead = hold_the_first
    say(shop, conversations)
    assert asked.wait(30)
    shop.kill(refreshing[0])
    await_answers(shop, conversations)
    release.set()

    assert shop.server.refreshes == 1
    assert len(shop.server.token_requests) == 2
