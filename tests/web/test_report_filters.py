"""What the report of a test run marks: where a variable differs, how many rows and lines take part."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from integrations.engine.outcome import Attempt
from integrations.services.reports import Report, ShownVariable
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


def test_the_timeline_has_a_line_for_each_question_for_a_token_redirect_and_try() -> None:
    attempts = (
        Attempt(0, "POST", "https://auth.example.test/token", status=200, total_ms=12.0, purpose="token"),
        Attempt(1, "GET", "https://a.example.test/", status=302, redirected_to="https://b.example.test/"),
        Attempt(1, "GET", "https://b.example.test/", status=503, total_ms=8.0),
        Attempt(2, "GET", "https://a.example.test/", status=200, wait_before_ms=250.0),
    )
    shown = Report(ok=True, status=200, kind="", message="", duration_ms=300.0, attempts=attempts)

    html = render_to_string("integrations/_view_timing.html", {"report": shown})

    lines = [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in html.split('<li class="attempt">')[1:]]
    assert [line.split(" ")[:4] for line in lines] == [
        ["Token", "200", "POST", "https://auth.example.test/token"],
        ["1", "302", "GET", "https://a.example.test/"],
        ["1", "503", "GET", "https://b.example.test/"],
        ["2", "200", "GET", "https://a.example.test/"],
    ]
    assert "12 ms" in lines[0] and "Redirected to https://b.example.test/" in lines[1]
    assert "Waited 250 ms before." in lines[3]
