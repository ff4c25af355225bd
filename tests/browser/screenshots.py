"""`make screenshots`: the tour of the running product with its demo content, as pictures.

The whole tour goes into var/tour/, with an index.html to leaf through; the few pictures that README.md and docs/ show
go into docs/images/. Names of stops as arguments restrict it to these (make screenshots STOPS="bots panel-rules").
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests import product
from tests.browser import conftest
from tests.browser.tour import pictures, stops
from tests.browser.tour.guide import SIZES, Guide
from tests.browser.tour.stops import Stop

DRAWN = product.ROOT / "docs" / "images"
TOUR = product.ROOT / "var" / "tour"
SIZE_DRAWN = {"width": 1280, "height": 800}


def main(names: Iterable[str]) -> int:
    """Needs the usual ports, so that the pictures show the addresses that a reader has."""
    chosen = [stop for stop in stops.ALL if not names or stop.name in names]
    TOUR.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        product.running(Path(folder) / "data", PORT="8000", PARLEY_DEMO_API_PORT="8001") as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=conftest.chromium(), args=conftest.OPTIONS)
        guide = Guide(browser, served)
        missing = sum(not _picture(guide, stop) for stop in chosen)
        browser.close()
    taken = sorted(TOUR.glob("*.png"))
    (TOUR / "index.html").write_text(pictures.index(stops.ALL, taken))
    megabytes = sum(path.stat().st_size for path in taken) / 1e6
    sys.stdout.write(f"{len(taken)} pictures, {megabytes:.1f} MB: {TOUR}/index.html\n")
    return missing


def _picture(guide: Guide, stop: Stop) -> bool:
    """Take a stop's pictures; one that cannot be reached is said and does not keep the others away."""
    try:
        for size in SIZES:
            for path in pictures.take(guide, stop, size=size, folder=TOUR):
                sys.stdout.write(f"{path.name}\n")
        if stop.drawn:
            with guide.at(stop, size="wide") as page:
                page.set_viewport_size(SIZE_DRAWN)
                pictures.save(page, DRAWN / f"{stop.drawn}.png", whole=False)
    except (Error, AssertionError) as problem:
        sys.stderr.write(f"{stop.name}: {problem}\n")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
