"""What a browser would send for a field as it is shown: names and values, read from the field's own HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django import forms

Pairs = list[tuple[str, str]]


def pairs(field: forms.BoundField) -> Pairs:
    """Return the names and values in their order; a widget that is drawn elsewhere says them itself."""
    widget: Any = field.field.widget
    if hasattr(widget, "as_posted"):
        said: Pairs = widget.as_posted(field.html_name, field.value())
        return said
    reader = _Reader()
    reader.feed(str(field))
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Collects the controls that take part in a submission: no button, no unticked box, nothing disabled."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Pairs = []
        self._area = ""
        self._select = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and name and "disabled" not in given:
            if given.get("type") not in ("checkbox", "radio") or "checked" in given:
                self.found.append((name, given.get("value", "on" if given.get("type") == "checkbox" else "")))
        elif tag == "textarea" and name:
            self._area = name
            self.found.append((name, ""))
        elif tag == "select" and name:
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))

    def handle_data(self, data: str) -> None:
        if self._area:
            name, text = self.found[-1]
            self.found[-1] = (name, text + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            name, text = self.found[-1]
            self.found[-1] = (name, text.removeprefix("\r").removeprefix("\n"))
            self._area = ""
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected] or [v for v, _ in self._options[:1]]
            self.found += [(self._select, value) for value in chosen]
            self._select = ""
