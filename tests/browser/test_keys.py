"""The keys of a bot: the list of them, the finder, saving at once, running, moving; none of them while one types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_question_mark_lists_the_keys_but_not_while_one_types(bot: Page) -> None:
    bot.get_by_label("Search this bot").focus()
    bot.keyboard.type("why?")
    expect(bot.get_by_label("Search this bot")).to_have_value("why?")
    expect(bot.get_by_role("dialog", name="Keys")).to_have_count(0)

    bot.get_by_role("link", name="Get balance", exact=True).focus()
    bot.keyboard.press("?")

    keys = bot.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Find anything in this bot")
    bot.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(bot.get_by_role("link", name="Get balance", exact=True)).to_be_focused()


def test_the_finder_goes_anywhere_from_inside_a_field(bot: Page) -> None:
    bot.get_by_label("Search this bot").focus()
    bot.keyboard.press("Control+k")
    field = bot.get_by_role("combobox", name="Find anything in this bot")
    expect(field).to_be_focused()
    bot.keyboard.type("say")
    expect(bot.get_by_role("option").first).to_contain_text("Say balance")
    expect(bot.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    bot.keyboard.press("ArrowDown")
    expect(bot.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")

    bot.keyboard.press("Enter")

    panel = bot.get_by_role("region", name="Selected interaction")
    expect(panel.get_by_label("Name")).to_have_value("Say not found")


def test_the_finder_is_opened_by_its_button_and_closed_by_escape(bot: Page) -> None:
    bot.get_by_role("link", name="Find", exact=True).click()
    expect(bot.get_by_role("option", name=re.compile("Versions"))).to_be_visible()

    bot.keyboard.press("Escape")

    expect(bot.get_by_role("combobox", name="Find anything in this bot")).to_be_hidden()
    expect(bot.get_by_role("link", name="Find", exact=True)).to_be_focused()


def test_ctrl_s_saves_what_was_typed_a_moment_ago_and_says_so(bot: Page) -> None:
    bot.get_by_role("link", name="Say not found", exact=True).first.click()
    text = bot.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
    text.fill("I cannot find that account, sorry.")

    with bot.expect_response(re.compile("/save/content/")):
        bot.keyboard.press("Control+s")

    expect(bot.locator("#save-state")).to_have_text("Saved")
    bot.keyboard.press("Control+s")
    expect(bot.locator("#save-state")).to_have_text("Saved")


def test_ctrl_s_and_ctrl_enter_save_and_run_an_integration_from_its_script(bot: Page) -> None:
    bot.get_by_role("link", name="Integrations").click()
    bot.locator("main").get_by_role("link", name="Balance", exact=True).first.click()
    bot.get_by_label("Transform Result Script").focus()

    bot.keyboard.press("Control+s")
    expect(bot.locator("[data-save-state]")).to_have_text("Saved")
    bot.get_by_label("Transform Result Script").focus()
    bot.keyboard.press("Control+Enter")

    expect(bot.get_by_role("tablist", name="Response")).to_be_visible()


def test_a_page_with_nothing_to_save_says_so(bot: Page) -> None:
    bot.get_by_role("link", name="Variables", exact=True).click()
    bot.wait_for_url("**/variables/")
    bot.wait_for_load_state()

    bot.keyboard.press("Control+s")

    expect(bot.get_by_text("There is nothing to save here.")).to_be_visible()


def test_alt_and_an_arrow_move_a_tile_and_a_dialog_and_the_focus_stays_with_it(bot: Page) -> None:
    names = bot.locator("a.tile-name")
    last = bot.get_by_role("link", name="Say not found", exact=True).first
    last.focus()
    before = names.all_inner_texts()

    with bot.expect_response(re.compile("/move/")):
        bot.keyboard.press("Alt+ArrowUp")

    expect(names).to_have_text([*before[:-2], before[-1], before[-2]])
    expect(last).to_be_focused()
    with bot.expect_response(re.compile("/move/")):
        bot.keyboard.press("Alt+ArrowDown")
    expect(names).to_have_text(before)
    dialogs = bot.locator("a[data-drop-dialog] > .truncate")
    listed = dialogs.all_inner_texts()
    bot.locator("a[data-drop-dialog]").first.focus()
    with bot.expect_response(re.compile("/move/")):
        bot.keyboard.press("Alt+ArrowDown")
    expect(dialogs).to_have_text([listed[1], listed[0], *listed[2:]])
    with bot.expect_response(re.compile("/move/")):
        bot.keyboard.press("Alt+ArrowUp")
    expect(dialogs).to_have_text(listed)
