"""At every stop of the tour: axe-core finds nothing in either scheme, nothing is wider than the window, nothing moves
while the page loads, and the browser's console stays silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests import product
from tests.browser import conftest
from tests.browser.tour import stops
from tests.browser.tour.guide import AT_REST, FRAMES, Guide
from tests.browser.tour.stops import Stop

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "rules => axe.run(document, {runOnly: rules}).then(found => found.violations)"
COLOURS = (
    "() => axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast']}}).then(found => found.violations)"
)
WATCH_SHIFTS = """
window.shifted = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput || entry.value < 0.02) continue; // columns that widen as rows arrive
    const named = (node) => node && (node.id || node.className || node.textContent.trim().slice(0, 40));
    const what = entry.sources.map((source) => named(source.node)).join(", ");
    window.shifted.push([entry.value, what]);
  }
}).observe({type: "layout-shift", buffered: true});
"""
CUT_OFF = """() => [...document.querySelectorAll('.results')].filter((each) => each.scrollWidth > each.clientWidth)
  .map((each) => `a list of ${each.scrollWidth} pixels where ${each.clientWidth} are seen`)"""
DJANGOS_OWN = ("admin",)  # pages whose markup is Django's: what it lacks there is not ours to mend


@pytest.fixture(scope="module")
def guide(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guide]:
    """A product of its own: the stage changes the demo bots that other tests rely on."""
    with product.running(tmp_path_factory.mktemp("tour") / "data") as served:
        yield Guide(browser, served, bypass_csp=True, color_scheme="light")  # axe is not of this host


@pytest.mark.parametrize("stop", stops.ALL, ids=[stop.name for stop in stops.ALL])
def test_a_stop_is_faultless(guide: Guide, stop: Stop) -> None:
    complaints: list[str] = []
    context = guide.window(stop.user, viewport=conftest.WIDE)
    context.add_init_script(WATCH_SHIFTS)
    page = context.new_page()
    page.on("console", lambda message: _note(complaints, message))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        guide.arrive(page, stop)
        shifts = [] if stop.name.startswith(DJANGOS_OWN) else page.evaluate("window.shifted")
        stop.state(page)
        page.evaluate(AT_REST)
        found = objections(page, stop)
    finally:
        context.close()

    assert found == []
    assert shifts == []
    assert stop.complains or complaints == []


def objections(page: Page, stop: Stop) -> list[str]:
    """Wide and light with all rules, dark with those of colour, then narrow and dark with all rules."""
    page.evaluate(AXE)
    if stop.name.startswith(DJANGOS_OWN):
        return [*_look(page, COLOURS), *page.evaluate(CUT_OFF)]
    found = [*_look(page, RUN, RULES), *_too_wide(page)]
    page.emulate_media(color_scheme="dark")
    page.evaluate(FRAMES)
    found += _look(page, COLOURS)
    page.set_viewport_size(conftest.NARROW)
    page.evaluate(FRAMES)
    found += [*_look(page, RUN, RULES), *_too_wide(page)]
    return [each for each in found if not (stop.covers and each.startswith("target-size"))]


def _look(page: Page, script: str, argument: Any = None) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(script, argument)
    return [f"{each['id']}, {each['help']}: {each['nodes'][0]['html'][:160]}" for each in found]


def _too_wide(page: Page) -> list[str]:
    size = page.viewport_size
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} pixels wide in a window of {size['width']}"] if size and width > size["width"] else []


def _note(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        complaints.append(f"{message.type}: {message.text}")


def test_no_two_stops_share_a_name_and_so_a_picture() -> None:
    names = [stop.name for stop in stops.ALL]

    assert [name for name in names if names.count(name) > 1] == []
