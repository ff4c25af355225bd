"""What the report of a test run marks: where a variable differs, how many rows and lines take part."""

from __future__ import annotations

import pytest

from integrations.services.reports import ShownVariable
from integrations.templatetags import report


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Green", "Greenville", ("Green", "", "ville", "")),
        ('{"a":1,"b":2}', '{"a":7,"b":2}', ('{"a":', "1", "7", ',"b":2}')),
        ("aa", "aaa", ("aa", "", "a", "")),
        ("", "x", ("", "", "x", "")),
    ],
)
def test_only_what_differs_is_marked(before: str, after: str, expected: tuple[str, ...]) -> None:
    parts = report.differing(ShownVariable("v", before, after, "changed"))

    assert (parts.start, parts.before, parts.after, parts.end) == expected


def test_what_is_the_same_around_a_difference_is_folded() -> None:
    parts = report.differing(ShownVariable("v", "x" * 500 + "1" + "y" * 500, "x" * 500 + "2" + "y" * 500, "changed"))

    assert (parts.before, parts.after) == ("1", "2")
    assert parts.start.startswith("…x") and parts.end.endswith("y…")
    assert len(parts.start) == len(parts.end) == report.AROUND + 1


def test_what_was_added_or_removed_is_marked_whole() -> None:
    added = report.differing(ShownVariable("v", "", "new", "added"))
    removed = report.differing(ShownVariable("v", "old", "", "removed"))

    assert (added.start, added.after) == ("", "new")
    assert (removed.start, removed.before) == ("", "old")


def test_rows_without_a_key_or_switched_off_do_not_count() -> None:
    rows = [{"key": "a", "enabled": True}, {"key": "b", "enabled": False}, {"key": "", "enabled": True}]

    assert report.used(rows) == 1
    assert report.used(None) == 0
    assert report.lines("one\ntwo\n") == 2
