"""The template tags of the frame."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bots.templatetags import bots
from config import ui


def test_what_is_seconds_old_was_just_now_and_older_things_are_told_in_one_unit() -> None:
    now = timezone.now()

    told = [ui.ago(now - timedelta(seconds=age)) for age in (0, 59, 125, 2 * 3600 + 300)]

    assert [each.replace("\xa0", " ") for each in told] == ["just now", "just now", "2 minutes ago", "2 hours ago"]


def test_a_problem_does_not_repeat_the_name_that_stands_beside_it() -> None:
    assert bots.within("Say where: nothing sets it.", "Say where") == "Nothing sets it."
    assert bots.within("No path leads to Say where.", "Say where") == "No path leads to Say where."


def test_large_numbers_of_a_page_are_written_as_in_its_sentences() -> None:
    assert [ui.thousands(number) for number in (0, 999, 3_990, 1_000_000)] == ["0", "999", "3,990", "1,000,000"]
