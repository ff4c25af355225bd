"""The page of problems: it leads to the very line of a script, and shows what others change while it is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editing import editor
from tests.browser.test_authoring import tile

pytestmark = pytest.mark.browser

LINES = "var fine = 1;\n" * 60
BROKEN = f"{LINES}var = 61;\n{LINES}"
POST = "Post-Process Code"


def open_code(bot: Page) -> None:
    bot.get_by_role("link", name="Say not found", exact=True).click()
    expect(bot.locator("#id_name")).to_have_value("Say not found")
    bot.get_by_role("link", name="Code", exact=True).click()


def test_the_problem_of_a_script_opens_its_editor_at_the_line(bot: Page) -> None:
    open_code(bot)
    editor(bot, POST).fill(BROKEN)
    problem = tile(bot, "Say not found").locator(".tile-problems a")
    expect(problem).to_contain_text("does not parse in line 61, column")
    bot.locator("#bot-state").get_by_role("link", name="1 problem").click()

    bot.get_by_role("link", name="does not parse in line 61").click()

    wrong = editor(bot, POST).locator(".cm-activeLine")
    expect(editor(bot, POST)).to_be_focused()
    expect(wrong).to_have_text("var = 61;")
    expect(wrong).to_be_in_viewport()
    bot.keyboard.press("Control+Home")
    expect(wrong).to_have_text("var fine = 1;")
    problem.click()
    expect(wrong).to_have_text("var = 61;")
    expect(editor(bot, POST)).to_be_focused()
    expect(wrong).to_be_in_viewport()


def test_an_open_page_of_problems_shows_what_is_changed_elsewhere_and_keeps_the_keyboard_in_place(bot: Page) -> None:
    elsewhere = bot.context.new_page()
    elsewhere.goto(bot.url)
    open_code(elsewhere)
    editor(elsewhere, POST).fill(BROKEN)
    expect(tile(elsewhere, "Say not found").locator(".tile-problems a")).to_be_visible()
    bot.reload()
    bot.locator("#bot-state").get_by_role("link", name="1 problem").click()
    link = bot.get_by_role("link", name="does not parse in line 61")
    link.focus()

    elsewhere.get_by_role("link", name="Content", exact=True).click()
    elsewhere.get_by_label("Text", exact=True).fill("Nothing for {$botContext.slot.number}.")

    expect(bot.get_by_role("link", name="nothing sets the variable slot.number")).to_be_visible()
    expect(bot.locator("#bot-state")).to_contain_text("2 problems")
    expect(link).to_be_focused()
