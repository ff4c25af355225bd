"""Replacing a credential in a real browser, by keyboard alone; test_tour looks at the credentials' pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import product
from tests.browser.tour import stops
from tests.browser.tour.guide import Guide

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[product.Product]:
    """A product of its own: the stage of the tour changes the demo content."""
    with product.running(tmp_path_factory.mktemp("staged") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def guide(browser: Browser, staged: product.Product) -> Guide:
    return Guide(browser, staged, bypass_csp=True)


def test_a_credential_is_replaced_and_given_back_by_keyboard_alone(guide: Guide) -> None:
    stop = next(each for each in stops.ALL if each.name == "credential-replace")
    with guide.at(stop, size="wide") as page:
        page.get_by_label("Replace it by").focus()
        page.keyboard.type("Shop (new")
        press(page, "Show what follows")
        expect(page.get_by_text("Keeps the old one")).to_be_visible()
        page.get_by_label("Let Shop (new key) be sent to stock.example.com").focus()
        page.keyboard.press("Space")
        press(page, "Replace it")
        expect(page.get_by_role("heading", name="2 integrations changed")).to_be_visible()
        expect(page.get_by_text("Nothing names Shop any more")).to_be_visible()
        press(page, "Undo all of it")
        expect(page.get_by_text("2 integrations use Shop again.")).to_be_visible()
        expect(page.get_by_role("row", name="Shop_stock")).to_be_visible()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()
