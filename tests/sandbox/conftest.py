"""One real pool for all sandbox tests, and two short ways to run a script in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations.engine.scripts import ScriptCall, ScriptOutcome
from integrations.sandbox.pool import Pool

Run = Callable[..., ScriptOutcome]


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    pool = Pool(children=2)
    yield pool
    pool.close()


@pytest.fixture
def run(pool: Pool) -> Run:
    """Run a script: run(source, functions="", reuse="bot 1", variables={}, limit=2.0, **facts)."""
    return runner_of(pool)


def runner_of(pool: Pool) -> Run:
    """Return the short way to run a script in this pool."""

    def run_script(source: str, functions: str = "", **options: Any) -> ScriptOutcome:
        call = ScriptCall(
            reuse=options.pop("reuse", "bot 1"),
            place=options.pop("place", "preProcess"),
            source=source,
            global_functions=functions,
            variables=options.pop("variables", {}),
            time_limit_seconds=options.pop("limit", 2.0),
            facts=options,
        )
        return pool.run(call)

    return run_script


@pytest.fixture
def shown(run: Run) -> Callable[..., Any]:
    """Run an expression and return what it is, as JSON.stringify writes it."""

    def show(expression: str, **options: Any) -> Any:
        outcome = run(f"botContext.printDebugMessage(String(JSON.stringify({expression})))", **options)
        assert outcome.error is None, outcome.error
        return outcome.operations[-1]["text"]

    return show
