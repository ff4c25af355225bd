"""`make audit` passes only when every package was judged and none has a known hole."""

from __future__ import annotations

from typing import Any

from tests import audit

GOOD = {"name": "django", "version": "5.2", "vulns": []}
SKIPPED = {"name": "mine", "skip_reason": "Dependency not found"}
HOLED = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}


def status(*packages: dict[str, Any]) -> int:
    return audit.verdict({"dependencies": list(packages)})[0]


def test_only_a_whole_judgement_without_holes_passes() -> None:
    assert status(GOOD) == audit.FINE
    assert status(GOOD, SKIPPED) == audit.UNKNOWN
    assert status(GOOD, HOLED) == audit.HOLES
    assert status() == audit.UNKNOWN
    assert audit.verdict(None)[0] == audit.UNKNOWN


def test_it_says_what_is_wrong_and_what_mends_it() -> None:
    said = "\n".join(audit.verdict({"dependencies": [HOLED, SKIPPED]})[1])

    assert "old 1.0: PYSEC-1, mended in 1.1" in said
    assert "1 of 2 packages were judged, 1 known holes" in said
    assert "run this where pypi.org can be reached" in said
