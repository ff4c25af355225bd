"""The chips under a text in a real browser: they follow the typing, and one click mends what is unknown."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def text(logged_in: Page) -> Locator:
    """The text of an interaction, in a bot of this test's own."""
    logged_in.goto("/bots/new/")
    logged_in.get_by_label("Name").fill(logged_in.evaluate("'Chips ' + crypto.randomUUID()"))
    logged_in.get_by_label("Store locator").check()
    logged_in.get_by_role("button", name="Make the bot").click()
    logged_in.locator("article.kind-text a.tile-name").first.click()
    return logged_in.get_by_role("region", name="Selected interaction").get_by_label("Text", exact=True)


def chip(page: Page, written: str) -> Locator:
    return page.locator("#panel .chip.placeholder", has_text=written)


def test_chips_follow_the_typing_and_a_variable_is_created_from_one(text: Locator) -> None:
    page = text.page
    text.fill("Hello {$botContext.nickname}, {$userMessage}")
    expect(chip(page, "{$botContext.nickname}")).to_contain_text("unknown")
    expect(chip(page, "{$userMessage}")).to_have_class(re.compile("known"))

    page.locator("#panel").get_by_role("button", name="Create variable").click()

    expect(page.get_by_text("begins with an empty nickname now")).to_be_visible()
    expect(chip(page, "{$botContext.nickname}")).not_to_contain_text("unknown")
    expect(text).to_have_value("Hello {$botContext.nickname}, {$userMessage}")
    text.fill("Hello.")
    expect(page.locator("#panel .chip.placeholder")).to_have_count(0)


def test_a_slip_of_the_pen_is_replaced_by_what_was_meant(text: Locator) -> None:
    page = text.page
    text.fill("You said: {$userMesage} in {$conversationId}")
    meant = page.locator("#panel").get_by_role("button", name="Did you mean {$userMessage}?")
    expect(meant).to_be_visible()

    meant.press("Enter")

    expect(text).to_be_focused()
    expect(text).to_have_value("You said: {$userMessage} in {$conversationId}")
    expect(chip(page, "{$userMessage}")).to_have_class(re.compile("known"))
    expect(meant).to_have_count(0)


def test_a_missing_field_is_added_to_its_integration(text: Locator) -> None:
    page = text.page
    text.fill("Open: {Stores.openingHours}")

    page.locator("#panel").get_by_role("button", name="Add field").click()

    expect(page.get_by_text("has a field openingHours now")).to_be_visible()
    page.get_by_role("button", name="Open", exact=True).click()
    keys = page.locator("#id_fields [data-key]")
    expect(keys.nth(-2)).to_have_value("openingHours")


def test_rows_of_rules_and_cards_have_chips_of_what_is_amiss(text: Locator) -> None:
    page = text.page
    expect(text).to_be_visible()
    panel = page.locator("#panel")
    page.get_by_role("link", name="Ask city", exact=True).click()
    expect(panel.get_by_label("Name")).to_have_value("Ask city")
    panel.get_by_role("link", name="Rules", exact=True).click()
    panel.get_by_role("button", name=re.compile("A city")).click()
    value = panel.get_by_label("Value, e.g. {$userMessage}, row 1", exact=True).last
    value.fill("{$botContext.town} {$userMessage}")
    expect(panel.get_by_role("group", name="Placeholders")).to_contain_text("Nothing sets the variable town.")
    value.fill("{$userMessage}")
    expect(panel.locator(".chip.placeholder.unknown")).to_have_count(0)

    page.get_by_role("link", name="Show stores", exact=True).click()
    panel.get_by_label("Title", exact=True).first.fill("{Stores.nam}")
    panel.get_by_role("button", name="Did you mean {Stores.name}?").click()
    expect(panel.get_by_label("Title", exact=True).first).to_have_value("{Stores.name}")
