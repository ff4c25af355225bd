"""What is done to tiles and dialogs with the mouse: insert between two, duplicate, disable, delete and take it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_authoring import names, tile

pytestmark = pytest.mark.browser


def of_tile(page: Page, name: str, action: str) -> None:
    tile(page, name).locator("summary").click()
    tile(page, name).get_by_role("button", name=action, exact=True).click()


def of_dialog(page: Page, action: str) -> None:
    page.locator("#dialog-list details.menu > summary").click()
    page.locator("#dialog-list").get_by_role("button", name=action, exact=True).click()


def test_the_palette_inserts_between_two_tiles(bot: Page) -> None:
    before = names(bot)
    gap = bot.get_by_role("link", name="Insert an interaction before Ask email")
    gap.hover()
    gap.click()
    bot.get_by_role("dialog").get_by_role("button", name="Text", exact=True).click()

    expect(bot.locator(".step")).to_have_count(len(before) + 1)
    expect(bot.locator("#panel").get_by_label("Name")).to_be_focused()
    made = names(bot)
    at = made.index("Ask email")
    assert made[: at - 1] + made[at:] == before


def test_a_tile_is_duplicated_disabled_deleted_and_taken_back(bot: Page) -> None:
    of_tile(bot, "Ask email", "Duplicate")
    expect(tile(bot, "Ask email (copy)")).to_be_visible()
    of_tile(bot, "Ask email (copy)", "Disable")
    expect(tile(bot, "Ask email (copy)").get_by_text("off", exact=True)).to_be_visible()
    before = names(bot)

    of_tile(bot, "Ask email (copy)", "Delete")
    expect(tile(bot, "Ask email (copy)")).to_have_count(0)
    bot.locator(".toast", has_text="Deleted Ask email (copy).").get_by_role("button", name="Undo").click()

    expect(tile(bot, "Ask email (copy)").get_by_text("off", exact=True)).to_be_visible()
    assert names(bot) == before


def test_a_dialog_is_duplicated_disabled_deleted_and_taken_back(bot: Page) -> None:
    dialogs = bot.locator("#dialog-list .list-item")
    of_dialog(bot, "Duplicate")
    expect(dialogs).to_have_count(3)
    copied = bot.locator("#dialog-list .list-item[aria-current]").inner_text().strip()
    of_dialog(bot, "Disable")
    expect(bot.locator("#tiles").get_by_text("Disabled", exact=True)).to_be_visible()

    of_dialog(bot, "Delete")
    expect(dialogs).to_have_count(2)
    bot.locator(".toast", has_text=f"Deleted the dialog {copied}").get_by_role("button", name="Undo").click()

    expect(dialogs).to_have_count(3)
    expect(bot.get_by_role("heading", name=copied, exact=True)).to_be_visible()
    expect(tile(bot, "Ask email").or_(bot.locator(".step")).first).to_be_visible()


def test_a_click_on_a_message_of_the_bot_opens_the_interaction_that_said_it(bot: Page) -> None:
    bot.get_by_role("link", name="Preview").click()
    bot.get_by_label("Message").fill("what is my balance")
    bot.keyboard.press("Enter")
    bot.locator("[data-messages]").get_by_text("What is your account number?").click()

    expect(bot.locator("#panel").get_by_label("Name")).to_have_value("Ask account number")
