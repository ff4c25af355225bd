"""Renaming in a real browser, by keyboard only, and taking it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_an_integration_is_renamed_by_keyboard_and_taken_back(logged_in: Page) -> None:
    logged_in.goto("/bots/")
    logged_in.get_by_role("link", name="Store locator", exact=True).click()
    logged_in.get_by_role("link", name="Integrations").click()
    name = logged_in.locator("main tbody a").first.inner_text()
    logged_in.locator("main tbody a").first.press("Enter")
    logged_in.get_by_text("Rename, or see where a name is used").press("Enter")
    logged_in.get_by_role("link", name=f"Rename {name} everywhere").press("Enter")
    logged_in.get_by_label("New name").fill("FoundStores")
    logged_in.keyboard.press("Enter")
    expect(logged_in.locator("ins").first).to_have_text("FoundStores")
    logged_in.get_by_role("button", name="Rename at the chosen places").press("Enter")

    expect(logged_in.get_by_role("heading", name="FoundStores", level=1)).to_be_visible()
    expect(logged_in.get_by_text(f"{{{name}.")).to_have_count(0)
    logged_in.get_by_role("button", name="Undo").press("Enter")
    logged_in.wait_for_url("**/dialogs/**")
    logged_in.get_by_role("link", name="Integrations").click()
    expect(logged_in.get_by_role("link", name=name, exact=True).first).to_be_visible()
