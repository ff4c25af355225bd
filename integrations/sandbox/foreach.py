"""Rewrites `for each (x in list)`, which the documented samples use and no modern engine reads. Pure."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

_HINT = re.compile(r"\bfor\s+each\b")
_TOKEN = re.compile(
    r"""(?P<skip>//[^\n\r\u2028\u2029]*|/\*.*?\*/|\s+)
      |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
      |(?P<regex>/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
      |(?P<word>[\w$]+)
      |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_VALUE_ENDS = re.compile(r"[\w$)\]}\"'`]\Z")
_BEFORE_REGEX = frozenset(
    {"return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "instanceof"}
)


@lru_cache(maxsize=256)
def rewrite(source: str) -> str:
    """Return the script with each `for each (x in list)` as a loop over the values of list. Lines stay as they are."""
    if not _HINT.search(source):
        return source
    tokens = _tokens(source)
    for place in _loops(tokens):
        _rewrite_loop(tokens, place)
    return "".join(text for _, text in tokens)


def _tokens(source: str) -> list[tuple[str, str]]:
    """Split into (kind, text). A slash after a value divides, elsewhere it begins a regular expression."""
    found, position, before = [], 0, ""
    while position < len(source):
        match = _TOKEN.match(source, position)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        kind, text = str(match.lastgroup), match.group()
        if kind == "regex" and _VALUE_ENDS.search(before) and before not in _BEFORE_REGEX:
            kind, text = "sign", "/"
        if kind != "skip":
            before = text
        found.append((kind, text))
        position += len(text)
    return found


def _loops(tokens: list[tuple[str, str]]) -> list[int]:
    """Places of the words `each` that follow `for`."""
    solid = [place for place, (kind, _) in enumerate(tokens) if kind != "skip"]
    pairs = itertools.pairwise(solid)
    return [second for first, second in pairs if tokens[first][1] == "for" and tokens[second] == ("word", "each")]


def _rewrite_loop(tokens: list[tuple[str, str]], place: int) -> None:
    depth, found_in = 0, 0
    for index in range(place + 1, len(tokens)):
        kind, text = tokens[index]
        if text in ("(", "[", "{") and kind == "sign":
            depth += 1
        elif text in (")", "]", "}") and kind == "sign":
            depth -= 1
            if depth == 0:
                break
        elif (kind, text, depth) == ("word", "in", 1) and not found_in:
            found_in = index
    else:
        return
    if not found_in:
        return
    tokens[place] = ("word", "    ")
    tokens[found_in] = ("word", "of $parleyEach(")
    tokens[index] = ("sign", "))")
