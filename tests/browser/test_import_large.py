"""A large import in a worker: progress, a reload, cancelling, a worker killed in the middle, the bot, and back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE
from tests.journeys.running import Parley
from tests.samples import large_bot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SIZE = 6_000
LONG = 90_000


@pytest.fixture(scope="module")
def idle() -> Iterator[Parley]:
    """A Parley whose worker a test starts and kills."""
    system = Parley()
    system.manage("collectstatic", "--no-input", "--verbosity", "0")
    system.seeded = system.seed(
        'owner = factories.make_user("owner"); factories.make_organization(administrator=owner, name="Acme")\n'
        'client = Client(); client.force_login(owner)\nresult = {"session": client.cookies["sessionid"].value}'
    )
    yield system
    system.close()


@pytest.fixture
def page(browser: Browser, idle: Parley) -> Iterator[Page]:
    address = f"http://127.0.0.1:{idle.port}"
    context = browser.new_context(base_url=address)
    context.add_cookies([{"name": "sessionid", "value": idle.seeded["session"], "url": address}])
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


def kill_workers(parley: Parley) -> None:
    while parley.workers:
        worker = parley.workers.pop()
        worker.kill()
        worker.wait()


def kill_in_the_middle(parley: Parley, page: Page) -> None:
    """Press the button, and kill the worker as soon as it stores interactions; then let its silence have been long."""
    store = redis.Redis.from_url(parley.redis.url)
    page.get_by_role("button", name="Import the bot").click(no_wait_after=True)
    give_up_at = time.monotonic() + 60
    while not (running := [key for key in store.scan_iter("parley:import-run:*") if _stores(store, key)]):
        assert time.monotonic() < give_up_at, "nothing was stored"
    kill_workers(parley)
    store.hset(running[0], "heard", 0)


def _stores(store: redis.Redis, key: bytes) -> bool:
    return store.hget(key, "phase") == b"Storing" and int(store.hget(key, "done") or 0) > 0


def bots(page: Page) -> int:
    page.goto("/bots/")
    expect(page.get_by_role("heading", name="Bots")).to_be_visible()
    return page.locator(".bot-row").count()


def test_a_large_import_shows_how_far_it_is_and_comes_in_whole_or_not_at_all(
    page: Page, idle: Parley, tmp_path: Path
) -> None:
    file = tmp_path / "large.json"
    file.write_bytes(large_bot.data(SIZE))
    kill_workers(idle)
    page.goto("/bots/import/")
    page.get_by_label("Export file").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()

    # Nobody works: it waits, also across a reload, and can be cancelled and begun again.
    expect(page.get_by_text("Waiting for a worker …")).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile("Waiting for a worker …|Still waiting"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing was imported.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Waiting for a worker …")).to_be_visible()

    # A worker reads it; a fast machine shows how far it is for less than a glance.
    idle.workers.append(idle.start_worker())
    expect(page.get_by_role("heading", name="What comes in")).to_be_visible(timeout=LONG)
    address = page.url
    page.get_by_label("Name").fill("Very large")

    # It is killed in the middle: nothing is there, what was typed is, and a button leads on.
    kill_in_the_middle(idle, page)
    expect(page.get_by_role("alert")).to_contain_text("nothing was imported", timeout=LONG)
    expect(page.get_by_label("Name")).to_have_value("Very large")
    assert bots(page) == 0

    page.goto(address)
    idle.workers.append(idle.start_worker())
    page.get_by_role("button", name="Import the bot").click()
    expect(page.get_by_text(re.compile(rf"Storing: [0-9,]+ of {SIZE:,} interactions"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Imported Very large.")).to_be_visible(timeout=LONG)

    # And it can be taken back, as a small one.
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**/bots/", timeout=LONG)
    assert bots(page) == 0
