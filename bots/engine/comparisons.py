"""The operators of variable conditions, in every spelling that authors and exports use. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

Compare = Callable[[str, str], bool]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _numbers(compare: Callable[[Decimal, Decimal], bool]) -> Compare:
    """Return a comparison of numbers; where either side is no number it does not hold."""

    def holds(left: str, right: str) -> bool:
        first, second = _number(left), _number(right)
        return first is not None and second is not None and compare(first, second)

    return holds


def _equal(left: str, right: str) -> bool:
    """Compare as numbers where both sides are numbers (`5` is `5.0`), else as text without letter case."""
    first, second = _number(left), _number(right)
    if first is not None and second is not None:
        return first == second
    return left.strip().casefold() == right.strip().casefold()


def _contains(left: str, right: str) -> bool:
    """An empty text is contained in nothing: it only comes from a variable without a value."""
    return bool(right) and right.casefold() in left.casefold()


CANONICAL: dict[str, Compare] = {
    "equals": _equal,
    "not_equals": lambda left, right: not _equal(left, right),
    "contains": _contains,
    "not_contains": lambda left, right: not _contains(left, right),
    "starts_with": lambda left, right: bool(right) and left.casefold().startswith(right.casefold()),
    "ends_with": lambda left, right: bool(right) and left.casefold().endswith(right.casefold()),
    "greater": _numbers(lambda left, right: left > right),
    "greater_or_equal": _numbers(lambda left, right: left >= right),
    "less": _numbers(lambda left, right: left < right),
    "less_or_equal": _numbers(lambda left, right: left <= right),
    "is_set": lambda left, right: bool(left.strip()),
    "is_empty": lambda left, right: not left.strip(),
}

_OTHER_SPELLINGS = """
equals: equal equals_to equal_to is eq = == ===
not_equals: not_equal not_equal_to does_not_equal is_not ne != !== <>
contains: contain includes has
not_contains: not_contain does_not_contain not_includes
starts_with: start_with begins_with
ends_with: end_with
greater: greater_than is_greater_than more_than gt >
greater_or_equal: greater_than_or_equal greater_than_or_equal_to greater_than_equal greater_than_equals not_less
greater_or_equal: greater_or_equals not_less_than at_least gte ge >=
less: less_than is_less_than lesser lesser_than lt <
less_or_equal: less_than_or_equal less_than_or_equal_to less_than_equal less_than_equals not_greater
less_or_equal: less_or_equals not_greater_than at_most lte le <=
is_set: set exists is_not_empty not_empty has_value is_present not_null
is_empty: empty not_set is_not_set not_exists does_not_exist is_null null
"""
SPELLINGS = {
    spelling: word
    for word, spellings in (line.split(": ") for line in _OTHER_SPELLINGS.strip().splitlines())
    for spelling in spellings.split()
}


def canonical(operator: str) -> str:
    """Return our word for an operator in any known spelling, or nothing."""
    word = re.sub(r"[\s_-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operator.strip())).lower()
    return word if word in CANONICAL else SPELLINGS.get(word, "")


def holds(operator: str, *, left: str, right: str) -> bool:
    """Compare; an unknown operator never holds."""
    word = canonical(operator)
    return bool(word) and CANONICAL[word](left, right)
