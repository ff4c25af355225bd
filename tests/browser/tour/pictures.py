"""Takes the pictures of the tour: each stop wide and narrow, light and dark, and a page that shows them in a row."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.tour.guide import FRAMES, Guide
from tests.browser.tour.stops import Stop

SCHEMES = ("light", "dark")
WHOLE = "() => !document.querySelector('dialog[open], .drawer') && document.documentElement.scrollHeight < 4000"
HEAD = """<!DOCTYPE html><meta charset="utf-8"><title>Tour of Parley</title>
<style>body { font: 14px system-ui; margin: 2rem; background: #888 } figure { display: inline-block;
margin: 0 1rem 1rem 0; vertical-align: top } img { max-height: 34rem; max-width: 60rem }
h2 { margin: 2rem 0 .5rem }</style>
"""


def take(guide: Guide, stop: Stop, *, size: str, folder: Path) -> Iterator[Path]:
    """Take the pictures of a stop in both schemes."""
    with guide.at(stop, size=size) as page:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] - one of the two words
            page.evaluate(FRAMES)
            yield save(page, folder / f"{stop.name}-{size}-{scheme}.png", whole=True)


def save(page: Page, path: Path, *, whole: bool) -> Path:
    """A page under a dialog or a drawer is taken as the window shows it; any other in its whole length."""
    whole = whole and page.evaluate(WHOLE)
    path.write_bytes(packed(page.screenshot(full_page=whole)))
    return path


def index(stops: Iterable[Stop], pictures: Sequence[Path]) -> str:
    """Return a page that shows all pictures, those of a stop together."""
    rows = []
    for stop in stops:
        mine = [path.name for path in pictures if path.name.rsplit("-", 2)[0] == stop.name]
        figures = "".join(f'<figure><a href="{name}"><img src="{name}" alt="{name}"></a></figure>' for name in mine)
        rows.append(f"<h2>{escape(stop.name)}</h2>{figures}\n")
    return HEAD + "".join(rows)


def packed(png: bytes) -> bytes:
    """The same picture in fewer bytes: the browser packs for speed, and adds nothing but pixels worth keeping."""
    header, pixels = b"", b""
    for kind, data in _chunks(png):
        header = data if kind == b"IHDR" else header
        pixels += data if kind == b"IDAT" else b""
    dense = zlib.compress(zlib.decompress(pixels), 9)
    body = ((b"IHDR", header), (b"IDAT", min(dense, pixels, key=len)), (b"IEND", b""))
    return png[:8] + b"".join(_chunk(kind, data) for kind, data in body)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
