"""The integration form and its test run in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NARROW
from tests.product import Product

pytestmark = pytest.mark.browser


@pytest.fixture
def form(logged_in: Page) -> Page:
    """A new integration, in a bot of the demo."""
    logged_in.goto("/bots/")
    logged_in.get_by_role("link", name="Account balance", exact=True).click()
    logged_in.get_by_role("link", name="Integrations").click()
    logged_in.get_by_role("link", name="New integration").first.click()
    logged_in.get_by_label("Integration Name").fill("Trial")
    logged_in.get_by_label("Response Data Variable Name").fill("Trial")
    return logged_in


def rows(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name).locator(".row")


def keys(page: Page, name: str) -> list[str]:
    return [row.locator("[data-key]").input_value() for row in rows(page, name).all()]


def run(page: Page) -> None:
    page.locator("#test-run").get_by_role("button", name="Test run").click()
    expect(page.get_by_role("tablist", name="Response")).to_be_visible()


def paste(field: Locator, text: str) -> None:
    field.focus()
    field.evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_a_click_on_a_value_makes_it_a_field_with_the_right_path(form: Page, served: Product) -> None:
    form.get_by_label(re.compile("^URL")).fill(f"{served.demo_api}/stores?city=Bristol")
    run(form)

    form.locator(".tree-value", has_text="Riverside").click()
    form.get_by_role("menuitem", name="All of them").click()

    row = rows(form, "Custom Data Fields").first
    expect(row.locator("[data-key]")).to_be_focused()
    path = row.locator("[data-value]").input_value()
    run(form)
    found = form.locator(".found-field")
    assert "[i]" in path
    expect(found).to_contain_text("Harbourside")
    expect(found.locator(".badge")).to_have_text("2")


def test_a_value_in_a_list_offers_all_the_first_this_one_and_how_many_by_keyboard(form: Page, served: Product) -> None:
    form.get_by_label(re.compile("^URL")).fill(f"{served.demo_api}/stores?city=Bristol")
    run(form)
    form.locator(".tree-value", has_text="Riverside").press("Enter")
    menu = form.get_by_role("menu", name="Use as custom data field")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    form.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(form.locator(".tree-value", has_text="Riverside")).to_be_focused()

    form.keyboard.press("Enter")
    form.keyboard.press("ArrowDown")
    form.keyboard.press("Enter")
    form.locator(".tree-value", has_text="Riverside").press("Enter")
    form.get_by_role("menuitem", name="How many").click()

    expect(form.get_by_text(re.compile(r"Read how many there are as \{Trial\.\w+\.count\}"))).to_be_visible()
    paths = [each.locator("[data-value]").input_value() for each in rows(form, "Custom Data Fields").all()][:2]
    assert "[0]" in paths[0] and "[i]" in paths[1]


def test_a_row_is_described_switched_off_dragged_and_counted_and_all_of_it_is_kept(form: Page) -> None:
    paste(rows(form, "Request Parameters").first.locator("[data-key]"), "a: 1\nb: 2\nc: 3")
    parameters = form.get_by_role("navigation", name="Parts of the form").get_by_role("link", name="Parameters")
    expect(parameters).to_have_text(re.compile(r"Parameters\s*3"))
    form.get_by_role("group", name="Request Parameters").get_by_role("button", name="Describe, row 2").click()
    form.keyboard.type("What the shop calls it")
    rows(form, "Request Parameters").nth(1).get_by_role("checkbox").uncheck()
    expect(parameters).to_have_text(re.compile(r"Parameters\s*2"))

    grip = rows(form, "Request Parameters").nth(0).locator("[data-grip]")
    grip.scroll_into_view_if_needed()
    start, aim = grip.bounding_box(), rows(form, "Request Parameters").nth(1).bounding_box()
    assert start and aim
    form.mouse.move(start["x"] + 5, start["y"] + 10)
    form.mouse.down()
    form.mouse.move(start["x"] + 5, aim["y"] + aim["height"] - 4, steps=6)
    form.mouse.up()
    assert keys(form, "Request Parameters")[:3] == ["b", "a", "c"]

    form.get_by_label(re.compile("^URL")).fill("https://api.example.test/")
    form.get_by_role("button", name="Create integration").click()
    expect(form.get_by_role("heading", name="Trial", level=1)).to_be_visible()
    form.reload()
    assert keys(form, "Request Parameters")[:3] == ["b", "a", "c"]
    expect(
        form.get_by_role("group", name="Request Parameters").get_by_label("Description, row 1", exact=True)
    ).to_have_value("What the shop calls it")
    expect(rows(form, "Request Parameters").nth(0).get_by_role("checkbox")).not_to_be_checked()
    form.get_by_label("More actions").click()
    form.get_by_role("button", name="Delete …").click()
    form.get_by_role("button", name="Delete", exact=True).click()
    expect(form.get_by_text("Trial was deleted.")).to_be_visible()


def test_a_transform_runs_on_a_sample_and_shows_variables_before_and_after(form: Page) -> None:
    form.get_by_label(re.compile("^URL")).fill("http://127.0.0.1:9/never")
    form.get_by_label("Transform Result Script").fill(
        'botContext.setBotVariable("town", botContext.getBotVariable("town") + "ville", true, false);'
    )
    form.get_by_label("{$botContext.town}").fill("Green")
    form.get_by_text("Sample response").click()
    form.get_by_label("Body", exact=True).fill('{"a": 1}')

    form.get_by_role("button", name="Run transform only").click()
    form.get_by_role("tab", name="Variables").click()

    row = form.get_by_role("row").filter(has_text="town")
    expect(row.get_by_role("cell")).to_have_text(["Green", "Greenville"])
    expect(row.locator("ins")).to_have_text("ville")
    expect(row.get_by_role("rowheader")).to_contain_text("changed")


def test_a_run_survives_a_reload_with_the_form_that_was_never_saved(form: Page, served: Product) -> None:
    form.get_by_label(re.compile("^URL")).fill(f"{served.demo_api}/stores?city={{$botContext.city}}")
    form.get_by_label("{$botContext.city}").fill("Oxford")
    run(form)
    form.on("dialog", lambda dialog: dialog.accept())

    form.reload()

    expect(form.get_by_role("tablist", name="Response")).to_be_visible()
    expect(form.get_by_label("Integration Name")).to_have_value("Trial")
    expect(form.get_by_label("{$botContext.city}")).to_have_value("Oxford")


def test_a_slow_call_shows_that_it_runs_and_is_cancelled(form: Page, served: Product) -> None:
    form.get_by_label(re.compile("^URL")).fill(f"{served.demo_api}/slow?seconds=15")
    form.locator("#test-run").get_by_role("button", name="Test run").click()
    expect(form.locator("[data-progress]")).to_contain_text("Sending GET")

    form.get_by_role("button", name="Cancel").first.click()

    expect(form.locator("#run")).to_contain_text("Cancelled.")


def test_many_pasted_lines_become_rows_that_are_moved_and_removed_by_keyboard(form: Page) -> None:
    first = rows(form, "Request Headers").first.locator("[data-key]")

    paste(first, "X-A: 1\nX-B=2\nX-C\t3")
    assert keys(form, "Request Headers") == ["X-A", "X-B", "X-C"]
    rows(form, "Request Headers").nth(0).locator("[data-key]").press("Alt+ArrowDown")
    assert keys(form, "Request Headers") == ["X-B", "X-A", "X-C"]
    form.get_by_role("button", name="Remove, row 3").press("Enter")
    assert keys(form, "Request Headers") == ["X-B", "X-A"]

    first.page.get_by_label(re.compile("^URL")).fill("https://api.example.test/")
    form.get_by_role("button", name="Create integration").click()
    expect(form.get_by_role("heading", name="Trial", level=1)).to_be_visible()
    assert keys(form, "Request Headers")[:2] == ["X-B", "X-A"]
    form.get_by_label("More actions").click()
    form.get_by_role("button", name="Delete …").click()
    form.get_by_role("button", name="Delete", exact=True).click()
    expect(form.get_by_text("Trial was deleted.")).to_be_visible()


def test_a_command_line_goes_in_and_out(form: Page) -> None:
    form.get_by_label("More actions").click()
    form.get_by_role("button", name="Paste cURL").click()
    form.locator("#curl-command").fill("curl -X PUT 'https://api.example.test/x?a=1' -H 'X-T: 7' -d '{}'")
    form.get_by_role("button", name="Fill the form").click()
    expect(form.get_by_label(re.compile("^Method"))).to_have_value("PUT")
    expect(form.get_by_label("Integration Name")).to_have_value("Trial")

    form.get_by_label("More actions").click()
    form.get_by_role("button", name="Copy as cURL").click()

    expect(form.locator("#curl-text pre")).to_contain_text("--request PUT")


def test_json_of_any_size_keeps_its_numbers_in_the_tree(form: Page) -> None:
    shown = form.evaluate(
        """() => {
          const text = '{"id": 1234567890123456789, "price": 1.10, "list": [[1], {"a b": null}]}';
          const paths = [];
          const tree = parley.jsonTree(text, "$.api_X", (path) => paths.push(path));
          tree.querySelectorAll("details").forEach((each) => (each.open = true));
          tree.querySelectorAll(".tree-value").forEach((each) => each.click());
          return [[...tree.querySelectorAll(".number")].map((each) => each.textContent), paths];
        }"""
    )

    assert shown[0][:2] == ["1234567890123456789", "1.10"]
    assert shown[1][:2] == ["$.api_X.id", "$.api_X.price"]


def test_the_workbench_fits_a_telephone(form: Page, served: Product) -> None:
    form.set_viewport_size(NARROW)
    form.get_by_label(re.compile("^URL")).fill(f"{served.demo_api}/stores?city=Bristol")

    form.locator("#integration-form").get_by_role("button", name="Test run").click()

    expect(form.locator("#run .notice")).to_be_in_viewport()
    assert form.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_the_secret_of_a_pasted_command_moves_into_a_credential(form: Page) -> None:
    form.locator("#integration-form details.menu > summary").click()
    form.get_by_role("button", name="Paste cURL").click()
    form.locator("#curl-command").fill("curl https://api.example.com/me -H 'Authorization: Bearer browser-secret'")
    form.get_by_role("button", name="Fill the form").click()
    name = form.get_by_label(re.compile("^New credential of the type Access Token"))
    expect(name).to_have_value("api.example.com (Access Token)")
    name.fill("From the browser")
    name.press("Tab")
    form.keyboard.press("Enter")

    expect(form.get_by_label("Credential", exact=True).locator("option:checked")).to_contain_text("From the browser")
    expect(form.locator("#curl-command")).to_have_value("")
    assert "browser-secret" not in form.content()
    form.on("dialog", lambda dialog: dialog.accept())
