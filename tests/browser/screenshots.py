"""`make screenshots`: the pictures of README.md and docs/, taken from the running product with its demo content."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests import product
from tests.browser import conftest

PICTURES = product.ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Needs the usual ports, so that the pictures show the addresses that a reader has."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        product.running(Path(folder) / "data", PORT="8000", PARLEY_DEMO_API_PORT="8001") as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=conftest.chromium(), args=conftest.OPTIONS)
        page = browser.new_page(base_url=served.url, viewport=SIZE, reduced_motion="reduce")
        conftest.log_in(page)
        for picture in (bots, dialogs, integration, preview):
            picture(page)
            page.screenshot(path=PICTURES / f"{picture.__name__}.png")
        browser.close()


def bots(page: Page) -> None:
    page.goto("/bots/")


def dialogs(page: Page) -> None:
    page.get_by_role("link", name="Account balance").click()
    page.get_by_role("link", name="Get balance", exact=True).click()
    panel = page.get_by_role("region", name="Selected interaction")
    panel.get_by_role("link", name="Rules").click()
    expect(panel.get_by_role("button", name="Add rule")).to_be_visible()


def integration(page: Page) -> None:
    page.get_by_role("link", name="Integrations").click()
    page.get_by_role("link", name="Balance").last.click()
    page.get_by_label("slot.accountNumber").fill("10024417")
    page.get_by_label("slot.email").fill("ada@example.com")
    panel = page.get_by_role("region", name="Test run")
    panel.get_by_role("button", name="Test run").click()
    expect(panel.get_by_text("1250.40").first).to_be_visible()


def preview(page: Page) -> None:
    page.get_by_role("link", name="Bots").click()
    page.get_by_role("link", name="Order status").click()
    page.get_by_role("link", name="Preview").click()
    chat = page.get_by_role("region", name="Preview of Order status")
    chat.get_by_role("button", name="Bot log").click()
    for words, answer in (("Where is my order?", "Its number looks like"), ("A-1001", "Linen notebook")):
        chat.get_by_label("Message", exact=True).fill(words)
        chat.get_by_role("button", name="Send").click()
        expect(chat.locator("[data-messages]").get_by_text(answer)).to_be_visible()


if __name__ == "__main__":
    main()
