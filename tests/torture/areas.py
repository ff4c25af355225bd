"""The areas of the torture suite: a table of cases and one of mutations for each. A new area is a line in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.torture import (
    egress_rules,
    egress_spellings,
    egress_ways,
    mutations_egress,
    mutations_sandbox,
    sandbox_broken_out,
    sandbox_frames,
    sandbox_language,
    sandbox_memory,
    sandbox_processes,
    sandbox_reading,
    sandbox_results,
    sandbox_tampering,
    sandbox_time,
    sandbox_traces,
)
from tests.torture.case import Case, Mutation

_SANDBOX = (
    *(sandbox_time, sandbox_memory, sandbox_language, sandbox_results, sandbox_tampering, sandbox_traces),
    *(sandbox_reading, sandbox_processes, sandbox_broken_out, sandbox_frames),
)

AREAS: Mapping[str, Sequence[Case]] = {
    "sandbox": [case for table in _SANDBOX for case in table.CASES],
    "egress": [*egress_spellings.CASES, *egress_ways.CASES, *egress_rules.CASES],
}
MUTATIONS: Mapping[str, Sequence[Mutation]] = {
    "sandbox": mutations_sandbox.MUTATIONS,
    "egress": mutations_egress.MUTATIONS,
}


def named() -> dict[str, Case]:
    """Return every case by `area: name`."""
    return {f"{area}: {case.name}": case for area, cases in AREAS.items() for case in cases}
