"""The pattern language: what fits, what does not, and how much work that may be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.engine import patterns

FITTING = [
    ("hello", "hello"),
    ("Hello", "  hELLO "),
    ("good  morning", "Good \t morning"),
    ("*home*", "homes for sale"),
    ("*home*", "home"),
    ("hi*", "history"),
    ("(hi|hello|hey)*", "Hello there, bot"),
    ("thank(|s)", "thank"),
    ("thank(|s)", "thanks"),
    ("( a | b | )", "b"),
    ("( a | b | )", ""),
    ("I want ( a | the ) car", "i want the car"),
    ("(refund |return |)policy", "return policy"),
    ("(refund |return |)policy", "policy"),
    ("((very |)good|(so-so|bad)) day", "very good day"),
    ("((very |)good|(so-so|bad)) day", "bad day"),
    ("what?", "What?"),
    ("1+1=(2|3).", "1+1=3."),
    ("(oops", "(oops"),
    ("oops)", "oops)"),
    (":-)(ok|fine)", ":-)fine"),
    ("*", ""),
    ("*", "anything\nat all"),
    ("(*)", "(x)"),
    ("yes|no", "no"),
    ("stra\u00dfe", "STRASSE"),
]
NOT_FITTING = [
    ("hello", "hello there"),
    ("(hi|hello|hey)*", "oh hi"),
    ("hey *", "hey"),
    ("* hello", "hello"),
    ("(a|b)*", ""),
    ("thank(|s)", "thankss"),
    ("what?", "wha"),
    ("a.c", "abc"),
    ("hello", ""),
    ("good morning", "goodmorning"),
    ("(refund |return )policy", "refundpolicy"),
]


@pytest.mark.parametrize(("pattern", "message"), FITTING)
def test_a_message_fits(pattern: str, message: str) -> None:
    assert patterns.fits(pattern, message=message)
    assert patterns.literal_length(pattern, message=message) >= 0


@pytest.mark.parametrize(("pattern", "message"), NOT_FITTING)
def test_a_message_does_not_fit(pattern: str, message: str) -> None:
    assert not patterns.fits(pattern, message=message)
    assert patterns.literal_length(pattern, message=message) == -1


@pytest.mark.parametrize(
    ("pattern", "message", "length"),
    [("hello", "hello", 5), ("*", "hello", 0), ("h*o", "hello", 2), ("(hi|hello*)", "hello you", 5), ("*o*", "foo", 1)],
)
def test_literal_characters_are_counted_as_the_message_used_them(pattern: str, message: str, length: int) -> None:
    assert patterns.literal_length(pattern, message=message) == length


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("*a" * 900, "a" * 9_000 + "b"),
        ("(a|a|aa)*" * 200 + "x", "a" * 9_000 + "!"),
        ("(|a)" * 450 + "a" * 100, "a" * 540 + "b"),
        ("(" * 900 + "a" + ")" * 900, "b" * 9_000),
    ],
)
def test_hostile_patterns_cost_no_more_than_length_times_length(pattern: str, message: str) -> None:
    outcome = patterns.match(pattern, message=message)

    assert not outcome.fits
    assert outcome.steps <= 2 * (len(pattern) + 2) * (len(message) + 2)
    assert outcome.steps <= 2_000_000


def test_a_longer_message_costs_no_more_than_its_share() -> None:
    steps = [patterns.match("*(ab|a)*(b|ba)*c", message="ab" * n).steps for n in (500, 1000, 2000)]

    assert steps[1] <= 2.1 * steps[0]
    assert steps[2] <= 2.1 * steps[1]


def test_oversized_patterns_and_messages_fit_nothing() -> None:
    assert not patterns.fits("*", message="x" * (patterns.MAX_MESSAGE + 1))
    assert not patterns.fits("*" * (patterns.MAX_PATTERN + 1), message="x")


def test_exclude_keywords_are_found_in_any_case() -> None:
    assert patterns.has_keyword("Please CANCEL my  order", keywords=("refund", "cancel MY")) == "cancel MY"
    assert patterns.has_keyword("hello", keywords=("", "bye")) == ""


ALTERNATIVES = st.lists(st.text("ab*", max_size=3), min_size=1, max_size=3).map(lambda a: "(" + "|".join(a) + ")")
PATTERNS = st.lists(st.one_of(ALTERNATIVES, st.text("ab*", max_size=3)), max_size=4).map("".join)


@given(PATTERNS, st.text("ab", max_size=8))
def test_it_agrees_with_the_same_pattern_written_as_a_regular_expression(pattern: str, message: str) -> None:
    expected = re.fullmatch(pattern.replace("*", "[ab]*"), message) is not None

    assert patterns.fits(pattern, message=message) == expected
