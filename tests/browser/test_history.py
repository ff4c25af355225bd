"""Undo and history in a real browser, by keyboard: what was deleted, a reload, going back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_deleted_intent_is_put_back_after_a_reload_and_again_from_the_history(bot: Page) -> None:
    page = bot
    page.get_by_role("link", name="Intents").click()
    page.get_by_label("Name").fill("Opening hours")
    page.keyboard.press("Enter")
    page.get_by_label("Example phrases").press_sequentially("when do you open")
    expect(page.locator("#save-state")).to_have_text("Saved")
    page.get_by_role("button", name="Delete the intent").press("Enter")
    expect(page.get_by_text("The intent Opening hours is deleted.")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("heading", name="Opening hours", level=1)).to_be_visible()
    expect(page.get_by_label("Example phrases")).to_have_value("when do you open")

    page.get_by_role("button", name="Delete the intent").press("Enter")
    page.get_by_role("link", name="History").press("Enter")
    expect(page.get_by_role("listitem").first).to_contain_text("removed")
    page.get_by_role("button", name="Put back Opening hours").first.press("Enter")
    expect(page.get_by_role("heading", name="Opening hours", level=1)).to_be_visible()


def test_an_interaction_goes_back_to_what_it_said(bot: Page) -> None:
    page = bot
    tile = page.locator("article.step").filter(has=page.get_by_role("link", name="Ask email", exact=True))
    tile.get_by_role("link", name="Ask email", exact=True).click()
    field = page.locator("#panel").get_by_label("Text", exact=True)
    said = field.input_value()
    field.fill("Something else")
    expect(page.locator("#panel #save-state")).to_have_text("Saved")

    tile.locator("summary").press("Enter")
    tile.get_by_role("link", name="History").press("Enter")
    expect(page.locator("ins").first).to_have_text("Something else")
    page.get_by_role("button", name="Back to before this").first.press("Enter")

    expect(page.locator("#panel").get_by_label("Text", exact=True)).to_have_value(said)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#panel").get_by_label("Text", exact=True)).to_have_value("Something else")
