"""What the worker itself reads of a script before it runs, and two bots that would meet in one isolate.

A worker's own reading holds up every conversation in it, and nothing stops it. So it has to be linear: these texts take
hours where it is not, and the case ends as hanging.
"""

from __future__ import annotations

from functools import partial

from integrations.sandbox import foreach
from integrations.sandbox.pool import Pool
from tests.torture import possessed
from tests.torture.case import Case, expect

SIZE = 200_000
_START = "for each (a in b) {}\n"
TEXTS = {
    "comments that never end": "/*x" * SIZE,
    "texts that never end": '"' + '\\"' * SIZE,
    "templates that never end": "`" + "\\`" * SIZE,
    "expressions that never end": "/" + "\\/" * SIZE,
    "classes of expressions that never end": "/[" * SIZE,
    "loops whose brackets never close": "for each (" * (SIZE // 10),
    "a long text before many comments": '"' + "x" * SIZE + '"' + "/**/" * (SIZE // 4),
    "divisions": "a/" * SIZE,
}


def is_read(*, text: str) -> None:
    foreach.rewrite.cache_clear()
    expect(foreach.rewrite(_START + text).startswith("for      (a of"), "The loop was not rewritten.")


def is_checked(sandbox_pool: Pool, *, text: str) -> None:
    problem = sandbox_pool.check_syntax(_START + text, place="preProcess")
    expect(problem is None or problem.message, f"It gave {problem}")


def keeps_bots_apart(possessed_pool: Pool) -> None:
    """An isolate is found by the key that the worker sends: what a child is told, a child that is ours tells here."""
    told = [
        possessed.run(possessed_pool, "found = key", reuse=bot).operations[0]["text"] for bot in ("one", "two", "one")
    ]
    expect(told[0] == told[2] != told[1], f"The keys of two bots are {told}")


CASES = [
    *(
        Case(
            f"{name} before the script runs", "The worker has read it at once.", partial(is_read, text=text), seconds=20
        )
        for name, text in TEXTS.items()
    ),
    *(
        Case(
            f"{name} in a syntax check",
            "It is told what is wrong, or nothing.",
            partial(is_checked, text=text),
            short=False,
            seconds=60,
        )
        for name, text in TEXTS.items()
    ),
    Case("two bots in one isolate", "Each has isolates of its own.", keeps_bots_apart),
]
