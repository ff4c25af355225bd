"""Show the results of conversation tests: TAP for people and harnesses, JSON for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bots.services.tests import ScenarioReport, TurnReport


def tap(reports: Sequence[ScenarioReport]) -> str:
    """Return TAP version 13: one line an expectation, what differs below those that do not hold."""
    lines = [line for report in reports for line in _scenario_lines(report)]
    numbered, number = [], 0
    for line in lines:
        if line.startswith(("ok", "not ok")):
            number += 1
            head, _, rest = line.partition(" - ")
            line = f"{head} {number} - {rest}"
        numbered.append(line)
    return "\n".join(["TAP version 13", f"1..{number}", *numbered, f"# {summary(reports)}"])


def _scenario_lines(report: ScenarioReport) -> Iterator[str]:
    yield f"# {report.id}: {report.title}"
    if report.skipped:
        yield f"ok - {report.id} # SKIP {report.skipped}"
    for turn in report.turns:
        yield from _turn_lines(report, turn)


def _turn_lines(report: ScenarioReport, turn: TurnReport) -> Iterator[str]:
    if not turn.findings:
        yield f"ok - {report.id} turn {turn.number}: the conversation survives"
    for finding in turn.findings:
        name = f"{report.id} turn {turn.number}: {finding.name}".replace("#", "\\#")
        yield f"{'ok' if finding.ok else 'not ok'} - {name}"
        if not finding.ok:
            yield "  ---"
            yield f"  expected: {_one_line(finding.expected)}"
            yield f"  actual: {_one_line(finding.actual)}"
            yield "  ..."
    if not all(finding.ok for finding in turn.findings):
        yield from (f"# log: {line.text}".replace("\n", " ") for line in turn.log if line.error)


def as_json(reports: Sequence[ScenarioReport]) -> str:
    """Return everything as one JSON document."""
    document = {
        "ok": all(report.ok for report in reports),
        "summary": summary(reports),
        "scenarios": scenarios(reports),
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str)


def scenarios(reports: Sequence[ScenarioReport]) -> list[dict[str, Any]]:
    """Return the reports as plain data."""
    return [
        {
            "id": report.id,
            "title": report.title,
            "ok": report.ok,
            "skipped": report.skipped or None,
            "turns": [_turn(turn) for turn in report.turns],
        }
        for report in reports
    ]


def _turn(turn: TurnReport) -> dict[str, Any]:
    findings = [
        {"name": finding.name, "ok": finding.ok, "expected": finding.expected, "actual": finding.actual}
        for finding in turn.findings
    ]
    errors = [line.text for line in turn.log if line.error]
    return {
        "turn": turn.number,
        "text": turn.text,
        "expectations": findings,
        "messages": turn.messages,
        "errors": errors,
    }


def summary(reports: Sequence[ScenarioReport]) -> str:
    findings = [finding for report in reports for turn in report.turns for finding in turn.findings]
    held = sum(finding.ok for finding in findings)
    skipped = sum(bool(report.skipped) for report in reports)
    turns = sum(len(report.turns) for report in reports)
    return f"{len(reports)} scenarios ({skipped} skipped), {turns} turns, {held} of {len(findings)} expectations hold"


def brief(reports: Sequence[ScenarioReport]) -> str:
    """The same in a few words, for a list of tests."""
    findings = [finding for report in reports for turn in report.turns for finding in turn.findings]
    held, skipped = sum(finding.ok for finding in findings), sum(bool(report.skipped) for report in reports)
    words = f"{held} of {len(findings)} expectations hold"
    return f"{words}, {skipped} of {len(reports)} scenarios skipped" if skipped else words


def _one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
