"""What a case of the torture suite is, and how it tells that something escaped. Knows nothing of the product."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Escaped(AssertionError):
    """The expectation was not met; the sentence says what happened instead."""


@dataclass(frozen=True, slots=True)
class Case:
    """One attack or failure.

    name: what is done, unique in its area. expectation: what must come of it, as a sentence.
    run: does it and checks. Its parameters without a default are pytest fixtures (tests/conftest.py, conftest.py
    here); it raises Escaped, or whatever else tells that the expectation was not met. It may return figures to report.
    short: belongs to `make test`, too; no more than a few tenths of a second.
    seconds: after which it counts as hanging.
    database: needs one (the fixture `db` alone is asked for too late).
    """

    name: str
    expectation: str
    run: Callable[..., str | None]
    short: bool = True
    seconds: int = 120
    database: bool = False

    def needs(self) -> list[str]:
        """Name the fixtures that `run` asks for."""
        parameters = inspect.signature(self.run).parameters.values()
        return [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]


def expect(condition: object, happened: Any) -> None:
    """Raise Escaped with what happened unless the condition holds."""
    if not condition:
        raise Escaped(str(happened)[:2_000])


@dataclass(frozen=True, slots=True)
class Mutation:
    """A guarantee taken away: `line` in `file` becomes `instead`, and each case in `red` must escape.

    The line must stand in the file exactly once; the cases are named `area: name`.
    """

    guarantee: str
    file: str
    line: str
    instead: str
    red: tuple[str, ...]
