"""The preview in a real browser: talking, tapping, reloading, losing the server, and being clean of what APIs say."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import NARROW

pytestmark = pytest.mark.browser


def open_preview(page: Page, bot: str) -> None:
    page.goto("/bots/")
    page.get_by_role("link", name=bot, exact=True).click()
    page.wait_for_url("**/dialogs/**")
    page.goto(re.sub(r"/dialogs/.*", "/preview/", page.url))


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()


def said(page: Page) -> Locator:
    return page.locator("[data-messages] > .said")


def test_a_conversation_goes_from_the_greeting_to_the_balance(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")
    for text in ("hi", "10024417", "ada@example.com"):
        say(logged_in, text)

    expect(said(logged_in).last).to_contain_text("1250.40 EUR")
    expect(logged_in.get_by_role("log", name="Conversation")).to_contain_text("10024417")
    expect(logged_in.locator("[data-log]")).to_contain_text("answered 200")


def test_a_reload_shows_everything_once_and_keeps_what_is_half_typed(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")
    say(logged_in, "hi")
    expect(said(logged_in)).to_have_count(2)
    logged_in.get_by_label("Message").fill("half typed")

    logged_in.reload()

    expect(said(logged_in)).to_have_count(2)
    expect(logged_in.get_by_label("Message")).to_have_value("half typed")


def test_a_reset_begins_anew(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")
    say(logged_in, "hi")
    expect(said(logged_in)).to_have_count(2)

    logged_in.get_by_role("button", name="Reset").click()

    expect(said(logged_in)).to_have_count(0)
    say(logged_in, "hi")
    expect(said(logged_in)).to_have_count(2)


def test_a_reset_before_the_conversation_has_begun_asks_for_nothing(logged_in: Page) -> None:
    held: list[Route] = []
    logged_in.route("**/conversations", lambda route: held.append(route))
    with logged_in.expect_request("**/conversations"):
        open_preview(logged_in, "Account balance")

    logged_in.get_by_role("button", name="Reset").click()
    held[0].continue_()

    expect(logged_in.get_by_text("Say hello.")).to_be_visible()
    say(logged_in, "hi")
    expect(said(logged_in)).to_have_count(2)


def test_what_is_said_while_the_reset_runs_is_said_to_the_new_conversation(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")
    say(logged_in, "hi")
    expect(said(logged_in)).to_have_count(2)
    held: list[Route] = []
    logged_in.route("**/reset", lambda route: held.append(route))

    with logged_in.expect_request("**/reset"):
        logged_in.get_by_role("button", name="Reset").click()
    say(logged_in, "hi")
    expect(logged_in.locator("[data-messages] > .own")).to_have_count(2)
    held[0].continue_()

    expect(logged_in.locator("[data-messages] > .own")).to_have_text(["hi"])
    expect(said(logged_in)).to_have_count(2)


def test_the_variables_of_the_session_keep_their_digits(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")
    for text in ("hi", "90071992547409931", "dana@example.com"):
        say(logged_in, text)
    expect(said(logged_in).last).to_contain_text("12345678901234567.89")

    logged_in.get_by_role("button", name="Variables").click()

    expect(logged_in.locator("[data-variables]")).to_contain_text("12345678901234567.89")


def test_the_bot_log_is_filtered_cleared_and_leads_to_the_interaction(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")
    say(logged_in, "hi")
    lines = logged_in.locator("[data-log] > li")
    expect(lines.filter(has_text="Ask account number")).to_be_visible()

    logged_in.get_by_label("Filter the bot log").fill("account number")
    expect(lines.filter(has_text="Message: hi")).to_be_hidden()
    lines.filter(has_text="Ask account number").get_by_role("link").click()

    logged_in.wait_for_url("**/interactions/**")
    logged_in.go_back()
    logged_in.get_by_role("button", name="Clear").click()
    expect(lines).to_have_count(0)


def test_the_panel_slides_over_any_page_of_the_bot_and_goes_with_escape(logged_in: Page) -> None:
    open_preview(logged_in, "Store locator")
    logged_in.get_by_role("link", name="Integrations").click()

    logged_in.get_by_role("link", name="Preview").click()
    panel = logged_in.get_by_role("complementary", name="Preview")
    for text in ("hi", "Bristol"):
        say(logged_in, text)

    expect(panel.locator(".tile")).to_have_count(2)
    logged_in.get_by_label("Message").press("Escape")
    expect(panel).to_have_count(0)
    expect(logged_in.get_by_role("link", name="Preview")).to_be_focused()


def test_what_a_bot_says_is_never_run(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")

    shown = logged_in.evaluate(
        """() => {
          const html = '<b>bold</b><a href="javascript:alert(1)">no</a><a href="https://example.com">yes</a>' +
            '<svg><a href="data:text/html,x">svg</a></svg><u>plain</u>';
          const nodes = parley.drawMessage({kind: "text", text: "", html}, {tap() {}});
          return nodes[0].querySelector(".bubble-text").outerHTML;
        }"""
    )

    assert shown == (
        '<div class="bubble-text"><b>bold</b>no<a href="https://example.com" target="_blank" rel="noopener noreferrer">'
        "yes</a>svgplain</div>"
    )


def test_every_kind_of_message_is_drawn_and_its_presses_carry_what_they_should(logged_in: Page) -> None:
    open_preview(logged_in, "Account balance")

    taps = logged_in.evaluate(
        """() => {
          const taps = [];
          const on = {tap: (tap) => taps.push([tap.kind, tap.label, tap.payload])};
          const press = {actions: [{type: "publishText", text: "right"}]};
          const messages = [
            {kind: "quick_replies", text: "?", quick_replies: [{title: "Blue", payload: "c1"}]},
            {kind: "choices", text: "?", choices: ["Tea"], display: "buttons"},
            {kind: "buttons", text: "?", buttons: [{label: "Else", type: "postback", value: "other"}]},
            {kind: "tiles", tiles: [{title: "A", buttons: [{label: "Take", type: "postback", value: "a"}]}]},
            {kind: "rich", json: {type: "vertical", elements: [{type: "button", title: "Right", click: press}]}},
          ];
          for (const message of messages) {
            const nodes = parley.drawMessage(message, on);
            nodes.flatMap((node) => [...node.querySelectorAll("button")]).forEach((button) => button.click());
          }
          return taps;
        }"""
    )

    assert taps == [
        ["quick_reply", "Blue", "c1"],
        ["choice", "Tea", "Tea"],
        ["button", "Else", "other"],
        ["button", "Take", "a"],
        ["publish_text", "Right", "right"],
    ]


def test_the_chat_fits_a_telephone(logged_in: Page) -> None:
    logged_in.set_viewport_size(NARROW)
    open_preview(logged_in, "Store locator")
    for text in ("hi", "Bristol"):
        say(logged_in, text)

    expect(logged_in.locator(".tile")).to_have_count(2)
    assert logged_in.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    expect(logged_in.get_by_role("button", name="Send")).to_be_in_viewport()
