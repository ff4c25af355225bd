"""The tokens of a JavaScript text, enough of them to tell names, strings and comments apart. Pure; runs nothing.

Never fails: what it cannot make sense of is one token a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "string", "template", "number", "regex", "mark"]

_SKIPPED = re.compile(r"\s+|//[^\r\n\u2028\u2029]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_NUMBER = re.compile(r"\.?\d(?:[eE][+-]|[\w.])*")
_STRING = re.compile(r"""(["'])((?:(?!\1)[^\\\r\n]|\\.)*)\1""", re.DOTALL)
_REGEX = re.compile(r"/(?:[^\\/\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+/\w*")
# After one of these a slash begins an expression, after anything else it divides.
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%<>~^") | {
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """text: as written; of a string and a template without its quotes. start, end: of that text in the source."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(source: str) -> list[Token]:
    """Return the tokens in order, blanks and comments left out. What stands in `${…}` of a template has its own."""
    found: list[Token] = []
    _read(source, 0, found, inside=False)
    return found


def _read(source: str, at: int, found: list[Token], *, inside: bool) -> int:
    """Read to the end, or `inside` a template to the brace that closes the expression; return where that is."""
    depth = 0
    while at < len(source):
        if skipped := _SKIPPED.match(source, at):
            at = skipped.end()
            continue
        if source[at] == "`":
            at = _template(source, at + 1, found)
            continue
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        if inside and depth < 0:
            return at
        token = _token(source, at, found)
        found.append(token)
        at = token.end + (1 if token.kind == "string" else 0)
    return at


def _token(source: str, at: int, before: list[Token]) -> Token:
    if match := _STRING.match(source, at):
        return Token("string", match[2], match.start(2), match.end(2))
    if source[at] == "/" and (not before or before[-1].text in _BEFORE_REGEX) and (match := _REGEX.match(source, at)):
        return Token("regex", match[0], at, match.end())
    for kind, pattern in _PLAIN:
        if match := pattern.match(source, at):
            return Token(kind, match[0], at, match.end())
    return Token("mark", source[at], at, at + 1)


_PLAIN: tuple[tuple[Kind, re.Pattern[str]], ...] = (("name", _NAME), ("number", _NUMBER))


def _template(source: str, at: int, found: list[Token]) -> int:
    """Read a template from behind its first quote: one token for each piece of text."""
    start, pieces = at, list[Token]()
    while at < len(source) and source[at] != "`":
        if source.startswith("${", at):
            pieces.append(Token("template", source[start:at], start, at))
            found.append(pieces[-1])
            at = start = _read(source, at + 2, found, inside=True) + 1
            continue
        at += 2 if source[at] == "\\" else 1
    at = min(at, len(source))
    whole: Kind = "template" if pieces else "string"
    found.append(Token(whole, source[start:at], start, at))
    return at + 1


def arguments(found: list[Token], *, functions: frozenset[str], of: str) -> Iterator[tuple[Token | None, Token]]:
    """Yield each call `of.function(`: its first argument where that is one plain string, and its name."""
    for place in range(len(found) - 3):
        owner, dot, function, bracket = found[place : place + 4]
        if (owner.text, dot.text, bracket.text) == (of, ".", "(") and function.text in functions:
            rest = found[place + 4 : place + 6]
            plain = (
                len(rest) == 2 and rest[0].kind == "string" and rest[1].text in (",", ")") and rest[1].kind == "mark"
            )
            yield (rest[0] if plain else None), function


def plain(text: str) -> str:
    """Return what a string's text means, as far as quotes and backslashes go."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
