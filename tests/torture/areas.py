"""The areas of the torture suite: a table of cases and one of mutations for each. A new area is a line in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.torture import mutations_sandbox, sandbox_scripts
from tests.torture.case import Case, Mutation

AREAS: Mapping[str, Sequence[Case]] = {
    "sandbox": sandbox_scripts.CASES,
}
MUTATIONS: Mapping[str, Sequence[Mutation]] = {
    "sandbox": mutations_sandbox.MUTATIONS,
}


def named() -> dict[str, Case]:
    """Return every case by `area: name`."""
    return {f"{area}: {case.name}": case for area, cases in AREAS.items() for case in cases}
