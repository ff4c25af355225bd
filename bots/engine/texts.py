"""What becomes of a filled-in text before it is sent: special texts, splits with a pause, splits by length. Pure."""

from __future__ import annotations

import json
import re
from typing import Literal

import msgspec

from bots.engine import markup

MAX_LENGTH = 320
MAX_DELAY_MS = 10_000

_BREAK = re.compile(r"\s*tag::breakWithDelay(?:=(\d+))?\s*")
_PROFILE = re.compile(r"\s*SET_USER_PROFILE\s*\|\s*(?P<json>.*)", re.DOTALL)
_NAMES = {
    "firstname": ("firstname", "firstName", "first_name"),
    "lastname": ("lastname", "lastName", "last_name"),
    "name": ("name", "userName", "fullName", "full_name"),
    "email": ("email",),
}
_CLOSING: dict[str, Literal["close_dialog", "close_conversation"]] = {
    "LP_CLOSEDIALOG": "close_dialog",
    "LP_CLOSECONVERSATION": "close_conversation",
}


class Filled(msgspec.Struct, frozen=True):
    """A text with its variables filled in: as it reads, and marked for markup (both of the same length)."""

    text: str
    marked: str

    def part(self, start: int, end: int) -> Filled:
        if not start and end == len(self.text):
            return self
        return Filled(self.text[start:end], self.marked[start:end])


class Piece(msgspec.Struct, frozen=True):
    """One message's worth of a text and the pause before it (None: the interaction's own)."""

    text: str
    html: str
    delay_ms: int | None = None


def plain(text: str) -> Filled:
    """Return a text that holds no author's markup at all."""
    return Filled(text, markup.mark(text))


def closing(text: str) -> Literal["close_dialog", "close_conversation"] | None:
    """Return how a special text closes the conversation, or None for any other text."""
    return _CLOSING.get(text.strip())


def profile(text: str) -> dict[str, str] | None:
    """Return the names that a SET_USER_PROFILE text sets; None for any other text, {} when its JSON is damaged."""
    found = _PROFILE.fullmatch(text) if "SET_USER_PROFILE" in text else None
    if found is None:
        return None
    try:
        data = json.loads(found["json"])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    read = {
        field: next((data[key] for key in keys if isinstance(data.get(key), str)), "") for field, keys in _NAMES.items()
    }
    names = {field: value for field, value in read.items() if value}
    if names and "name" not in names:
        names["name"] = " ".join(filter(None, (names.get("firstname"), names.get("lastname"))))
    return {field: value for field, value in names.items() if value}


def cap(delay_ms: int) -> int:
    """Return a pause within its limits."""
    return max(0, min(delay_ms, MAX_DELAY_MS))


def pieces(filled: Filled, *, limit: int | None) -> list[Piece]:
    """Split where the text says so, and before `limit` characters if there is one; pieces without text are left out."""
    parts: list[Piece] = []
    opened: tuple[str, ...] = ()
    for section, delay in _sections(filled):
        for start, end in _spans(section, limit):
            part = section.part(start, end)
            html, opened = markup.render(part.marked, opened=opened)
            parts.append(Piece(part.text, html, delay if start == 0 else None))
    return parts


def _sections(filled: Filled) -> list[tuple[Filled, int | None]]:
    sections: list[tuple[Filled, int | None]] = []
    start, delay = 0, None
    for found in _BREAK.finditer(filled.text) if "tag::" in filled.text else ():
        sections.append((filled.part(start, found.start()), delay))
        start, delay = found.end(), cap(int((found[1] or "0")[:6]))
    sections.append((filled.part(start, len(filled.text)), delay))
    return [(section, pause) for section, pause in sections if section.text.strip()]


def _spans(filled: Filled, limit: int | None) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start, end = 0, len(filled.text)
    while limit and end - start > limit:
        cut = _cut(filled, start, start + limit)
        spans.append((start, cut))
        start = cut
        while start < end and filled.text[start].isspace():
            start += 1
    return [*spans, (start, end)] if start < end else spans


def _cut(filled: Filled, start: int, latest: int) -> int:
    """Return where to cut: at the last blank, never inside of a tag; too long a word is cut, a tag is not."""
    blanks = (at for at in range(latest, start, -1) if filled.text[at].isspace())
    cut = next((at for at in blanks if not _inside_tag(filled.marked, start, at)), 0)
    if cut or not _inside_tag(filled.marked, start, latest):
        return cut or latest
    opened = filled.marked.rfind("<", start, latest)
    return opened if opened > start else filled.marked.index(">", latest) + 1


def _inside_tag(marked: str, start: int, at: int) -> bool:
    opened = marked.rfind("<", start, at)
    return opened >= 0 and ">" not in marked[opened:at] and ">" in marked[at:]
