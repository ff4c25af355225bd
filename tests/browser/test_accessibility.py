"""axe-core finds nothing to object to: every page and main state, light and dark, on a screen and a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NARROW, PATIENCE, WIDE, log_in
from tests.product import Product

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "rules => axe.run(document, {runOnly: rules}).then(found => found.violations)"
LOOKS = [("light", WIDE), ("dark", NARROW)]  # each scheme and each size once: what axe finds hangs on one of the two
PLAIN = [
    "/bots/", "/bots/?q=nothing-like-this", "/bots/new/", "/bots/import/", "/environments/", "/credentials/",
    "/activity/", "/password/", "/no-such-page/",
]  # fmt: skip
OF_A_BOT = [
    "dialogs/", "search/?q=balance", "search/?q=nothing-like-this", "settings/", "variables/", "problems/",
    "global-functions/", "versions/", "versions/compare/", "publish/", "delete/", "integrations/", "integrations/new/",
    "intents/", "tests/",
    "preview/",
]  # fmt: skip


@pytest.fixture(params=LOOKS, ids=[f"{scheme}-{size['width']}" for scheme, size in LOOKS])
def page(browser: Browser, served: Product, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in one look, without the policy that keeps foreign scripts such as axe away."""
    scheme, size = request.param
    context = browser.new_context(
        base_url=served.url, viewport=size, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


def look(page: Page) -> list[str]:
    """Name what axe objects to on the page as it is now, and what is wider than the window."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, RULES)
    said = [f"{page.url}: {each['id']}, {each['help']}: {each['nodes'][0]['html'][:160]}" for each in found]
    width = page.evaluate("document.documentElement.scrollWidth")
    fits = width <= page.viewport_size["width"] if page.viewport_size else True
    return said if fits else [*said, f"{page.url}: {width} pixels wide"]


def bot_address(page: Page) -> str:
    page.goto("/bots/")
    address = page.get_by_role("link", name="Account balance", exact=True).get_attribute("href")
    assert address is not None
    return address.removesuffix("dialogs/")


def test_every_page_passes(page: Page) -> None:
    page.goto("/login/")
    found = look(page)
    log_in(page)
    bot = bot_address(page)

    for path in (*PLAIN, *(bot + each for each in OF_A_BOT)):
        page.goto(path)
        found += look(page)

    assert not found, "\n".join(found)


def test_the_panel_of_an_interaction_passes_in_each_part(page: Page) -> None:
    log_in(page)
    page.goto(f"{bot_address(page)}dialogs/")
    found = []
    for name in ("Balance starter", "Ask account number", "Get balance", "Say balance"):
        tile = page.get_by_role("link", name=name, exact=True).first
        tile.click()
        panel = page.get_by_role("region", name="Selected interaction")
        expect(panel.locator("#tab-rules")).to_have_attribute("href", f"{tile.get_attribute('href')}?tab=rules")
        for tab in ("Rules", "Code", "Settings", "Content"):
            panel.get_by_role("link", name=tab, exact=True).click()
            expect(panel.get_by_role("link", name=tab, exact=True)).to_have_attribute("aria-current", "true")
            found += look(page)

    assert not found, "\n".join(found)


def test_what_opens_on_the_dialogs_page_passes(page: Page) -> None:
    log_in(page)
    page.goto(f"{bot_address(page)}dialogs/")
    page.get_by_text("What to do with Ask email").locator("..").click()
    found = look(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Insert an interaction", exact=True).click()
    found += look(page)
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Ask email", exact=True).click()
    panel = page.get_by_role("region", name="Selected interaction")
    panel.get_by_role("link", name="Rules", exact=True).click()
    panel.get_by_role("button", name=re.compile("An e-mail address")).click()
    expect(panel.get_by_label("Regular expression")).to_be_visible()
    found += look(page)
    panel.get_by_role("link", name="Content", exact=True).click()
    panel.get_by_label("Text", exact=True).press_sequentially(" {")
    expect(page.get_by_role("option").first).to_be_visible()
    found += look(page)
    page.keyboard.press("Escape")
    panel.get_by_label("Name").fill("")
    expect(page.locator("#save-state")).to_have_text("Not saved")
    found += look(page)
    panel.get_by_label("Name").fill("Ask email")
    panel.get_by_label("Text", exact=True).fill("Which e-mail address is it registered with?")
    expect(page.locator("#save-state")).to_have_text("Saved")

    assert not found, "\n".join(found)


def test_an_integration_and_its_test_run_pass(page: Page) -> None:
    log_in(page)
    page.goto(f"{bot_address(page)}integrations/")
    page.get_by_role("link", name="Balance").last.click()
    found = look(page)
    page.get_by_label("slot.accountNumber").fill("10024417")
    page.get_by_label("slot.email").fill("ada@example.com")
    page.locator("#test-run").get_by_role("button", name="Test run").click()
    tabs = page.get_by_role("tablist", name="Response")
    expect(tabs).to_be_visible()

    for tab in tabs.get_by_role("tab").all():
        tab.click()
        found += look(page)

    assert not found, "\n".join(found)


def test_a_conversation_with_its_log_passes(page: Page) -> None:
    log_in(page)
    page.goto(f"{bot_address(page)}preview/")
    page.get_by_label("Message").fill("hello")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("What is your account number?")).to_be_visible()
    found = look(page)
    for name in ("Bot log", "Variables"):
        page.get_by_role("button", name=name, exact=True).click()
        found += look(page)

    assert not found, "\n".join(found)


def test_an_environment_and_a_credential_pass(page: Page) -> None:
    log_in(page)
    page.goto("/environments/")
    page.get_by_role("link", name="Demo", exact=True).click()
    found = look(page)
    page.goto("/credentials/")
    for address in page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        page.goto(address)
        found += look(page)

    assert not found, "\n".join(found)


def test_the_back_rooms_of_an_organization_pass(page: Page) -> None:
    log_in(page)
    for name in ("Members", "Egress rules"):
        page.get_by_text("demo", exact=True).first.click()
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert not look(page)
