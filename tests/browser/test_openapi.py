"""The import of an OpenAPI document in a real browser, by mouse and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editing import field
from tests.samples import openapi_documents as documents

pytestmark = pytest.mark.browser


@pytest.fixture
def importing(logged_in: Page) -> Page:
    logged_in.goto("/bots/")
    logged_in.get_by_role("link", name="Account balance", exact=True).click()
    logged_in.get_by_role("link", name="Integrations").click()
    logged_in.get_by_role("link", name="Import OpenAPI").click()
    return logged_in


def upload(page: Page, folder: Path) -> None:
    file = folder / "shop.json"
    file.write_bytes(documents.as_json(documents.SHOP))
    page.get_by_label("OpenAPI document").set_input_files(file)
    page.get_by_role("button", name="Look at it").click()


def test_operations_are_found_by_words_chosen_and_made(importing: Page, tmp_path: Path) -> None:
    upload(importing, tmp_path)
    importing.get_by_label("Search the operations").fill("access")
    expect(importing.get_by_text("/pets", exact=True).first).to_be_hidden()
    importing.get_by_role("button", name="Choose all of Access").click()
    importing.get_by_role("button", name="Continue").first.click()
    expect(importing.get_by_text("POST").first).to_be_visible()
    importing.get_by_label("Integration Name").fill("TrialToken")
    importing.get_by_role("button", name="Make 1 integration").click()

    expect(importing.get_by_role("heading", name="TrialToken")).to_be_visible()
    expect(field(importing, "Post Body")).to_have_value("grant=trial&name={$botContext.name}")


def test_the_whole_import_works_by_keyboard(importing: Page) -> None:
    importing.get_by_label("Or paste it").focus()
    importing.keyboard.insert_text(documents.PARCELS_YAML)
    importing.keyboard.press("Tab")
    importing.keyboard.press("Enter")
    importing.get_by_role("checkbox", name="/parcels/{number}").focus()
    importing.keyboard.press("Space")
    importing.get_by_role("button", name="Continue").last.focus()
    importing.keyboard.press("Enter")
    importing.get_by_role("button", name="Make 1 integration").focus()
    importing.keyboard.press("Enter")

    expect(importing.get_by_text("Begin with https://")).to_be_visible()
    importing.get_by_label("Base URL", exact=False).first.focus()
    importing.keyboard.insert_text("https://parcels.example")
    importing.keyboard.press("Enter")
    expect(importing.get_by_role("heading", name="MoveParcel")).to_be_visible()
