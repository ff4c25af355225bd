"""An exported bot in a real browser: imported after a report, exported again, led to another host, and talked to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from tests import cb_exports, loopback_api
from tests.browser import importing
from tests.loopback_api import Api
from tests.samples import parcel_bot

pytestmark = pytest.mark.browser
SAMPLES = Path(parcel_bot.__file__).parent
Scenario = dict[str, Any]


@pytest.fixture
def author(logged_in: Page) -> Page:
    importing.no_other_host(logged_in)
    return logged_in


@pytest.fixture
def api() -> Iterator[Api]:
    with loopback_api.running() as running:
        yield running


def sample(name: str) -> bytes:
    document = parcel_bot.document()
    document["bot"]["name"] = name
    return json.dumps(document, indent=1).encode()


def routes(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())["routes"] if file.exists() else []
    return found


def scenarios(file: Path) -> list[Scenario]:
    """The first one, and the first one of each kind of message that it does not show; a preview can play them."""
    chosen: list[Scenario] = []
    for scenario in yaml.safe_load(file.read_text())["scenarios"]:
        plain = not {"requires", "api_override"} & scenario.keys()
        if plain and kinds(scenario) - {kind for one in chosen for kind in kinds(one)}:
            chosen.append(scenario)
    return chosen


def kinds(scenario: Scenario) -> set[str]:
    expected = [turn["expect"] for turn in scenario["turns"] if isinstance(turn["expect"], dict)]
    return {message["kind"] for one in expected for message in one.get("messages", [])}


def test_a_file_is_reported_imported_and_exported_again_with_the_same_bytes(author: Page) -> None:
    data = sample("Parcels by page")

    importing.look_at(author, name="parcels.json", data=data)
    expect(author.get_by_role("heading", name="Import Parcels by page")).to_be_visible()
    expect(author.get_by_role("region", name="What comes in")).to_contain_text("Nothing is saved yet.")
    expect(author.locator(".import-counts div").filter(has_text="interactions")).to_have_text("interactions10")
    expect(author.locator("main")).to_contain_text("somethingNew")
    expect(author.locator("main")).to_contain_text("Need help")
    importing.decide(author, name="Parcels by page")

    expect(author.get_by_role("link", name="call us", exact=True)).to_be_visible()
    assert importing.exported(author, name="Parcels by page") == data


def test_an_imported_bot_is_led_to_another_host_and_talks(author: Page, api: Api) -> None:
    importing.serve(api, routes(SAMPLES / "parcel_answers.json"))
    importing.look_at(author, name="parcels.json", data=sample("Parcels that talk"))
    bot = importing.decide(author, name="Parcels that talk")

    assert importing.lead_elsewhere(author, bot, url=api.url) == 1
    importing.play(author, bot, turns=scenarios(SAMPLES / "parcel_bot.yaml")[0]["turns"])

    assert [(one.method, one.path) for one in api.asked] == [("GET", "/v1/parcels/42")]
    assert b"127.0.0.1" in importing.exported(author, name="Parcels that talk")


@pytest.mark.skipif(not cb_exports.BOTS, reason=cb_exports.MISSING)
@pytest.mark.parametrize("file", cb_exports.BOTS, ids=lambda path: path.stem)
def test_a_given_bot_comes_in_through_the_page_talks_and_goes_out_the_same(file: Path, author: Page, api: Api) -> None:
    answers = routes(cb_exports.FOLDER / "api" / file.name)
    importing.look_at(author, name=file.name, data=file.read_bytes())
    name = author.get_by_label("Name").first.input_value()
    bot = importing.decide(author, name=name)
    assert importing.exported(author, name=name) == file.read_bytes()

    changed = importing.lead_elsewhere(author, bot, url=api.url)

    assert changed == len(json.loads(file.read_bytes()).get("responder") or [])
    for scenario in scenarios(cb_exports.FOLDER / "transcripts" / f"{file.stem}.yaml"):
        importing.serve(api, answers)
        importing.play(author, bot, turns=scenario["turns"])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda data: data[:-40], "The file is not JSON: "),
        (lambda data: data.replace(b'"content": {', b'"content": 7, "was": {', 1), "].content: expected an object"),
    ],
    ids=["cut off", "a number for an object"],
)  # fmt: skip
def test_a_broken_file_gets_a_sentence_with_the_place_and_nothing_is_saved(
    author: Page, spoil: Any, sentence: str
) -> None:
    importing.look_at(author, name="broken.json", data=spoil(sample("Broken parcels")))

    expect(author.get_by_role("alert")).to_contain_text(sentence)
    expect(author.get_by_role("button", name="Look at it")).to_be_visible()
    author.goto("/bots/")
    expect(author.get_by_role("link", name="Broken parcels")).to_have_count(0)
