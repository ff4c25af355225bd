"""Read a parsed JSON document step by step, so that what does not fit is reported with its place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class UnreadableExport(ValueError):
    """A file is no bot export, or a place in it has another shape than it must have. The message says where."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document and the way to it. Absent and null are the same; unknown keys are never looked at."""

    value: Any
    path: str = ""

    def get(self, key: str) -> Node:
        return Node(self.object().get(key), f"{self.path}.{key}" if self.path else key)

    def object(self) -> Mapping[str, Any]:
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def items(self) -> Iterator[Node]:
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{index}]")

    def text(self, default: str = "") -> str:
        """Return a text; numbers and truth values count as their spelling."""
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        if isinstance(self.value, str | int | float):
            return str(self.value)
        raise self.wrong("a text")

    def required(self) -> str:
        if self.value is None or self.value == "":
            raise UnreadableExport(f"{self.path}: expected a text, found nothing")
        return self.text()

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def flag(self, default: bool = False) -> bool:
        """Return a truth value, which some places write as text."""
        if self.value is None:
            return default
        if isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, str):
            return self.value.strip().lower() == "true"
        raise self.wrong("true or false")

    def number(self, default: int = 0) -> int:
        """Return a whole number, also from a text of digits; anything else that is a text counts as absent."""
        if isinstance(self.value, str):
            text = self.value.strip()
            return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else default
        if self.value is None:
            return default
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        return int(self.value) if abs(self.value) < 1e15 else default

    def wrong(self, expected: str) -> UnreadableExport:
        found = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}.get(type(self.value))
        return UnreadableExport(f"{self.path or 'the document'}: expected {expected}, found {found or 'a number'}")
