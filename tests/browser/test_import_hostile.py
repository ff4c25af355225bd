"""A bot whose every text is an attack: no page that shows it runs any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import importing
from tests.samples import hostile_bot

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
MOST_PAGES = 120
SUSPECT = """() => [...document.querySelectorAll("*")].flatMap((element) =>
  [...element.attributes].filter(({name, value}) =>
  /^on|^(data-)?hx-on/.test(name) || (/^(data-)?hx-/.test(name) && value.includes("canary")) ||
  (["href", "src", "action", "formaction"].includes(name)
    // A name in the query of a page of ours is a value there.
    && /^\\s*(javascript|data):|canary/i.test(value.replace(/^(\\/bots\\/[^?]*)\\?.*/, "$1"))) ||
  name === "srcdoc").map(({name, value}) => `${element.tagName} ${name}=${value}`))"""


@pytest.fixture
def watched(logged_in: Page) -> Iterator[Page]:
    """A page of which we hear everything that an attack would do."""
    importing.no_other_host(logged_in)
    done: list[str] = []
    logged_in.context.on("request", lambda one: done.append(one.url) if "/canary" in urlsplit(one.url).path else None)
    logged_in.context.on("page", lambda page: done.append(f"a window: {page.url}"))
    logged_in.on("dialog", lambda dialog: (done.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    yield logged_in
    assert not done, done


def expect_harmless(page: Page) -> None:
    assert page.evaluate(SUSPECT) == [], page.url


def imported(page: Page) -> str:
    importing.look_at(page, name=hostile_bot.FILE_NAME, data=json.dumps(hostile_bot.document()).encode())
    expect(page.get_by_role("heading", name="What comes in")).to_be_visible()
    expect(page.locator("main")).to_contain_text(hostile_bot.FILE_NAME)
    expect_harmless(page)
    return importing.decide(page, name=f"Canary {hostile_bot.NAME}")


def test_no_page_of_a_hostile_bot_and_no_message_of_it_runs_anything(watched: Page) -> None:
    bot = imported(watched)
    talk(watched, bot)
    seen = walk(watched, bot)

    shown = " ".join(sorted(seen))
    for page in ("integrations/", "global-functions/", "variables/", "versions/", "settings/", "publish/", "delete/"):
        assert f"{bot}{page}" in shown
    assert len([address for address in seen if "/interactions/" in address]) >= len(
        hostile_bot.document()["conversationMessage"]
    )


def talk(page: Page, bot: str) -> None:
    """Have every kind of message said, press what can be pressed, and open the log and the variables."""
    page.goto(f"{bot}preview/")
    said = page.locator("[data-messages] > .said.bot")
    for text in ("hi", "on", "on", "on"):
        before = page.locator("[data-messages] > .said.own").count()
        page.get_by_label("Message", exact=True).fill(text)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-messages] > .said.own")).to_have_count(before + 1)
        expect(page.locator("[data-messages] > .said.own.sending")).to_have_count(0)
        expect(page.locator("[data-typing]")).to_be_hidden()
    expect(said).to_have_count(hostile_bot.MESSAGES)
    expect_harmless(page)
    page.get_by_role("button", name="Variables").click()
    expect(page.locator("[data-variables]")).to_contain_text("/canary/onerror")
    expect_harmless(page)
    for number in range(pressed := said.locator("button.chat-button:enabled").count()):
        said.locator("button.chat-button:enabled").nth(number).click()
        expect(page.locator("[data-messages] > .said.own.sending")).to_have_count(0)
    assert pressed
    expect_harmless(page)


def walk(page: Page, bot: str) -> set[str]:
    """Open every page of the bot that a link leads to."""
    seen: set[str] = set()
    waiting = [f"{bot}dialogs/", "/bots/", f"{bot}search/?q=canary", f"{bot}problems/"]
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = page.goto(address)
        assert response and response.ok, address
        expect_harmless(page)
        waiting += [link for link in links(page) if link.startswith(bot) and "/export/" not in link]
    return seen


def links(page: Page) -> list[str]:
    found: list[str] = page.locator("a[href]").evaluate_all(
        "links => links.map((link) => new URL(link.getAttribute('href'), document.baseURI))"
        ".map((url) => url.pathname + url.search)"
    )
    return found
