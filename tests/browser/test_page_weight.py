"""What pages weigh on their way to a browser that has seen none of them: bytes and requests, with limits; printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import product
from tests.browser.conftest import PATIENCE, WIDE, log_in

pytestmark = pytest.mark.browser

MOST_BYTES = 250_000
MOST_REQUESTS = 40  # of a first visit; what has a hash in its name is never asked for again
MOST_REQUESTS_AGAIN = 3  # the page itself, and what it asks for when it is there
PAGES = (
    "/login/", "/bots/", "/bots/new/", "/environments/", "/credentials/", "/activity/", "/bots/1/dialogs/",
    "/bots/1/integrations/", "/bots/1/intents/", "/bots/1/variables/", "/bots/1/tests/", "/bots/1/versions/",
    "/bots/1/settings/", "/bots/1/preview/",
)  # fmt: skip


@dataclass
class Scale:
    """Counts what comes over the wire, as the browser's own network panel does."""

    page: Page
    sizes: dict[str, float] = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.requestServedFromCache", lambda event: self.cached.add(event["requestId"]))
        network.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def weigh(self, path: str) -> tuple[int, int]:
        """Return bytes and requests of a visit."""
        self.sizes.clear()
        self.page.goto(path, wait_until="load")
        self.page.wait_for_timeout(300)  # what a page asks for when it is there
        came = [size for request, size in self.sizes.items() if request not in self.cached and size]
        return round(sum(came)), len(came)


@pytest.fixture
def visitor(browser: Browser, served: product.Product) -> Iterator[Page]:
    context = browser.new_context(base_url=served.url, viewport=WIDE)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def test_the_first_page_is_light(visitor: Page) -> None:
    size, requests = Scale(visitor).weigh("/login/")

    assert size < MOST_BYTES / 2, f"{size} bytes"
    assert requests < MOST_REQUESTS / 2


def test_no_page_is_heavy_when_it_is_seen_first_or_asks_again_for_what_is_kept(
    browser: Browser, served: product.Product, visitor: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(visitor)
    seat = visitor.context.storage_state()
    weights: dict[str, tuple[int, int, int, int]] = {}
    for path in PAGES:
        context = browser.new_context(
            base_url=served.url, viewport=WIDE, storage_state=None if path == "/login/" else seat
        )
        scale = Scale(context.new_page())
        weights[path] = (*scale.weigh(path), *scale.weigh(path))
        context.close()

    with capsys.disabled():
        sys.stdout.write("\nbytes and requests of pages: first visit, second visit\n")
        sys.stdout.writelines(
            f"{size:>9,} {requests:>3}   {again:>8,} {requests_again:>3}  {path}\n"
            for path, (size, requests, again, requests_again) in weights.items()
        )
    assert {path: weight for path, weight in weights.items() if weight[0] >= MOST_BYTES} == {}
    assert {path: weight for path, weight in weights.items() if weight[1] > MOST_REQUESTS} == {}
    assert {path: weight for path, weight in weights.items() if weight[3] > MOST_REQUESTS_AGAIN} == {}
