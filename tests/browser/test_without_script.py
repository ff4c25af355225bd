"""With scripts off: logging in, lists, forms, a bot that is built, tested and published. What needs scripts says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import product
from tests.browser.conftest import PATIENCE, WIDE, log_in

pytestmark = pytest.mark.browser
LEFT_OUT = ("/admin/", "/export/", "/download/", "/lines/", "/static/", "/api/")  # no pages, or Django's own
WITHOUT_A_WAY = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const told = (element) => element.outerHTML.slice(0, 120);
  const sends = (form) => [...form.elements].some((each) => each.type === "submit" && seen(each));
  const asks = (form) => [...form.elements].filter((each) => seen(each) && each.matches("input, select, textarea"));
  const search = (form) => asks(form).length === 1 && form.method === "get"; // Enter sends it
  const forms = [...document.forms].filter((form) => asks(form).length && !sends(form) && !search(form));
  const dead = (button) => button.type === "button" || !button.form;
  const buttons = [...document.querySelectorAll("button")].filter((each) => seen(each) && dead(each));
  const links = [...document.querySelectorAll("a:not([href])")].filter(seen);
  return [...forms, ...buttons, ...links].map(told);
}"""


@pytest.fixture
def plain(browser: Browser, served: product.Product) -> Iterator[Page]:
    """A browser that runs no script, logged in."""
    context = browser.new_context(base_url=served.url, viewport=WIDE, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    log_in(page)
    yield page
    context.close()


def test_a_bot_is_built_and_published(plain: Page) -> None:
    page = plain
    page.get_by_role("link", name="New bot").first.click()
    page.get_by_label("Name").fill("Without script")
    page.get_by_role("button", name="Make the bot").click()
    page.get_by_label("Name of a new dialog").fill("Opening hours")
    page.get_by_role("button", name="Add dialog").click()
    expect(page.get_by_role("heading", name="Opening hours", exact=True)).to_be_visible()

    page.get_by_role("link", name="Insert an interaction", exact=True).click()
    page.get_by_role("group", name="Insert here").get_by_role("button", name="Text question").click()
    panel = page.get_by_role("region", name="Selected interaction")
    panel.get_by_label("Text", exact=True).fill("On which day?")
    panel.get_by_role("button", name="Save").click()
    expect(page.locator(".step", has_text="On which day?")).to_be_visible()
    panel.get_by_role("link", name="Rules", exact=True).click()
    panel.get_by_role("button", name="Add rule").click()
    panel.get_by_label("Rule name").fill("A day")
    panel.get_by_role("button", name="Save").first.click()
    expect(page.locator(".tile-rules", has_text="A day")).to_be_visible()

    page.get_by_role("link", name="Publish", exact=True).first.click()
    page.get_by_label("What changed").fill("The first one")
    page.locator("main").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("cell", name="The first one")).to_be_visible()
    expect(page.locator("#bot-state").get_by_text("v1 live")).to_be_visible()


def test_lists_and_searches_answer(plain: Page) -> None:
    plain.get_by_label("Search bots").fill("order")
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("link", name="Order status", exact=True)).to_be_visible()
    expect(plain.get_by_role("link", name="Store locator", exact=True)).to_have_count(0)

    plain.get_by_role("link", name="Order status", exact=True).click()
    plain.get_by_label("Search this bot").fill("parcel")
    plain.keyboard.press("Enter")

    expect(plain.locator(".hit").first).to_be_visible()


def test_an_integration_is_made_and_run(plain: Page, served: product.Product) -> None:
    plain.get_by_role("link", name="FAQ from an API", exact=True).click()
    plain.get_by_role("link", name="Integrations").click()
    plain.get_by_role("link", name="New integration").first.click()
    plain.get_by_label("Integration Name").fill("Plainly")
    plain.get_by_label("Response Data Variable Name").fill("Plainly")
    plain.get_by_label("URL", exact=False).first.fill(f"{served.demo_api}/stores?city=Bristol")
    plain.get_by_role("button", name="Create integration").click()
    expect(plain.get_by_role("heading", name="Plainly", exact=True)).to_be_visible()

    plain.get_by_role("button", name="Test run").first.click()
    for _ in range(20):  # a page without script shows how far it is when it is loaded again
        if plain.get_by_text("Riverside").first.is_visible():
            break
        plain.reload()

    expect(plain.get_by_text("Riverside").first).to_be_visible()


def test_what_needs_scripts_says_so(plain: Page) -> None:
    plain.get_by_role("link", name="Account balance", exact=True).click()
    plain.get_by_role("link", name="Preview").click()

    expect(plain.get_by_text("The preview needs JavaScript.")).to_be_visible()


def test_every_form_of_every_page_can_be_sent_and_no_button_is_dead(plain: Page) -> None:
    """Walks all pages that a link leads to, one of each kind."""
    todo, walked, complaints = ["/bots/"], set[str](), list[str]()
    while todo:
        address = todo.pop().split("#")[0]
        kind = re.sub(r"[0-9a-f]{8,}[0-9a-f-]*|\d+", "N", address.split("?")[0])
        tab = "".join(re.findall(r"[?&]tab=\w+", address))
        if kind + tab in walked or any(part in address for part in LEFT_OUT):
            continue
        walked.add(kind + tab)
        answer = plain.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        complaints += [f"{address}: {each}" for each in plain.evaluate(WITHOUT_A_WAY)]
        found = plain.eval_on_selector_all("a[href^='/']", "links => links.map((link) => link.getAttribute('href'))")
        todo += list(found)

    assert complaints == []
    assert len(walked) > 40
