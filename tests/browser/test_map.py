"""The map of a dialog in a real browser: opened by click and by keyboard, enlarged, and whole on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NARROW

pytestmark = pytest.mark.browser


@pytest.fixture
def drawn(logged_in: Page) -> Page:
    logged_in.goto("/bots/")
    logged_in.get_by_role("link", name="Account balance", exact=True).click()
    logged_in.get_by_role("link", name="Map", exact=True).click()
    expect(logged_in.get_by_role("group", name="Map")).to_be_visible()
    return logged_in


def box(page: Page, name: str) -> Locator:
    return page.locator(".map").get_by_role("link", name=re.compile(f"^{name}"))


def width(page: Page) -> float:
    return float(page.locator(".map").evaluate("map => map.getBoundingClientRect().width"))


def test_a_click_on_a_box_opens_the_interaction(drawn: Page) -> None:
    box(drawn, "Get balance").click()

    panel = drawn.get_by_role("region", name="Selected interaction")
    expect(panel.get_by_label("Name")).to_have_value("Get balance")


def test_the_map_is_walked_and_followed_by_keyboard_and_says_where_a_box_leads(drawn: Page) -> None:
    drawn.get_by_role("group", name="Map").focus()
    drawn.keyboard.press("Tab")
    expect(box(drawn, "Balance starter")).to_be_focused()
    drawn.keyboard.press("Tab")
    drawn.keyboard.press("Tab")
    drawn.keyboard.press("Tab")
    expect(box(drawn, "Get balance")).to_be_focused()
    expect(box(drawn, "Get balance")).to_have_accessible_name(
        "Get balance, API integration; leads to Say balance (SUCCESS, otherwise), Say not found (FAILURE)"
    )

    drawn.keyboard.press("Enter")

    expect(drawn.get_by_role("region", name="Selected interaction").get_by_label("Name")).to_have_value("Get balance")


def test_it_grows_and_fits_again_by_button_and_by_key(drawn: Page) -> None:
    fitting = width(drawn)

    drawn.get_by_role("button", name="Larger").click()
    assert width(drawn) > fitting
    drawn.get_by_role("button", name="Fit").click()
    assert width(drawn) == pytest.approx(fitting)
    drawn.get_by_role("group", name="Map").focus()
    drawn.keyboard.press("+")
    assert width(drawn) > fitting
    drawn.keyboard.press("0")
    assert width(drawn) == pytest.approx(fitting)


def test_dragging_the_ground_looks_around(drawn: Page) -> None:
    for _ in range(6):
        drawn.get_by_role("button", name="Larger").click()
    view = drawn.get_by_role("group", name="Map")
    place = view.bounding_box()
    assert place is not None
    before = view.evaluate("view => view.scrollTop")

    drawn.mouse.move(place["x"] + 20, place["y"] + 200)
    drawn.mouse.down()
    drawn.mouse.move(place["x"] + 20, place["y"] + 120, steps=4)
    drawn.mouse.up()

    assert view.evaluate("view => view.scrollTop") == pytest.approx(before + 80, abs=2)


def test_it_fits_a_telephone(drawn: Page) -> None:
    drawn.set_viewport_size(NARROW)
    drawn.reload()

    assert drawn.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    view = drawn.get_by_role("group", name="Map")
    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")
