"""Whether a script or a regular expression of an author parses; asked of the sandbox, scripts once a process."""

from __future__ import annotations

import re

from integrations.engine import remember
from integrations.engine.scripts import Place, ScriptError
from integrations.sandbox import pool

PATIENCE = 3  # a sandbox that is only just starting may not answer in time
_INVALID = re.compile(r"Invalid regular expression: .*: (.+)", re.DOTALL)


def syntax_error(source: str, *, place: Place) -> ScriptError | None:
    """Return what is wrong with a script and where, or nothing; an empty script is fine."""
    return _checked(source, place) if source.strip() else None


def warning(source: str, *, place: Place) -> ScriptError | None:
    """Return what to show beside a script: its syntax error, or that it could not be checked."""
    try:
        return syntax_error(source, place=place)
    except Unchecked as unchecked:
        return unchecked.error


@remember.by_length(64_000_000)
def _checked(source: str, place: Place) -> ScriptError | None:
    error = pool.shared().check_syntax(source, place=place)
    if error is not None and error.kind != "syntax":
        raise Unchecked(error)
    return error


def expression_error(expression: str) -> str:
    """Return why a regular expression of a rule cannot be read; nothing also where the sandbox cannot tell."""
    for _ in range(PATIENCE if expression else 0):
        error = pool.shared().match(expression, "").error
        found = _INVALID.match(error)
        if found or not error:
            return found[1] if found else ""
    return ""


class Unchecked(Exception):
    """The sandbox could not tell; the next time it may."""

    def __init__(self, error: ScriptError) -> None:
        super().__init__(error.message)
        self.error = error
