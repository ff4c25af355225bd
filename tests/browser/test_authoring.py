"""Authoring in a real browser: dragging, two authors at one thing, what is offered and refused while one types."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import product
from tests.browser.conftest import NARROW, PATIENCE, WIDE, log_in

pytestmark = pytest.mark.browser


@pytest.fixture
def colleague(browser: Browser, served: product.Product) -> Iterator[Page]:
    """A second window, of the author Ada."""
    context = browser.new_context(base_url=served.url, viewport=WIDE)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    log_in(opened, user=product.AUTHOR)
    yield opened
    context.close()


def names(page: Page) -> list[str]:
    return page.locator(".tile-name").all_inner_texts()


def drag(page: Page, grip: Locator, to: Locator, *, below: bool = False) -> None:
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, start["y"] + 20, steps=3)
    page.mouse.move(end["x"] + 15, end["y"] + end["height"] * (0.9 if below else 0.1), steps=6)
    page.mouse.up()


def tile(page: Page, name: str) -> Locator:
    return page.locator(".step", has=page.get_by_role("link", name=name, exact=True))


def test_a_tile_is_dragged_to_another_place(bot: Page) -> None:
    before = names(bot)
    assert before[1:3] == ["Ask account number", "Ask email"]

    drag(bot, tile(bot, "Ask account number").locator("[data-drag]"), tile(bot, "Ask email"), below=True)

    expect(bot.locator(".tile-name").nth(1)).to_have_text("Ask email")
    assert names(bot) == [before[0], before[2], before[1], *before[3:]]
    bot.reload()
    assert names(bot)[1:3] == ["Ask email", "Ask account number"]


def test_a_tile_is_dragged_to_another_dialog(bot: Page) -> None:
    fallback = bot.get_by_role("navigation", name="Dialogs").get_by_role("link", name="Fallback")

    drag(bot, tile(bot, "Ask email").locator("[data-drag]"), fallback)

    expect(bot.get_by_text("Moved Ask email to Fallback.")).to_be_visible()
    assert "Ask email" not in names(bot)
    fallback.click()
    expect(bot.get_by_role("link", name="Ask email", exact=True)).to_be_visible()


def test_escape_lets_a_dragged_tile_stay_where_it_was(bot: Page) -> None:
    before = names(bot)
    box = tile(bot, "Ask email").locator("[data-drag]").bounding_box()
    assert box is not None
    bot.mouse.move(box["x"] + 5, box["y"] + 5)
    bot.mouse.down()
    bot.mouse.move(box["x"] + 5, box["y"] - 200, steps=4)
    expect(bot.locator(".drop-line")).to_be_visible()

    bot.keyboard.press("Escape")
    bot.mouse.up()

    expect(bot.locator(".drop-line")).to_have_count(0)
    assert names(bot) == before


def test_two_authors_at_one_interaction_both_see_both_versions(bot: Page, colleague: Page) -> None:
    bot.get_by_role("link", name="Say not found", exact=True).click()
    text = bot.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
    expect(text).to_be_visible()
    colleague.goto(bot.url)
    colleague.get_by_label("Text", exact=True).fill("What Ada wrote")
    expect(colleague.locator("#save-state")).to_have_text("Saved")

    text.fill("What I wrote")
    notice = bot.get_by_role("alert")
    expect(notice).to_contain_text("ada changed this")
    expect(notice).to_contain_text("What Ada wrote")
    expect(notice).to_contain_text("What I wrote")
    text.press_sequentially("!")
    bot.get_by_role("button", name="Keep what is chosen").click()
    expect(notice).to_contain_text("Choose one of the two for Text.")
    notice.get_by_role("group", name="Text").get_by_role("radio", name="Yours").check()
    bot.get_by_role("button", name="Keep what is chosen").click()

    expect(bot.locator("#save-state")).to_have_text("Saved")
    expect(notice).to_have_count(0)
    expect(tile(bot, "Say not found")).to_contain_text("What I wrote")


def test_what_a_colleague_stored_can_be_taken_instead(bot: Page, colleague: Page) -> None:
    bot.get_by_role("link", name="Settings", exact=True).click()
    colleague.goto(bot.url)
    colleague.get_by_label("Description").fill("Ada's words")
    expect(colleague.locator("#save-state")).to_have_text("Saved")

    bot.get_by_label("Description").fill("My words")
    expect(bot.get_by_role("alert")).to_contain_text("Ada's words")
    bot.get_by_role("link", name="Take what is stored").click()

    expect(bot.get_by_role("alert")).to_have_count(0)
    expect(bot.get_by_label("Description")).to_have_value("Ada's words")


def test_a_variable_is_taken_with_the_mouse_on_a_telephone(bot: Page) -> None:
    bot.set_viewport_size(NARROW)
    bot.get_by_role("link", name="Say balance", exact=True).click()
    text = bot.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
    text.fill("")
    text.press_sequentially("Hello {hold")

    offer = bot.get_by_role("option", name="{Balance.holder} Integration field, set by Balance")
    expect(offer).to_be_visible()
    assert bot.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    offer.click()

    expect(text).to_have_value("Hello {Balance.holder}")
    expect(text).to_be_focused()
    expect(bot.locator("#save-state")).to_have_text("Saved")


def test_an_empty_name_is_told_beside_it_and_the_rest_is_kept(bot: Page) -> None:
    bot.get_by_role("link", name="Say balance", exact=True).click()
    panel = bot.get_by_role("region", name="Selected interaction")
    panel.get_by_label("Text", exact=True).fill("Kept")

    panel.get_by_label("Name").fill("")

    expect(bot.locator("#save-state")).to_have_text("Not saved")
    expect(panel.get_by_text("This field is required.")).to_be_visible()
    expect(panel.get_by_label("Text", exact=True)).to_have_value("Kept")
    panel.get_by_label("Name").fill("Say it")
    expect(bot.locator("#save-state")).to_have_text("Saved")


def test_a_match_type_chosen_with_quick_arrow_keys_stays(bot: Page) -> None:
    bot.get_by_role("link", name="Ask email", exact=True).click()
    bot.locator("#tab-rules").click()
    bot.get_by_role("button", name="Add rule").click()
    kind = bot.get_by_label("Match type")
    kind.focus()

    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowDown"):
        bot.keyboard.press(key)

    expect(bot.get_by_label("Exact value")).to_be_visible()
    expect(kind).to_have_value("exact")
    expect(bot.locator("#save-state")).to_have_text("Saved")


def test_each_field_of_a_conflict_is_chosen_for_itself_by_keyboard(bot: Page, colleague: Page) -> None:
    bot.get_by_role("link", name="Settings", exact=True).click()
    colleague.goto(bot.url)
    for field, words in (("Description", "Ada's description"), ("Failure text", "Ada's failure")):
        colleague.get_by_label(field).fill(words)
        expect(colleague.locator("#save-state")).to_have_text("Saved")

    bot.get_by_label("Failure text").fill("My failure")
    notice = bot.get_by_role("alert")
    expect(notice).to_contain_text("ada changed this")
    untouched = notice.get_by_role("group", name="Description: not changed by you")
    expect(untouched.get_by_role("radio", name="Stored now")).to_be_checked()
    both = notice.get_by_role("group", name="Failure text: both changed it")
    expect(both.get_by_role("radio", name="Stored now")).not_to_be_checked()
    both.get_by_role("radio", name="Stored now").focus()
    bot.keyboard.press("ArrowDown")
    expect(both.get_by_role("radio", name="Yours")).to_be_checked()
    bot.get_by_role("button", name="Keep what is chosen").press("Enter")

    expect(notice).to_have_count(0)
    expect(bot.get_by_label("Description")).to_have_value("Ada's description")
    expect(bot.get_by_label("Failure text")).to_have_value("My failure")
