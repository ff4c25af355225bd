"""A slow connection: pages stay usable, an impatient second press does nothing, what is typed meanwhile is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests import product
from tests.browser.conftest import log_in

pytestmark = pytest.mark.browser

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 60_000, "uploadThroughput": 30_000}


@pytest.fixture
def slow(logged_in: Page) -> Page:
    """A logged-in page whose network is that of a train."""
    network = logged_in.context.new_cdp_session(logged_in)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    return logged_in


def test_a_second_press_makes_no_second_bot(slow: Page) -> None:
    slow.goto("/bots/new/")
    slow.get_by_label("Name").fill("Pressed twice")
    slow.get_by_role("button", name="Make the bot").dblclick()
    expect(slow.get_by_role("heading", name="Welcome", exact=True)).to_be_visible()

    slow.goto("/bots/?q=Pressed")
    expect(slow.locator(".bot-row")).to_have_count(1)


def test_a_second_press_makes_no_second_copy_in_place(slow: Page) -> None:
    slow.goto("/bots/new/")
    slow.get_by_label("Name").fill("Copied once")
    slow.get_by_role("button", name="Make the bot").click()
    expect(slow.get_by_role("heading", name="Welcome", exact=True)).to_be_visible()

    slow.get_by_text("What to do with Welcome text").locator("..").click()
    slow.get_by_role("button", name="Duplicate").locator("visible=true").dblclick()

    expect(slow.locator(".tile-name")).to_have_count(3)
    slow.reload()
    expect(slow.locator(".tile-name")).to_have_count(3)


def test_what_is_typed_while_the_last_save_is_under_way_is_saved_too(slow: Page) -> None:
    slow.goto("/bots/new/")
    slow.get_by_label("Name").fill("Typed slowly")
    slow.get_by_role("button", name="Make the bot").click()
    slow.get_by_role("link", name="Welcome text", exact=True).click()
    text = slow.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
    held: list[Route] = []
    slow.route("**/save/content/", lambda route: held.append(route), times=1)
    text.fill("One")
    expect(slow.locator("#save-state")).to_have_text("Saving …")
    text.press_sequentially(" and two", delay=120)
    held.pop().continue_()
    expect(slow.locator(".step", has_text="One and two")).to_be_visible()
    expect(slow.locator("#save-state")).to_have_text("Saved")
    slow.get_by_role("link", name="Welcome starter", exact=True).click()
    expect(slow.get_by_label("Patterns")).to_be_visible()
    slow.route("**/*tab=settings*", lambda route: held.append(route), times=1)
    slow.get_by_role("link", name="Settings", exact=True).last.click()  # which is replaced by what it asks for
    expect(slow.locator(".busy-line")).to_have_count(1)
    held.pop().continue_()
    expect(slow.locator(".busy-line")).to_have_count(0)

    slow.reload()
    expect(slow.locator(".step", has_text="One and two")).to_be_visible()


@pytest.fixture
def stopping(browser: Browser, served: product.Product) -> Iterator[Page]:
    """A page whose browser may report what was stopped."""
    context = browser.new_context(base_url=served.url)
    page = context.new_page()
    log_in(page)
    yield page
    context.close()


def test_what_takes_long_shows_that_it_works_then_says_what_and_stops_when_asked(stopping: Page) -> None:
    page = stopping
    page.goto("/bots/new/")
    page.get_by_label("Name").fill("Held back")
    page.get_by_role("button", name="Make the bot").click()
    page.get_by_text("What to do with Welcome text").locator("..").click()
    held: list[Route] = []
    page.route("**/duplicate/", lambda route: held.append(route))

    page.get_by_role("button", name="Duplicate").locator("visible=true").click()

    expect(page.locator(".busy-line")).to_be_visible()
    expect(page.get_by_text("“Duplicate” is still running …")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".busy-line")).to_have_count(0)
    expect(page.get_by_text("is still running")).to_have_count(0)
    assert len(held) == 1
