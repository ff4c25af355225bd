"""The JSON paths of custom data fields: `$.api_Var.a.b[0].c`, `["a key"]`, and `[i]` for every element.

Pure. Knows neither templates nor variables; numbers stay as the document spells them.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

import msgspec

from integrations.engine.errors import MalformedPath
from integrations.engine.json_values import Json

MAX_LENGTH = 2_000


class Every(Enum):
    """The step `[i]` (or `[*]`): every element of a list, in order."""

    ELEMENT = "[i]"


Step = str | int | Every


class Path(msgspec.Struct, frozen=True):
    source: str
    steps: tuple[Step, ...]

    @property
    def iterates(self) -> bool:
        return Every.ELEMENT in self.steps


class Selection(msgspec.Struct, frozen=True):
    """What a path leads to: one value, or one value per element where the path iterates (None where missing).

    found: a value is really there, or the list is there and has no elements. missing: how many of the values are not.
    """

    values: tuple[Json, ...]
    found: bool
    iterates: bool
    missing: int = 0

    @property
    def value(self) -> Json:
        if self.iterates:
            return list(self.values)
        return self.values[0] if self.values else None


class _Missing(Enum):
    VALUE = "missing"


_MISSING = _Missing.VALUE
_KEY = re.compile(r"""[^.\[\]{}"'\s](?:[^.\[\]{}"'\r\n]*[^.\[\]{}"'\s])?""")
_BRACKET = re.compile(
    r"""\[\s*(?:(?P<every>i|\*)|(?P<index>\d{1,9})|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)')\s*\]"""
)


@lru_cache(maxsize=1024)
def parse(source: str) -> Path:
    """Read a whole path, beginning with `$`; raises MalformedPath."""
    if not source.startswith("$"):
        raise MalformedPath(source, 1, "a path begins with $.")
    if len(source) > MAX_LENGTH:
        raise MalformedPath(f"{source[:40]}…", MAX_LENGTH, f"it has more than {MAX_LENGTH} characters.")
    steps = _steps(source, start=1)
    if not steps:
        raise MalformedPath(source, 2, "name the response variable, as in $.api_Order.total.")
    return Path(source, steps)


def parse_steps(text: str) -> tuple[Step, ...]:
    """Read what follows a name: `.a[0].b`; raises MalformedPath."""
    return _steps(text, start=0)


def select(document: Json, steps: tuple[Step, ...]) -> Selection:
    """Follow the steps through a document. Several `[i]` flatten from left to right; nothing is ever raised."""
    return _every(document, steps) if Every.ELEMENT in steps else _one(document, steps)


def _one(document: Json, steps: tuple[Step, ...]) -> Selection:
    value = document
    for step in steps:
        value = _child(value, step)
    if value is _MISSING:
        return Selection((None,), found=False, iterates=False, missing=1)
    return Selection((value,), found=True, iterates=False)


def _every(document: Json, steps: tuple[Step, ...]) -> Selection:
    level: list[Json] = [document]
    listed = False
    for step in steps:
        if step is Every.ELEMENT:
            listed = any(isinstance(value, list) for value in level)
            level = _elements(level)
        else:
            level = [_child(value, step) for value in level]
    missing = sum(value is _MISSING for value in level)
    values = tuple(None if value is _MISSING else value for value in level)
    found = missing < len(values) or (listed and not values)
    return Selection(values, found, iterates=True, missing=missing)


def dead_end(document: Json, steps: tuple[Step, ...]) -> int:
    """Return how many steps of a path that finds nothing still lead somewhere."""
    return next((n for n in range(len(steps)) if not select(document, steps[: n + 1]).found), len(steps))


def spelled(steps: tuple[Step, ...]) -> str:
    """Write steps as a path."""
    return "$" + "".join(_spelled(step) for step in steps)


def _spelled(step: Step) -> str:
    if isinstance(step, str):
        return f".{step}" if _KEY.fullmatch(step) else f"[{step!r}]"
    return "[i]" if step is Every.ELEMENT else f"[{step}]"


def _steps(source: str, *, start: int) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = start
    while at < len(source):
        step, at = _step(source, at)
        steps.append(step)
    return tuple(steps)


def _step(source: str, at: int) -> tuple[Step, int]:
    if source[at] == ".":
        return _named(source, at + 1)
    if source[at] != "[":
        raise MalformedPath(source, at + 1, "a dot or an opening bracket is expected here.")
    match = _BRACKET.match(source, at)
    if match is None:
        raise MalformedPath(source, at + 1, 'in brackets stand a number, i, or a key in quotes, as in ["a key"].')
    return _bracketed(match), match.end()


def _named(source: str, at: int) -> tuple[Step, int]:
    if source[at : at + 1] == ".":
        raise MalformedPath(source, at + 1, "searching with two dots is not supported; write every step.")
    match = _KEY.match(source, at)
    if match is None:
        raise MalformedPath(source, at + 1, "a key is expected after the dot.")
    return match[0], match.end()


def _bracketed(match: re.Match[str]) -> Step:
    if match["every"]:
        return Every.ELEMENT
    if match["index"]:
        return int(match["index"])
    key = match["double"] if match["double"] is not None else match["single"]
    return re.sub(r"\\(.)", r"\1", key)


def _child(value: Json, step: Step) -> Json:
    if isinstance(value, dict):
        return value.get(step, _MISSING)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else _MISSING


def _elements(level: list[Json]) -> list[Json]:
    return [element for value in level if isinstance(value, list) for element in value]
