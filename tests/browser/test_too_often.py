"""Who does something dear too often is told when to go on, wherever it was pressed, and loses nothing typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import product
from tests.browser.conftest import PATIENCE, WIDE, log_in

pytestmark = pytest.mark.browser
SEND_ALL = """async ([address, times]) => {
  const form = document.getElementById("integration-form");
  const post = () => fetch(address, { method: "POST", body: new FormData(form) });
  for (let sent = 0; sent < times; sent += 1) await post();
}"""


@pytest.fixture
def page(browser: Browser, served: product.Product) -> Iterator[Page]:
    """Ada's page; her browser may complain of the answers that refuse."""
    context = browser.new_context(base_url=served.url, viewport=WIDE)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    log_in(opened, user=product.AUTHOR)
    opened.get_by_role("link", name="Order status", exact=True).click()
    opened.get_by_role("link", name="Integrations").click()
    opened.locator("main").get_by_role("link", name="Order", exact=True).click()
    opened.wait_for_selector("#integration-form")
    yield opened
    context.close()


def test_a_refusal_is_said_over_the_open_dialog_and_the_form_keeps_what_was_typed(page: Page) -> None:
    bot = page.url.split("/bots/")[1].split("/")[0]
    page.evaluate(SEND_ALL, [f"/bots/{bot}/integrations/curl/", 60])
    page.get_by_label("Integration Name").fill("Typed_and_kept")

    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Copy as cURL").click()

    told = page.locator(".toast", has_text="60 commands were made or read within a minute")
    expect(told).to_contain_text("try again in")
    expect(page.get_by_role("dialog")).to_have_count(0)
    told.get_by_role("button", name="Dismiss").click()
    expect(told).to_have_count(0)
    expect(page.get_by_label("Integration Name")).to_have_value("Typed_and_kept")


def test_what_is_said_while_a_dialog_is_open_can_be_read_and_pressed(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.evaluate(
        "document.dispatchEvent(new CustomEvent('toast', { detail: { text: 'Said meanwhile.', bad: true } }))"
    )

    told = page.locator(".toast", has_text="Said meanwhile.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(told).to_be_visible()
    page.keyboard.press("Control+k")
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', { detail: { text: 'And again.', bad: true } }))")
    page.locator(".toast", has_text="And again.").get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("dialog")).to_be_visible()
