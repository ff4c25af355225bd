"""The areas of the torture suite: a table of cases and one of mutations for each. A new area is a line in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.torture import (
    egress_answers,
    egress_rules,
    egress_spellings,
    egress_ways,
    fuzz_cases,
    mutations_egress,
    mutations_fuzz,
    mutations_pages,
    mutations_responses,
    mutations_sandbox,
    mutations_turns,
    mutations_web,
    pages,
    responses_bodies,
    responses_cases,
    responses_connections,
    responses_edges,
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
    soak_cases,
    turns_cases,
    turns_commands,
    web_cases,
    web_inputs,
)
from tests.torture.case import Case, Mutation

_SANDBOX = (
    *(sandbox_time, sandbox_memory, sandbox_language, sandbox_results, sandbox_tampering, sandbox_traces),
    *(sandbox_reading, sandbox_processes, sandbox_broken_out, sandbox_frames),
)

AREAS: Mapping[str, Sequence[Case]] = {
    "pages": pages.CASES,
    "turns": [*turns_commands.CASES, *turns_cases.CASES],
    "soak": soak_cases.CASES,
    "sandbox": [case for table in _SANDBOX for case in table.CASES],
    "egress": [*egress_spellings.CASES, *egress_ways.CASES, *egress_rules.CASES, *egress_answers.CASES],
    "fuzz": fuzz_cases.CASES,
    "web": [*web_cases.CASES, *web_inputs.CASES],
    "responses": [
        *responses_cases.CASES,
        *responses_connections.CASES,
        *responses_bodies.CASES,
        *responses_edges.CASES,
    ],
}
MUTATIONS: Mapping[str, Sequence[Mutation]] = {
    "pages": mutations_pages.MUTATIONS,
    "turns": mutations_turns.MUTATIONS,
    "sandbox": mutations_sandbox.MUTATIONS,
    "egress": mutations_egress.MUTATIONS,
    "responses": mutations_responses.MUTATIONS,
    "fuzz": mutations_fuzz.MUTATIONS,
    "web": mutations_web.MUTATIONS,
}


def named() -> dict[str, Case]:
    """Return every case by `area: name`."""
    return {f"{area}: {case.name}": case for area, cases in AREAS.items() for case in cases}
