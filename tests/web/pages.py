"""What tests ask of a page: its text, the root of a fragment, what stands beside a field."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

VOID = {"input", "br", "img", "link", "meta", "hr", "use", "path"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.texts: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.words: list[str] = []
        self._open: list[str] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
            self.texts[given["id"]] = ""
        if tag == "input" and "name" in given:
            self.values[given["name"]] = given.get("value", "")
        if tag == "textarea":
            self._area = given.get("name", "")
            self.values[self._area] = ""
        if tag not in VOID:
            self._open.append(given.get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._area:
            self.values[self._area] += data
        for each in self._open:
            if each:
                self.texts[each] += data


def _read(response: Any) -> _Reader:
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader


def text_of(response: Any) -> str:
    """Return all words of the page, blanks folded."""
    return re.sub(r"\s+", " ", " ".join(_read(response).words))


def root_id(response: Any) -> str:
    """Return the id of the first element that has one: the root of a fragment."""
    return _read(response).ids[0]


def ids_of(response: Any) -> list[str]:
    return _read(response).ids


def beside(response: Any, field_id: str) -> str:
    """Return the errors that stand beside a field."""
    return _read(response).texts[f"{field_id}_errors"].strip()


def inside(response: Any, element_id: str) -> str:
    return re.sub(r"\s+", " ", _read(response).texts[element_id]).strip()


def value_of(response: Any, name: str) -> str:
    """Return what an input or a text area holds."""
    return _read(response).values[name].removeprefix("\n")
