"""What brings a page of the tour into the state worth seeing: functions of the page, some of them made of words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.samples import parcel_bot

State = Callable[[Page], None]


def as_it_is(page: Page) -> None:
    """Nothing to do."""


def press(name: str) -> State:
    def pressing(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).last.click()
        page.wait_for_load_state()

    return pressing


def follow(name: str) -> State:
    def following(page: Page) -> None:
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_load_state()

    return following


# The frame


def log_in_wrongly(page: Page) -> None:
    page.get_by_label("User").fill("demo")
    page.get_by_label(re.compile("^Password")).fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()


def without_cookie(page: Page) -> None:
    page.context.clear_cookies()
    log_in = page.get_by_role("button", name="Log in")
    page.get_by_label("User").fill("demo")
    page.get_by_label(re.compile("^Password")).fill("any")
    log_in.click()
    expect(log_in).to_have_count(0)


def open_user_menu(page: Page) -> None:
    page.locator(".topbar details.menu > summary").last.click()


def lose_the_server(page: Page) -> None:
    panel("Ask email", "Content")(page)
    page.context.set_offline(True)
    field = page.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
    field.fill(field.input_value() + " Typed while the server was away.")
    expect(page.locator("#offline")).to_be_visible()


# Bots


def open_menu(bot: str) -> State:
    def opening(page: Page) -> None:
        row = page.locator(".bot-row").filter(has=page.get_by_role("link", name=bot, exact=True))
        row.locator("details.menu > summary").click()

    return opening


def import_a_broken_file(page: Page) -> None:
    _import(page, b'{"conversationMessage": [{"content": 3}]}')
    expect(page.get_by_role("alert")).to_be_visible()


def import_a_file(page: Page) -> None:
    _import(page, json.dumps(parcel_bot.document()).encode())
    expect(page.get_by_role("heading", name="What comes in")).to_be_visible()


def _import(page: Page, data: bytes) -> None:
    file = {"name": "parcel-desk.json", "mimeType": "application/json", "buffer": data}
    page.get_by_label("Export file").set_input_files([file])
    page.get_by_role("button", name="Look at it").click()


# Dialogs


def open_dialog_menu(page: Page) -> None:
    page.locator("#dialog-list details.menu > summary").first.click()


def open_palette(page: Page) -> None:
    page.get_by_role("link", name="Insert an interaction", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_tile_menu(name: str) -> State:
    def opening(page: Page) -> None:
        page.get_by_text(f"What to do with {name}").locator("..").click()

    return opening


def panel(name: str, tab: str) -> State:
    def opening(page: Page) -> None:
        page.get_by_role("link", name=name, exact=True).first.click()
        region = page.get_by_role("region", name="Selected interaction")
        expect(region.locator(".panel")).to_be_visible()
        if tab != "Content":  # which is what opens
            region.get_by_role("link", name=tab, exact=True).click()
        expect(region.get_by_role("link", name=tab, exact=True)).to_have_attribute("aria-current", "true")

    return opening


def open_rule(interaction: str, rule: str) -> State:
    def opening(page: Page) -> None:
        panel(interaction, "Rules")(page)
        page.get_by_role("region", name="Selected interaction").get_by_role("button", name=rule).first.click()
        expect(page.get_by_label("Rule name")).to_be_visible()

    return opening


def complete_a_variable(page: Page) -> None:
    page.route("**/save/content/", lambda route: None)  # what is typed here must not stay in the bot
    panel("Say balance", "Content")(page)
    field = page.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)
    field.press("Control+End")
    field.press_sequentially(" {")
    expect(page.get_by_role("option").first).to_be_visible()


def clear_a_name(page: Page) -> None:
    panel("Ask email", "Content")(page)
    page.get_by_role("region", name="Selected interaction").get_by_label("Name").fill("")
    expect(page.locator("#save-state")).to_have_text("Not saved")


# Integrations


def open_integration(name: str) -> State:
    def opening(page: Page) -> None:
        page.locator("main").get_by_role("link", name=name, exact=True).last.click()
        expect(page.get_by_label("Integration Name")).to_be_visible()

    return opening


def run_integration(tab: str) -> State:
    def running(page: Page) -> None:
        open_integration("Balance")(page)
        page.get_by_label("slot.accountNumber").fill("10024417")
        page.get_by_label("slot.email").fill("ada@example.com")
        tabs = _run(page)
        if tab:
            tabs.get_by_role("tab", name=tab).click()

    return running


def run_to_nowhere(page: Page) -> None:
    open_integration("Balance")(page)
    page.get_by_label(re.compile("^URL")).fill("http://nowhere.invalid/balance")
    page.locator("#test-run").get_by_role("button", name="Test run").click()
    expect(page.locator("#run .notice.bad, #run .badge.bad").first).to_be_visible()


def _run(page: Page) -> Locator:
    page.locator("#test-run").get_by_role("button", name="Test run").click()
    tabs = page.get_by_role("tablist", name="Response")
    expect(tabs).to_be_visible()
    return tabs


# Talking, intents, tests


def open_preview(page: Page) -> None:
    page.get_by_role("link", name="Preview").click()
    expect(page.get_by_label("Message")).to_be_focused()
    _say(page, "hi", "What is your account number?")


def show(name: str) -> State:
    """Show the bot log or the variables beside the chat; a wide page shows the log by itself."""

    def showing(page: Page) -> None:
        button = page.get_by_role("button", name=name, exact=True)
        if button.get_attribute("aria-pressed") != "true":
            button.click()

    return showing


def talk(page: Page) -> None:
    show("Bot log")(page)
    _say(page, "Where is my order?", "Its number looks like")
    _say(page, "A-1001", "Linen notebook")


def talk_with_variables(page: Page) -> None:
    show("Variables")(page)
    _say(page, "Where is my order?", "Its number looks like")
    _say(page, "A-1001", "Linen notebook")
    expect(page.locator("[data-variables]").get_by_text("slot.orderId").first).to_be_visible()


def _say(page: Page, words: str, answer: str) -> None:
    page.get_by_label("Message", exact=True).fill(words)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-messages]").get_by_text(answer)).to_be_visible()


def add_intent(page: Page) -> None:
    follow("Ask for the balance")(page)


def run_tests(page: Page) -> None:
    page.get_by_role("button", name="Run all").click()
    expect(page.locator(".test-result").first).to_be_visible()


def delete_credential(page: Page) -> None:
    follow("Demo user")(page)
    follow("Delete")(page)
