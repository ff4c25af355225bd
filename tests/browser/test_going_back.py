"""The browser's own Back and Forward on a form that is not saved yet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.editing import editor, field

pytestmark = pytest.mark.browser
SCRIPT = "Transform Result Script"


def asked(page: Page, way: str) -> Dialog:
    """Go back or forward in the history, and return the question that the browser asks first."""
    with page.expect_event("dialog") as question:
        page.evaluate("way => { setTimeout(() => history[way]()); }", way)
    assert question.value.type == "beforeunload"
    return question.value


def test_browser_back_asks_first_and_forward_brings_back_what_was_typed(bot: Page) -> None:
    bot.get_by_role("link", name="Integrations").click()
    bot.wait_for_url("**/integrations/")
    bot.get_by_role("link", name="New integration").first.click()
    bot.wait_for_url("**/integrations/new/")
    bot.get_by_label("Integration Name").fill("Stores")
    editor(bot, SCRIPT).click()
    bot.keyboard.type("var kept = 1;")

    asked(bot, "back").dismiss()
    expect(field(bot, SCRIPT)).to_have_value("var kept = 1;")
    asked(bot, "back").accept()
    bot.wait_for_url("**/integrations/")
    bot.evaluate("setTimeout(() => history.forward())")
    bot.wait_for_url("**/integrations/new/")

    expect(bot.get_by_label("Integration Name")).to_have_value("Stores")
    expect(editor(bot, SCRIPT)).to_have_text("var kept = 1;")
    expect(field(bot, SCRIPT)).to_have_value("var kept = 1;")
    expect(bot.locator("[data-save-state]")).to_have_text("Not saved yet")
    bot.get_by_label("Integration Name").click()
    asked(bot, "back").accept()
    bot.wait_for_url("**/integrations/")
