"""Custom data fields that a sample response suggests: its single values, and those of its lists. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.engine import jsonpath
from integrations.engine.json_values import Json

MOST = 40
DEPTH = 4
Steps = tuple[jsonpath.Step, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """key: the field's name. steps: what follows the response variable in its path. example: what it gives now."""

    key: str
    steps: Steps
    example: str

    def value(self, response_name: str) -> str:
        """Return the field's template for a response variable of this name."""
        return f"{{{jsonpath.spelled((response_name, *self.steps))}}}"


def suggest(body: Json) -> tuple[Suggestion, ...]:
    """Return a suggestion for each single value, at most MOST, under names that differ."""
    made: list[Suggestion] = []
    taken: set[str] = set()
    for steps, value in _leaves(body, ()):
        if len(made) == MOST:
            break
        key = _free(_key(steps), taken)
        taken.add(key)
        made.append(Suggestion(key, steps, str(value)[:60]))
    return tuple(made)


def _leaves(value: Json, steps: Steps) -> Iterator[tuple[Steps, Json]]:
    if isinstance(value, list):
        if value and len(steps) < DEPTH:
            yield from _leaves(value[0], (*steps, jsonpath.Every.ELEMENT))
    elif isinstance(value, dict):
        for name, each in value.items() if len(steps) < DEPTH else ():
            if _spellable(name):
                yield from _leaves(each, (*steps, name))
    elif value is not None:
        yield steps, value


def _spellable(name: str) -> bool:
    """Braces and quotes in a key end a path in a text."""
    return bool(name) and not re.search(r"""[{}"'\\\r\n]""", name)


def _key(steps: Steps) -> str:
    words = [re.sub(r"[^A-Za-z0-9_]+", "_", step).strip("_") for step in steps if isinstance(step, str)]
    return "_".join(word for word in words if word)[:80] or "value"


def _free(key: str, taken: set[str]) -> str:
    number, candidate = 2, key
    while candidate in taken:
        candidate, number = f"{key}_{number}", number + 1
    return candidate
