"""How a hostile script may end, and the check that it does and that the next scripts work."""

from __future__ import annotations

from functools import partial

from tests.sandbox.conftest import Run
from tests.torture.case import Case, expect

LIMIT = 0.25  # seconds for scripts that never end, so that the tables stay quick

TOO_LONG, TOO_MUCH, ERROR, SYNTAX, HARMLESS, CRASH = "timeout", "memory", "script", "syntax", None, "crash"
Kinds = tuple[str | None, ...]
Row = tuple[str, str, Kinds]  # what is done, the script, how it may end: where several are right, the machine decides

_SAID = {
    TOO_LONG: "is stopped at its time limit",
    TOO_MUCH: "is stopped for its memory",
    ERROR: "ends in a script error",
    SYNTAX: "does not parse",
    HARMLESS: "ends without effect",
    CRASH: "is stopped as one that broke its sandbox",
}


def ends(run: Run, *, script: str, kinds: Kinds) -> None:
    outcome = run(script, limit=LIMIT if kinds[0] == TOO_LONG else 10.0, reuse="hostile bot")

    kind = outcome.error and outcome.error.kind
    expect(kind in kinds, f"It ended as {kind}: {outcome.error}")
    expect(outcome.error is None or 0 < len(outcome.error.message) < 1_200, f"The sentence is {outcome.error}")
    for bot in ("hostile bot", "another bot"):
        after = run("botContext.sendMessage('fine')", reuse=bot)
        fine = (after.operations, after.error) == (({"op": "message", "text": "fine"},), None)
        expect(fine, f"The next script of {bot} gave {after}")


def case_of(row: Row, *, short: bool = True) -> Case:
    """Return the case of one row."""
    name, script, kinds = row
    how = " or ".join(_SAID[kind] for kind in kinds)
    expectation = f"The script {how}, with a sentence; the next scripts of this bot and of another work."
    return Case(name, expectation, partial(ends, script=script, kinds=kinds), short=short, seconds=30)
