"""Rewrites `for each (x in list)`, which the documented samples use and no modern engine reads. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_HINT = re.compile(r"\bfor\s+each\b")
# What is not closed runs to the end of its line or text: were it tried again from its second character, and so on, a
# script of 40 KB could keep the worker busy for a minute. Such a script does not parse anyway.
_PIECE = r"""(?P<skip>//[^\n\r\u2028\u2029]*|/\*(?:.*?\*/|.*)|\s+)
      |(?P<text>"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\.|[^`\\])*`?)
      {}|(?P<word>[\w$]+)
      |(?P<sign>.)"""
_REGEX = r"|(?P<regex>/(?:\\.|\[(?:\\.|[^\]\\\n])*\]?|[^/\\\n\[])+(?:/[a-z]*)?)"
_AFTER_VALUE = re.compile(_PIECE.format(""), re.VERBOSE | re.DOTALL)  # there a slash divides
_ELSEWHERE = re.compile(_PIECE.format(_REGEX), re.VERBOSE | re.DOTALL)
_VALUE_ENDS = re.compile(r"[\w$)\]}\"'`]")
_BEFORE_REGEX = frozenset(
    {"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof"}
)

Token = tuple[str, str]


@lru_cache(maxsize=256)
def rewrite(source: str) -> str:
    """Return the script with each `for each (x in list)` as a loop over the values of list. Lines stay as they are."""
    if not _HINT.search(source):
        return source
    tokens = _tokens(source)
    ends, ins = _brackets(tokens)
    for each, opening in _loops(tokens):
        if opening in ends and opening in ins:
            tokens[each] = ("word", "    ")
            tokens[ins[opening]] = ("word", "of $parleyEach(")
            tokens[ends[opening]] = ("sign", "))")
    return "".join(text for _, text in tokens)


def _tokens(source: str) -> list[Token]:
    """Split into (kind, text), in time linear in the source."""
    found: list[Token] = []
    position, after_value = 0, False
    while position < len(source):
        match = (_AFTER_VALUE if after_value else _ELSEWHERE).match(source, position)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        kind, text = str(match.lastgroup), match.group()
        if kind != "skip":
            after_value = bool(_VALUE_ENDS.match(text[-1])) and text not in _BEFORE_REGEX
        found.append((kind, text))
        position += len(text)
    return found


def _loops(tokens: list[Token]) -> list[tuple[int, int]]:
    """Places of the words `each` between `for` and a bracket, each with the place of its bracket."""
    solid = [place for place, (kind, _) in enumerate(tokens) if kind != "skip"]
    threes = zip(solid, solid[1:], solid[2:], strict=False)
    return [
        (each, opening)
        for first, each, opening in threes
        if (tokens[first][1], tokens[each], tokens[opening]) == ("for", ("word", "each"), ("sign", "("))
    ]


def _brackets(tokens: list[Token]) -> tuple[dict[int, int], dict[int, int]]:
    """For the place of each opening bracket: that of its closing one, and that of the first `in` directly inside."""
    opened: list[int] = []
    ends: dict[int, int] = {}
    ins: dict[int, int] = {}
    for place, (kind, text) in enumerate(tokens):
        if kind == "sign" and text in "([{":
            opened.append(place)
        elif kind == "sign" and text in ")]}" and opened:
            ends[opened.pop()] = place
        elif (kind, text) == ("word", "in") and opened:
            ins.setdefault(opened[-1], place)
    return ends, ins
