"""Saving as one types: a choice made while the page is still coming, and a list put in another order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, Route, expect

pytestmark = pytest.mark.browser


def test_what_is_chosen_before_the_scripts_run_is_saved_when_they_do(bot: Page) -> None:
    bot.get_by_role("link", name="Say balance", exact=True).click()
    bot.get_by_role("link", name="Rules", exact=True).click()
    expect(bot.get_by_label("Next action")).to_be_visible()
    held: list[Route] = []
    bot.route("**/js/app*.js", lambda route: held.append(route), times=1)
    bot.reload(wait_until="commit")

    bot.get_by_label("Next action").select_option(label="Close conversation")
    expect(bot.locator("#save-state")).to_have_text("")
    held.pop().continue_()

    expect(bot.locator("#save-state")).to_have_text("Saved")
    bot.reload()
    expect(bot.get_by_label("Next action").locator("option:checked")).to_have_text("Close conversation")


def test_a_list_in_another_order_is_saved_without_another_change(bot: Page) -> None:
    names = _variables_of_a_rule(bot)
    with bot.expect_response(_saves("second")):
        names.nth(0).fill("first")
        bot.get_by_role("button", name="Add variable", exact=True).click()
        names.nth(1).fill("second")
    _open_again(bot)

    bot.locator("[data-list=variables]").get_by_role("button", name="Move down, row 1").click()

    expect(names.nth(0)).to_have_value("second")
    expect(bot.locator("#save-state")).to_have_text("Saved")
    _open_again(bot)
    expect(names.nth(0)).to_have_value("second")
    expect(names.nth(1)).to_have_value("first")


def test_removing_a_row_of_a_list_removes_that_row_only(bot: Page) -> None:
    names = _variables_of_a_rule(bot)
    with bot.expect_response(_saves("third")):
        for place, name in enumerate(("first", "second", "third")):
            names.nth(place).fill(name)
            bot.get_by_role("button", name="Add variable", exact=True).click()
    _open_again(bot)

    with bot.expect_response("**/save/"):
        bot.locator("[data-list=variables]").get_by_role("button", name="Remove, row 1").click()

    _open_again(bot)
    expect(names.nth(0)).to_have_value("second")
    expect(names.nth(1)).to_have_value("third")


def test_going_back_to_a_page_shows_what_is_stored_and_saves_nothing(bot: Page, browser: Browser) -> None:
    """A browser fills in again what the page held when it was left, which somebody may have changed since."""
    bot.get_by_role("link", name="Say not found", exact=True).click()
    text = bot.get_by_label("Text", exact=True)
    text.fill("typed here")
    expect(bot.locator("#save-state")).to_have_text("Saved")
    here = bot.url
    bot.goto("/bots/")
    elsewhere = browser.new_context(storage_state=bot.context.storage_state())
    other = elsewhere.new_page()
    other.goto(here)
    other.get_by_label("Text", exact=True).fill("changed elsewhere")
    expect(other.locator("#save-state")).to_have_text("Saved")

    elsewhere.close()

    bot.go_back()

    expect(text).to_have_value("changed elsewhere")
    bot.wait_for_load_state("networkidle")
    bot.reload()
    expect(text).to_have_value("changed elsewhere")


def test_what_was_typed_last_into_a_rule_is_sent_when_the_page_is_left(bot: Page) -> None:
    """Its form has a field named action, which hides the form's own."""
    names = _variables_of_a_rule(bot)
    here = bot.url
    names.nth(0).fill("typed_last")
    bot.goto("/bots/")

    for _ in range(100):  # what is sent on leaving is not waited for by the next page
        bot.goto(here)
        if names.nth(0).input_value() == "typed_last":
            break

    expect(names.nth(0)).to_have_value("typed_last")


def _variables_of_a_rule(bot: Page) -> Locator:
    bot.get_by_role("link", name="Ask email", exact=True).click()
    expect(bot.locator("#id_name")).to_have_value("Ask email")
    bot.get_by_role("link", name="Rules", exact=True).click()
    bot.get_by_role("button", name="An e-mail address").click()
    bot.wait_for_url("**&rule=*")
    return bot.locator("[data-list=variables] .list-row input[aria-label^='Variable, row']")


def _saves(name: str) -> Callable[[Response], bool]:
    return lambda answer: f"variables.name={name}" in (answer.request.post_data or "")


def _open_again(bot: Page) -> None:
    bot.reload()  # the address holds which rule is open
    expect(bot.locator("[data-list=variables]")).to_be_visible()
    bot.wait_for_function("window.htmx && document.readyState === 'complete'")
