"""The server is stopped in the middle of an edit and started again: what was typed is saved, by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import product
from tests.browser.conftest import PATIENCE, WIDE, log_in

pytestmark = pytest.mark.browser


def test_nothing_typed_is_lost_when_the_server_goes_away_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    ports = {"PORT": str(product.free_port()), "PARLEY_DEMO_API_PORT": str(product.free_port())}
    context = browser.new_context(viewport=WIDE, base_url=f"http://localhost:{ports['PORT']}")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    with product.running(tmp_path / "data", **ports) as served:
        log_in(page)
        page.get_by_role("link", name="Account balance", exact=True).click()
        page.get_by_role("link", name="Ask email", exact=True).click()
        text = page.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
        expect(text).to_be_visible()
        served.interrupt()

    text.fill("Typed while nobody listened.")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#save-state")).to_have_text("Not saved yet")
    with product.running(tmp_path / "data", **ports):
        expect(page.locator("#save-state")).to_have_text("Saved")
        expect(page.locator("#offline")).to_be_hidden()
        page.reload()
        expect(text).to_have_value("Typed while nobody listened.")
    context.close()
