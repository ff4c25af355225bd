"""Leads through the stops of the tour: sets the stage, opens each stop in a window of its own, in its state."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests import product
from tests.browser import conftest
from tests.browser.tour.stops import Stop

SIZES = {"wide": conftest.WIDE, "narrow": conftest.NARROW}
PATIENCE = 20_000
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
DRESSED = "() => [...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet)"
# What is in a closed menu stands still, and its animation with it: only what is seen is waited for.
AT_REST = """() => new Promise((done) => {
  const moves = (each) => each.playState === "running" && each.effect.getTiming().iterations !== Infinity
    && each.effect.target.checkVisibility();
  const look = () => document.getAnimations().some(moves) ? requestAnimationFrame(look) : done();
  look();
})"""


def set_the_stage(served: product.Product) -> dict[str, str]:
    """Return the address of each bot by its name in the table of stops."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.tour.stage"],
        env={**served.environ, "PYTHONPATH": str(product.ROOT)},
        cwd=product.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    addresses: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return addresses


class Guide:
    """Knows the way in a running product; logs each person in once."""

    def __init__(self, browser: Browser, served: product.Product, **options: Any) -> None:
        self._browser, self._options = browser, {"base_url": served.url, "reduced_motion": "reduce", **options}
        self._places = set_the_stage(served)
        self._logged_in: dict[str, Any] = {}

    @contextmanager
    def at(self, stop: Stop, *, size: str, **look: Any) -> Iterator[Page]:
        """Open a window in which the stop is in its state."""
        context = self.window(stop.user, viewport=SIZES[size], **look)
        page = context.new_page()
        try:
            self.go(page, stop)
            yield page
        finally:
            context.close()

    def window(self, user: str, **look: Any) -> BrowserContext:
        if user and user not in self._logged_in:
            entrance = self._browser.new_context(base_url=self._options["base_url"])
            conftest.log_in(entrance.new_page(), user=user)
            self._logged_in[user] = entrance.storage_state()
            entrance.close()
        return self._browser.new_context(**self._options, **look, storage_state=self._logged_in.get(user))

    def go(self, page: Page, stop: Stop) -> None:
        self.arrive(page, stop)
        stop.state(page)
        page.evaluate(AT_REST)

    def arrive(self, page: Page, stop: Stop) -> None:
        """Load the page of a stop, before anything is done there."""
        page.set_default_timeout(PATIENCE)
        page.goto(stop.address.format(**self._places))
        page.evaluate("document.fonts.ready")
        assert page.evaluate(DRESSED), f"a style sheet of {page.url} did not arrive"
        page.evaluate(AT_REST)
