"""The five-minute tutorial of README.md, followed literally in a real browser, from log-in to the spoken balance.

Each step's docstring is the step's text in README.md, word for word; the test fails when the two part.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import conftest
from tests.product import Product

pytestmark = pytest.mark.browser
README = Path(__file__).parents[2] / "README.md"
DEMO_API = "http://127.0.0.1:8001"  # where README.md and a default installation have it


def test_the_tutorial_of_the_readme_leads_to_the_spoken_balance(page: Page, served: Product) -> None:
    assert [" ".join((step.__doc__ or "").split()) for step in STEPS] == _steps_of_the_readme()

    for step in STEPS:
        step(page, served)


def log_in(page: Page, served: Product) -> None:
    """Open the address that `make run` printed and log in as `demo` with the password `parley-demo`."""
    conftest.log_in(page, user="demo", password="parley-demo")


def make_the_bot(page: Page, served: Product) -> None:
    """Press **New bot**, name it `My first bot`, press **Make the bot**."""
    page.get_by_role("link", name="New bot").click()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("My first bot")
    page.get_by_role("button", name="Make the bot").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()


def define_the_call(page: Page, served: Product) -> None:
    """First the call. Open **Integrations**, press **New integration** and fill in: *Integration Name* `Balance`,
    *Response Data Variable Name* `Balance`, *URL* `http://127.0.0.1:8001/balance`. Under *Request Parameters* add
    `accountNumber` with the value `{$botContext.slot.accountNumber}` and `email` with the value
    `{$botContext.slot.email}`. Under *Custom Data Fields* add `balance` with `{$.api_Balance.balance}`. Press
    **Create integration**."""
    page.get_by_role("link", name="Integrations").click()
    page.get_by_role("link", name="New integration").first.click()
    page.get_by_label("Integration Name").fill("Balance")
    page.get_by_label("Response Data Variable Name").fill("Balance")
    page.get_by_label(re.compile(r"^URL")).fill(f"{DEMO_API}/balance".replace(DEMO_API, served.demo_api))
    parameters = page.get_by_role("group", name="Request Parameters")
    _add_row(parameters, 0, "accountNumber", "{$botContext.slot.accountNumber}")
    _add_row(parameters, 1, "email", "{$botContext.slot.email}")
    _add_row(page.get_by_role("group", name="Custom Data Fields"), 0, "balance", "{$.api_Balance.balance}")
    page.get_by_role("button", name="Create integration").click()
    expect(page.get_by_role("heading", name="Balance", level=1)).to_be_visible()


def try_the_call(page: Page, served: Product) -> None:
    """Try it: under *Sample values* type `10024417` and `ada@example.com`, press **Test run**, and see `1250.40`
    come back."""
    page.get_by_label("slot.accountNumber").fill("10024417")
    page.get_by_label("slot.email").fill("ada@example.com")
    page.get_by_role("region", name="Test run").get_by_role("button", name="Test run").click()
    expect(page.get_by_role("region", name="Test run").get_by_text("1250.40").first).to_be_visible()


def add_the_dialog(page: Page, served: Product) -> None:
    """Now the talk. Open **Dialogs**, type `Balance` into *New dialog* and press Enter. Open *Balance starter* and
    type the pattern `*balance*`."""
    page.get_by_role("link", name="Dialogs").click()
    page.get_by_placeholder("New dialog").fill("Balance")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Balance starter", exact=True).click()
    page.get_by_label("Patterns").fill("*balance*")
    _saved(page)


def ask_for_the_number(page: Page, served: Product) -> None:
    """Press **Insert an interaction** below it and choose **Text question**. Name it `Ask number` and let it ask
    `What is your account number?`. In **Rules** press **Add rule**, choose the match type *Regular Expression* and
    type `^\\d{8,}$`; press **Set a slot**, name the slot `accountNumber` and let its value be `{$userMessage}`."""
    _insert(page, "Text question")
    _fill_content(page, name="Ask number", text="What is your account number?")
    _add_regex_rule(page, r"^\d{8,}$", slot="accountNumber")


def ask_for_the_address(page: Page, served: Product) -> None:
    """Insert another **Text question** below: named `Ask email`, asking `And your e-mail address?`, with a rule for
    the regular expression `^\\S+@\\S+$` that sets the slot `email` to `{$userMessage}`."""
    _insert(page, "Text question")
    _fill_content(page, name="Ask email", text="And your e-mail address?")
    _add_regex_rule(page, r"^\S+@\S+$", slot="email")


def call_and_answer(page: Page, served: Product) -> None:
    """Insert an **API integration** below, name it `Get balance` and choose *Balance*. Below that insert a
    **Text**, `Say balance`, with the words `Your balance is {Balance.balance} EUR.` and the next action *End
    interaction*; and another **Text**, `Say sorry`, with the words `I could not find that account.`"""
    _insert(page, "API integration")
    _panel(page).get_by_label("Name").fill("Get balance")
    _saved(page)
    _panel(page).get_by_label("Integration", exact=True).select_option(label="Balance")
    _saved(page)
    _insert(page, "Text")
    _fill_content(page, name="Say balance", text="Your balance is {Balance.balance} EUR.")
    _panel(page).get_by_role("link", name="Rules").click()
    _panel(page).get_by_label("Next action").select_option(label="End interaction")
    _saved(page)
    _insert(page, "Text")
    _fill_content(page, name="Say sorry", text="I could not find that account.")


def part_the_ways(page: Page, served: Product) -> None:
    """Open *Get balance* and its **Rules**. Add a rule of match type *API Result*, result *SUCCESS*, next action
    *Say balance*; and a second one, result *FAILURE, of any kind*, next action *Say sorry*."""
    page.get_by_role("link", name="Get balance", exact=True).click()
    expect(_panel(page).get_by_role("heading", name="API integration")).to_be_visible()
    _panel(page).get_by_role("link", name="Rules").click()
    _add_result_rule(page, "SUCCESS", target="Say balance")
    _add_result_rule(page, "FAILURE, of any kind", target="Say sorry")


def talk(page: Page, served: Product) -> None:
    """Press **Preview**, then **Bot log**. Write `What is my balance?`, then `10024417`, then `ada@example.com`.
    The bot says `Your balance is 1250.40 EUR.`, and the log shows every step, the call among them."""
    page.get_by_role("link", name="Preview").click()
    preview = page.get_by_role("region", name="Preview of My first bot")
    preview.get_by_role("button", name="Bot log").click()
    for words, answer in (
        ("What is my balance?", "What is your account number?"),
        ("10024417", "And your e-mail address?"),
        ("ada@example.com", "Your balance is 1250.40 EUR."),
    ):
        preview.get_by_label("Message", exact=True).fill(words)
        preview.get_by_role("button", name="Send").click()
        expect(preview.locator("[data-messages]").get_by_text(answer)).to_be_visible()
    called = re.compile(re.escape(urlsplit(served.demo_api).netloc) + ".*balance")
    expect(preview.get_by_text(called).first).to_be_visible()


STEPS: tuple[Callable[[Page, Product], None], ...] = (
    log_in,
    make_the_bot,
    define_the_call,
    try_the_call,
    add_the_dialog,
    ask_for_the_number,
    ask_for_the_address,
    call_and_answer,
    part_the_ways,
    talk,
)


def _steps_of_the_readme() -> list[str]:
    tutorial = README.read_text().split("## Your first bot in five minutes", 1)[1].split("\n## ", 1)[0]
    steps = re.findall(r"^\d+\. (.*?)(?=\n\d+\. |\n\n|\Z)", tutorial, re.MULTILINE | re.DOTALL)
    return [" ".join(step.split()) for step in steps]


def _add_row(rows: Locator, place: int, key: str, value: str) -> None:
    keys = rows.locator("[data-key]")
    if keys.count() <= place:
        rows.get_by_role("button", name="Add row").click()
    keys.nth(place).fill(key)
    rows.locator("[data-value]").nth(place).fill(value)


def _panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Selected interaction")


def _insert(page: Page, kind: str) -> None:
    before = page.locator(".step").count()
    page.get_by_role("link", name="Insert an interaction").last.click()
    page.get_by_role("dialog").get_by_role("button", name=kind, exact=True).click()
    expect(page.locator(".step")).to_have_count(before + 1)
    expect(_panel(page).get_by_role("heading", name=kind, exact=True)).to_be_visible()


def _fill_content(page: Page, *, name: str, text: str) -> None:
    _panel(page).get_by_label("Name").fill(name)
    _saved(page)
    _panel(page).get_by_label("Text", exact=True).fill(text)
    _saved(page)


def _add_regex_rule(page: Page, expression: str, *, slot: str) -> None:
    _panel(page).get_by_role("link", name="Rules").click()
    _add_rule(page)
    _panel(page).get_by_label("Match type").select_option(label="Regular Expression")
    _panel(page).get_by_label("Regular expression").fill(expression)
    _saved(page)
    _panel(page).get_by_role("button", name="Set a slot").click()
    expect(_panel(page).get_by_label("Slot, row 1")).to_be_focused()
    page.keyboard.type(slot)
    page.keyboard.press("Tab")
    page.keyboard.type("{$userMessage}")
    _saved(page)


def _add_result_rule(page: Page, result: str, *, target: str) -> None:
    _add_rule(page)
    _panel(page).get_by_label("Match type").select_option(label="API Result")
    _panel(page).get_by_label("Result", exact=True).select_option(label=result)
    _saved(page)
    _panel(page).get_by_label("Next action").first.select_option(label=target)
    _saved(page)


def _add_rule(page: Page) -> None:
    expect(_panel(page).get_by_role("button", name="Add rule")).to_be_visible()
    before = _panel(page).locator(".rule").count()
    _panel(page).get_by_role("button", name="Add rule").click()
    expect(_panel(page).locator(".rule")).to_have_count(before + 1)


def _saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_have_text("Saved")
