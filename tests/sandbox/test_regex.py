"""Regular expressions in the sandbox: JavaScript's syntax, captures, and expressions that explode."""

from __future__ import annotations

import pytest

from integrations.engine.scripts import RegexOutcome

MATCHES = [
    ("a.c", "xabcx", True, ()),
    ("^a.c$", "xabcx", False, ()),
    ("ABC", "abc", False, ()),
    ("(?i)ABC", "abc", True, ()),
    ("(?is)a.C", "A\nc", True, ()),
    ("(?m)^b$", "a\nb", True, ()),
    (r"(\d+)-(\w)?", "12-", True, ("12", "")),
    (r"(?<year>\d{4})", "in 2024", True, ("2024",)),
    (r"(?=b)b", "ab", True, ()),
    (r"(a)\1", "aa", True, ("a",)),
    ("é", "É", False, ()),
    ("", "anything", True, ()),
    ("'\"`\\\\${x}", "'\"`\\", False, ()),
    ("\u2028", "\u2028", True, ()),
]


@pytest.mark.parametrize(("expression", "text", "matched", "groups"), MATCHES)
def test_an_expression_is_searched_in_the_text(pool, expression, text, matched, groups):
    assert pool.match(expression, text) == RegexOutcome(matched, groups=groups)


@pytest.mark.parametrize("expression", ["(", "[", "a{2,1}", "*", "(?ii)a", "(?P<x>a)"])
def test_an_invalid_expression_matches_nothing_and_says_why(pool, expression):
    outcome = pool.match(expression, "a")

    assert outcome.matched is None
    assert outcome.error.startswith("Invalid ")


def test_an_exploding_expression_is_stopped_and_the_next_one_works(pool):
    outcome = pool.match("^(a+)+$", "a" * 40 + "b", reuse="bot 1")

    assert outcome == RegexOutcome(None, error="The expression was stopped: it takes too long on this text.")
    assert pool.match("a", "a", reuse="bot 1").matched is True


def test_a_script_does_not_see_what_an_expression_matched(pool, shown):
    pool.match("(secret)", "secret", reuse="bot 1")

    assert shown("typeof RegExp.$1", reuse="bot 1") == '"undefined"'
