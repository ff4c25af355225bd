"""Nobody answers: the page says at once that it waits, after half a minute that it waits in vain, and what for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.test_preview import said, say
from tests.journeys.conftest import Upstream, seed
from tests.journeys.running import Parley

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HALF_A_MINUTE = 30_000


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    server = Upstream()
    yield server
    server.close()


@pytest.fixture(scope="module")
def fragile(upstream: Upstream) -> Iterator[Parley]:
    """A Parley that nobody watches: what is killed here stays dead."""
    system = Parley()
    system.manage("collectstatic", "--no-input", "--verbosity", "0")
    system.seeded = seed(system, upstream)
    yield system
    system.close()


@pytest.fixture
def page(browser: Browser, fragile: Parley) -> Iterator[Page]:
    """A page whose clock the test may push forward, logged in; it may complain of answers that it does not get."""
    address = f"http://127.0.0.1:{fragile.port}"
    context = browser.new_context(base_url=address)
    context.add_cookies([{"name": "sessionid", "value": fragile.seeded["session"], "url": address}])
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.clock.install()
    yield opened
    context.close()


def preview(page: Page, parley: Parley, bot: str) -> Locator:
    """Open the preview and return the line that says what is waited for."""
    page.goto(f"/bots/{parley.seeded[bot]['pk']}/preview/")
    expect(page.get_by_text("Say hello.")).to_be_visible()
    return page.locator("[data-waiting]")


def kill_workers(parley: Parley) -> None:
    while parley.workers:
        worker = parley.workers.pop()
        worker.kill()
        worker.wait()


@pytest.fixture
def workers(fragile: Parley) -> Iterator[Any]:
    """Whatever a test does to the workers, the next one finds one."""
    yield fragile.workers
    if not fragile.workers:
        fragile.workers.append(fragile.start_worker())


def test_without_a_worker_the_page_waits_then_says_so_and_goes_on_when_one_comes(
    page: Page, fragile: Parley, workers: Any
) -> None:
    line = preview(page, fragile, "echo")
    say(page, "before")
    expect(said(page).last).to_have_text(re.compile("1: before"))
    kill_workers(fragile)

    say(page, "hello")
    expect(line).to_have_text("Waiting for a worker to take this up …")
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(line).to_have_text(re.compile("no worker has taken this up"))
    expect(line).to_have_class(re.compile("bad"))

    page.reload()
    expect(page.locator("[data-messages] > .own")).to_have_text(["before", "hello"])
    expect(line).to_have_text(re.compile("no worker has taken this up"))

    workers.append(fragile.start_worker())
    expect(said(page).last).to_have_text(re.compile("2: hello"), timeout=60_000)
    expect(line).to_be_hidden()
    expect(said(page)).to_have_count(4)


def test_a_worker_that_dies_in_the_middle_of_a_turn_leaves_no_endless_dots(
    page: Page, fragile: Parley, upstream: Upstream, workers: Any
) -> None:
    line = preview(page, fragile, "order")
    upstream.forget()
    say(page, "buy")
    expect(said(page).last).to_have_text(re.compile("One moment"))
    kill_workers(fragile)

    page.clock.fast_forward(HALF_A_MINUTE)
    expect(line).to_have_text(re.compile("^No answer for half a minute"))
    expect(page.locator("[data-typing]")).to_be_hidden()

    workers.append(fragile.start_worker())
    expect(said(page).last).to_have_text(re.compile("bought"), timeout=60_000)
    expect(line).to_be_hidden()


def test_while_redis_is_away_the_page_says_so_and_sends_what_was_typed_when_it_is_back(
    page: Page, fragile: Parley, workers: Any
) -> None:
    line, banner = preview(page, fragile, "echo"), page.locator("[data-banner]")
    say(page, "before")
    expect(said(page).last).to_have_text(re.compile("1: before"))
    fragile.redis.kill()
    try:
        expect(line).to_have_text(re.compile(r"^The conversation store \(Redis\) does not answer\."))
        say(page, "meanwhile")
        expect(banner).to_contain_text("The conversation store does not answer")
        page.clock.fast_forward(HALF_A_MINUTE)
        expect(line).to_have_text(re.compile("^Not sent yet: The conversation store does not answer"))
    finally:
        fragile.redis.start()

    expect(said(page).last).to_have_text(re.compile("2: meanwhile"), timeout=60_000)
    expect(line).to_be_hidden()
    expect(banner).to_be_hidden()
    expect(said(page)).to_have_count(4)
