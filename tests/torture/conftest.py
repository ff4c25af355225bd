"""What cases may ask for by the names of their parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.sandbox.pool import Pool
from tests.sandbox.conftest import Run, runner_of


@pytest.fixture(scope="session")
def sandbox_pool() -> Iterator[Pool]:
    """The real sandbox with two children, shared by all cases."""
    children = Pool(children=2)
    yield children
    children.close()


@pytest.fixture
def run(sandbox_pool: Pool) -> Run:
    """Run a script: run(source, functions="", reuse="bot 1", variables={}, limit=2.0, **facts)."""
    return runner_of(sandbox_pool)
