"""What tests of imported bots do in the browser: import a file, lead its calls elsewhere, play a scenario."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import Locator, Page, Route, expect

from tests.loopback_api import Answer, Api

PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


def no_other_host(page: Page) -> None:
    """Answer with a picture for every other host: what bots show lies elsewhere, where no test goes."""

    def answer(route: Route) -> None:
        route.fulfill(body=PIXEL, content_type="image/gif")

    page.context.route(re.compile(r"^https?://(?!localhost[:/])"), answer)


def look_at(page: Page, *, name: str, data: bytes) -> None:
    """Choose the file on the import page, as from the list of bots."""
    page.goto("/bots/")
    page.get_by_role("link", name="Import bot").click()
    page.get_by_label("Export file").set_input_files({"name": name, "mimeType": "application/json", "buffer": data})
    page.get_by_role("button", name="Look at it").click()


def decide(page: Page, *, name: str) -> str:
    """Import under a name; answer the address of the bot."""
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_role("button", name="Import the bot").click()
    page.wait_for_url(re.compile(r"/bots/\d+/dialogs/"))
    expect(page.get_by_text(f"Imported {name}.")).to_be_visible()
    return re.sub(r"dialogs/.*", "", urlsplit(page.url).path)


def exported(page: Page, *, name: str) -> bytes:
    page.goto(f"/bots/?q={quote(name)}")
    row = page.locator("li, tr, article").filter(has=page.get_by_role("link", name=name, exact=True)).last
    row.locator("details.menu > summary").click()
    with page.expect_download() as download:
        row.get_by_role("link", name="Export").click()
    return Path(download.value.path()).read_bytes()


def lead_elsewhere(page: Page, bot: str, *, url: str) -> int:
    """Correct the host in each integration's form, and answer how many there were."""
    page.goto(f"{bot}integrations/")
    addresses = list(dict.fromkeys(_addresses(page.locator(f'main a[href^="{bot}integrations/"]'))))
    addresses = [one for one in addresses if re.search(r"/integrations/\d+/$", one)]
    for address in addresses:
        page.goto(address)
        field = page.get_by_label(re.compile("^URL"))
        field.fill(re.sub(r"^\w+://[^/]+", url, field.input_value()))
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#integration-form [data-save-state]")).to_have_text("Saved")
    return len(addresses)


def serve(api: Api, routes: list[dict[str, Any]]) -> None:
    """Give the canned answers, by path."""
    api.routes = {one["path"]: [_answer(each) for each in one["responses"]] for one in routes}


def play(page: Page, bot: str, *, turns: list[dict[str, Any]]) -> None:
    """Talk to the bot in the preview, and see what the scenario says is to be seen."""
    page.evaluate("sessionStorage.clear()")  # as in a new tab: a new conversation begins
    page.goto(f"{bot}preview/")
    expect(page.get_by_text("Say hello.")).to_be_visible()
    for turn in turns:
        before = page.locator("[data-messages] > .said.bot").count()
        _say(page, turn["user"])
        expected = turn["expect"] if isinstance(turn["expect"], dict) else {"messages_rest": "any"}
        said = page.locator("[data-messages] > .said.bot")
        messages = expected.get("messages", [])
        if "messages_rest" not in expected:
            expect(said).to_have_count(before + len(messages))
        for number, message in enumerate(messages):
            SHOWN[message["kind"]](said.nth(before + number), message)
        for event in expected.get("events", []):
            if event["type"] in EVENTS:
                expect(page.locator("[data-messages] > .note").last).to_contain_text(EVENTS[event["type"]])
        expect(page.locator("[data-typing]")).to_be_hidden()


def _say(page: Page, user: dict[str, Any]) -> None:
    click = user.get("click")
    if click:
        pressed = page.locator("[data-messages] > .said.bot").get_by_role("button", name=click["label"], exact=True)
        pressed.last.click()
    else:
        page.get_by_label("Message", exact=True).fill(user["text"])
        page.get_by_role("button", name="Send").click()
    own = page.locator("[data-messages] > .said.own").last
    expect(own).to_have_text(click["label"] if click else user["text"])
    expect(own).not_to_have_class(re.compile("sending"))


def _text(said: Locator, message: dict[str, Any]) -> None:
    expect(said.locator(".bubble-text")).to_have_text(message["text"])


def _chips(said: Locator, message: dict[str, Any]) -> None:
    _text(said, message)
    expect(said.locator(".chat-chip")).to_have_text([one["title"] for one in message["quick_replies"]])


def _choices(said: Locator, message: dict[str, Any]) -> None:
    _text(said, message)
    expect(said.locator(".chat-button, .chat-chip")).to_have_text(message["choices"])


def _buttons(said: Locator, message: dict[str, Any]) -> None:
    _text(said, message)
    expect(said.locator(".chat-button")).to_have_text([one["label"] for one in message["buttons"]])


def _tiles(said: Locator, message: dict[str, Any]) -> None:
    tiles = said.locator(".tile")
    expect(tiles).to_have_count(len(message["tiles"]))
    for number, tile in enumerate(message["tiles"]):
        shown = tiles.nth(number)
        expect(shown.locator("strong")).to_have_text(tile["title"])
        if tile.get("subtitle"):
            expect(shown.locator("p")).to_have_text(tile["subtitle"])
            assert shown.locator("p").inner_text().strip() == tile["subtitle"].strip()
        if tile.get("image"):
            expect(shown.locator("img")).to_have_attribute("src", tile["image"])
        for button in tile.get("buttons", []):
            link = shown.get_by_role("link", name=button["label"])
            expect(link).to_have_attribute("href", button["value"])
            expect(link).to_have_attribute("rel", "noopener noreferrer")


def _rich(said: Locator, message: dict[str, Any]) -> None:
    texts, titles = [], []
    for element in _elements(message["json"]):
        texts += [element["text"]] if element.get("type") == "text" else []
        titles += [element["title"]] if element.get("type") == "button" else []
    expect(said.locator(".rich-text")).to_have_text(texts)
    expect(said.locator(".chat-button, .chat-chip")).to_have_text(titles)


def _image(said: Locator, message: dict[str, Any]) -> None:
    expect(said.locator("img")).to_have_attribute("src", message["url"])
    assert said.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1


def _elements(json_value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(json_value, list):
        for one in json_value:
            yield from _elements(one)
    elif isinstance(json_value, dict):
        yield json_value
        yield from _elements(json_value.get("elements", []))
        yield from _elements(json_value.get("quickReplies", {}).get("items", []))


def _addresses(links: Locator) -> list[str]:
    found: list[str] = links.evaluate_all("links => links.map((link) => new URL(link.href).pathname)")
    return found


def _answer(response: dict[str, Any]) -> Answer:
    return Answer(response.get("status", 200), json.dumps(response.get("json")), response.get("headers", {}))


SHOWN = {
    "text": _text,
    "quick_replies": _chips,
    "choices": _choices,
    "buttons": _buttons,
    "tiles": _tiles,
    "rich": _rich,
    "image": _image,
}
EVENTS = {"close": "The bot closed", "transfer": "Waiting for an agent"}
