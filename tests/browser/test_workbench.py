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

    row = rows(form, "Custom Data Fields").first
    expect(row.locator("[data-key]")).to_be_focused()
    path = row.locator("[data-value]").input_value()
    run(form)
    found = form.locator(".found-field")
    assert "[i]" in path
    expect(found).to_contain_text("Harbourside")
    expect(found.locator(".badge")).to_have_text("2")


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


def test_a_script_is_coloured_completed_and_checked(form: Page) -> None:
    script = form.get_by_label("Transform Result Script")
    script.focus()
    form.keyboard.type("var n = botContext.getbot")
    expect(form.get_by_role("option", name=re.compile("getBotVariable"))).to_be_visible()

    form.keyboard.press("Enter")
    form.keyboard.type('"n";')
    expect(script).to_have_value('var n = botContext.getBotVariable("n";')
    expect(form.locator("#script-check")).to_contain_text("Line 1")

    expect(form.locator(".code-paint .code-string")).to_have_text('"n"')


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
