"""A headless Chromium for tests of the running product. A page that reports an error fails its test."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from config import bootstrap
from tests import product

OPTIONS = [
    "--no-sandbox",  # containers and root have none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PICTURES = Path(__file__).parents[2] / "test-results"  # of the page as a failed test left it
FAILED = pytest.StashKey[bool]()
PATIENCE = 15_000  # milliseconds that an expectation may take on a busy machine

expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """The browser that `make test` chose, else an installed one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, bootstrap.BROWSERS)), None)
    assert found, "There is no Chromium. Run the browser tests with `make test`, which brings one."
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: while it is open, an event loop runs in this thread, which Django's ORM refuses."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=OPTIONS)
        yield started
        started.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def page(browser: Browser, served: product.Product, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page of the running product, not logged in."""
    context = browser.new_context(base_url=served.url, viewport=WIDE)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    opened.on("console", lambda message: _note(complaints, message))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    if request.node.stash.get(FAILED, False):
        opened.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    context.close()
    assert not complaints, complaints


@pytest.fixture
def logged_in(page: Page) -> Page:
    """The page, logged in as the demo administrator."""
    log_in(page)
    return page


@pytest.fixture
def bot(logged_in: Page) -> Page:
    """A bot of this test's own, from a template and in its first dialog: what tests change in the demo, others meet.

    Its name is the last of the list, so that the bots which other tests look for stay on the first page.
    """
    logged_in.goto("/bots/new/")
    name = logged_in.evaluate("'zz ' + crypto.randomUUID()")
    logged_in.get_by_label("Name").fill(name)
    logged_in.get_by_label("Account balance").check()
    logged_in.get_by_role("button", name="Make the bot").click()
    expect(logged_in.get_by_role("link", name="Ask email", exact=True)).to_be_visible()
    logged_in.wait_for_load_state()  # its scripts hear keys by now
    return logged_in


def log_in(page: Page, *, user: str = product.USER, password: str = product.PASSWORD) -> None:
    page.goto("/login/")
    page.get_by_label("User").fill(user)
    page.get_by_label(re.compile("^Password")).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/bots/")


def _note(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")
