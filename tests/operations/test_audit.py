"""`make audit` passes only when every package was judged and none has a known hole."""

from __future__ import annotations

from typing import Any

from tests import audit, audit_v8

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


def page(**released: str) -> dict[str, Any]:
    """An index' answer: versions, written with underscores, and when they came out."""
    names = {version.removeprefix("v").replace("_", "."): day for version, day in released.items()}
    files = [{"filename": f"mini_racer-{name}-py3-none-any.whl", "upload-time": day} for name, day in names.items()]
    return {"files": files}


def test_a_v8_of_more_than_ninety_days_before_the_newest_fails() -> None:
    old = page(v0_14_0="2026-01-01T00:00:00Z", v0_14_1="2026-04-02T00:00:00Z")
    fresh = page(v0_14_0="2026-01-01T00:00:00Z", v0_14_1="2026-04-01T00:00:00Z")

    assert audit_v8.verdict(old, version="0.14.0")[0] == audit_v8.OLD
    assert audit_v8.verdict(fresh, version="0.14.0")[0] == audit_v8.FINE
    assert audit_v8.verdict(old, version="0.14.1")[0] == audit_v8.FINE
    assert "91 days older than the newest, 0.14.1" in audit_v8.verdict(old, version="0.14.0")[1]


def test_a_withdrawn_v8_is_not_the_newest() -> None:
    answer = page(v0_14_0="2026-01-01T00:00:00Z", v0_14_1="2026-09-01T00:00:00Z")
    answer["files"][1]["yanked"] = "broken"

    assert audit_v8.verdict(answer, version="0.14.0")[0] == audit_v8.FINE


def test_an_index_that_does_not_tell_is_no_pass() -> None:
    for answer in (None, {}, page(v0_13_0="2026-01-01T00:00:00Z")):
        assert audit_v8.verdict(answer, version="0.14.1")[0] == audit_v8.UNKNOWN
    assert audit_v8.pinned()[0].isdigit()
