"""The main job without a mouse: a bot, a question with a rule, a talk with it. Tab, arrows, Enter and Escape only."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import product

pytestmark = pytest.mark.browser

MOST_TABS = 120
FOCUSED = """() => {
  const element = document.activeElement;
  const labels = [...(element.labels || [])].map((label) => label.textContent);
  const named = element.getAttribute("aria-label") || labels.join(" ") || element.textContent;
  return named.replace(/\\s+/g, " ").trim();
}"""
VISIBLE = """() => {
  const element = document.activeElement.closest(".code-editor") ?? document.activeElement;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return ring && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
}"""


def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Press Tab until the control with this name has the focus; each stop on the way must be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # past the last control the browser's own come, then the first again
        focused = page.evaluate(FOCUSED)
        assert page.evaluate(VISIBLE), f"the focus cannot be seen on “{focused}”"
        if re.fullmatch(name, focused):
            return
        if page.evaluate("document.activeElement.matches('.cm-content')"):
            page.keyboard.press("Escape")  # a code editor says at its foot that this lets Tab leave
    pytest.fail(f"“{name}” is not reached by Tab")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Enter")


def write(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def choose(page: Page, name: str, is_chosen: Callable[[str], bool], *, most: int = 30) -> None:
    """Press Down in a selection until it shows the wanted entry."""
    tab_to(page, name)
    shown = "() => document.activeElement.selectedOptions[0].textContent"
    page.keyboard.press("Home")
    for _ in range(most):
        if is_chosen(page.evaluate(shown)):
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"“{name}” offers nothing like that")


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_have_text("Saved")


def test_a_bot_is_built_and_tried_by_keyboard_alone(logged_in: Page) -> None:
    page = logged_in
    press(page, "New bot")
    page.wait_for_url("**/bots/new/")
    write(page, r"Name \*", "By keyboard")
    press(page, "Make the bot")
    expect(page.get_by_role("heading", name="Welcome", exact=True)).to_be_visible()

    press(page, "Insert an interaction")
    press(page, "Text question")
    panel = page.get_by_role("region", name="Selected interaction")
    expect(panel.get_by_role("heading", name="Text question")).to_be_visible()
    expect(panel.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Ask size")
    write(page, "Text", "How large, {user")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Text", exact=True)).to_have_value("How large, {$userMessage}")
    page.keyboard.type("?")
    saved(page)

    tab_to(page, "Rules", back=True)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Add rule")).to_be_visible()
    press(page, "Add rule")
    expect(panel.get_by_label("Rule name")).to_be_focused()
    page.keyboard.type("A size")
    choose(page, "Match type", lambda text: text == "Regular Expression")
    expect(panel.get_by_label("Regular expression")).to_be_visible()
    write(page, "Regular expression", "^(S|M|L")
    expect(panel.get_by_text("Unterminated group")).to_be_visible()
    page.keyboard.type(")$")
    saved(page)

    press(page, "Preview")
    chat = page.get_by_role("complementary", name="Preview").get_by_label("Message")
    expect(chat).to_be_focused()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(page.get_by_text("How large, hello?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Preview")).to_be_focused()


def test_menus_and_dialogs_close_with_escape_and_give_the_focus_back(logged_in: Page) -> None:
    page = logged_in
    page.get_by_role("link", name="Account balance", exact=True).click()
    expect(page.get_by_role("heading", name="Account balance", level=2)).to_be_visible()
    page.get_by_role("link", name="Get balance", exact=True).focus()

    press(page, "What to do with Get balance")
    expect(page.get_by_role("button", name="Duplicate").locator("visible=true")).to_be_visible()
    tab_to(page, "Move down")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Move down").locator("visible=true")).to_have_count(0)
    assert page.evaluate(FOCUSED) == "What to do with Get balance"

    press(page, "Insert an interaction")
    expect(page.get_by_role("dialog", name="Insert an interaction")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate(FOCUSED) == "Insert an interaction"


def test_a_tile_moved_by_its_menu_keeps_the_focus_on_that_menu(logged_in: Page) -> None:
    page = logged_in
    page.get_by_role("link", name="Account balance", exact=True).click()
    names = page.locator(".tile-name")
    expect(names.first).to_be_visible()
    before = names.all_inner_texts()
    page.get_by_role("link", name="Ask email", exact=True).focus()

    press(page, "What to do with Ask email")
    press(page, "Move down")
    expect(names.nth(3)).to_have_text("Ask email")
    assert page.evaluate(FOCUSED) == "What to do with Ask email"
    page.keyboard.press("Enter")
    press(page, "Move up")

    expect(names.nth(2)).to_have_text("Ask email")
    assert names.all_inner_texts() == before


def test_an_integration_is_made_tried_and_the_bot_published_by_keyboard_alone(
    logged_in: Page, served: product.Product
) -> None:
    page = logged_in
    press(page, "New bot")
    page.wait_for_url("**/bots/new/")
    write(page, r"Name \*", "Stores by keyboard")
    press(page, "Make the bot")
    expect(page.get_by_role("heading", name="Welcome", exact=True)).to_be_visible()
    press(page, "Integrations")
    page.wait_for_url("**/integrations/")
    press(page, "New integration")
    page.wait_for_url("**/integrations/new/")

    write(page, r"Integration Name \*", "Stores")
    write(page, r"Response Data Variable Name \*", "Stores")
    write(page, r"URL \*", f"{served.demo_api}/stores?city=Oxford")
    press(page, "Create integration")
    expect(page.get_by_role("heading", name="Stores", exact=True)).to_be_visible()
    press(page, "Test run")
    expect(page.get_by_role("tablist", name="Response")).to_be_visible()

    press(page, "Publish")
    page.wait_for_url("**/publish/")
    write(page, "What changed", "The call")
    press(page, "Publish")
    expect(page.locator("#bot-state").get_by_text("v1 live")).to_be_visible()
