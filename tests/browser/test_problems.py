"""Problems while one edits: beside the item and on the bot's page, at once, each leading to its field."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import editing
from tests.browser.test_authoring import tile

pytestmark = pytest.mark.browser


def test_a_save_changes_the_problems_of_another_tile_and_the_link_goes_to_the_field(bot: Page) -> None:
    told = tile(bot, "Say not found").locator(".tile-problems")
    bot.get_by_role("link", name="Say not found", exact=True).click()
    bot.get_by_label("Text", exact=True).fill("Nothing for {$botContext.slot.number}.")
    expect(told).to_contain_text("Nothing sets the variable slot.number.")

    bot.get_by_role("link", name="Ask email", exact=True).click()
    expect(bot.locator("#id_name")).to_have_value("Ask email")
    bot.get_by_role("link", name="Rules").click()
    bot.get_by_role("button", name="An e-mail address").click()
    bot.get_by_label("Slot, row 1").fill("number")

    expect(told).to_be_empty()
    expect(bot.locator("#bot-problems")).to_contain_text("slot.email")
    bot.locator("#bot-problems a").filter(has_text="slot.email").first.click()
    bot.wait_for_url("**/integrations/**")
    expect(bot.locator("#integration-problems")).to_contain_text("nothing sets the variable slot.email")


def test_a_problem_beside_a_tile_opens_the_rule_and_the_field_with_the_keyboard_in_it(bot: Page) -> None:
    bot.get_by_role("link", name="Ask email", exact=True).click()
    bot.get_by_role("link", name="Rules").click()
    bot.get_by_role("button", name="An e-mail address").click()
    bot.get_by_label("Regular expression").fill("")
    problem = tile(bot, "Ask email").locator(".tile-problems a")
    expect(problem).to_contain_text("it has nothing to compare with")
    bot.get_by_role("link", name="Close the panel").click()

    problem.focus()
    bot.keyboard.press("Enter")

    expect(bot.get_by_label("Regular expression")).to_be_focused()


def test_switching_an_interaction_off_says_at_once_who_leads_to_it(bot: Page) -> None:
    tile(bot, "Say balance").locator("summary").click()
    tile(bot, "Say balance").get_by_role("button", name="Disable").click()

    expect(tile(bot, "Get balance").locator(".tile-problems")).to_contain_text(
        "leads to Say balance, which is switched off"
    )
    bot.locator("#bot-state").get_by_role("link", name="1 problem").click()
    bot.get_by_role("link", name="leads to Say balance").click()
    expect(bot.get_by_label("Next action").first).to_be_focused()


def test_a_script_that_does_not_parse_is_told_at_its_tile_and_leads_into_its_editor(bot: Page) -> None:
    bot.get_by_role("link", name="Say not found", exact=True).click()
    expect(bot.locator("#id_name")).to_have_value("Say not found")
    bot.get_by_role("link", name="Code", exact=True).click()
    editor = editing.editor(bot, "Post-Process Code")
    editor.click()
    bot.keyboard.type("var = 1;")
    problem = tile(bot, "Say not found").locator(".tile-problems a")
    expect(problem).to_contain_text("Post-Process Code does not parse in line 1, column")
    bot.get_by_role("link", name="Close the panel").click()
    expect(editor).to_have_count(0)

    problem.click()

    expect(editor).to_be_focused()
