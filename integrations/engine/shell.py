"""Read a command line as a POSIX shell would split it, and write words so that a shell reads them back.

Pure, and never runs anything. Knows what browsers and manuals write: quotes, $'…' with escapes, continued lines.
"""

from __future__ import annotations

import re
import shlex

from integrations.engine.errors import IntegrationError

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}
_ANSI = re.compile(
    r"\\(?:x(?P<x>[0-9A-Fa-f]{1,2})|u(?P<u>[0-9A-Fa-f]{1,4})|U(?P<U>[0-9A-Fa-f]{1,8})|(?P<c>.))", re.DOTALL
)
_PART = re.compile(
    r"""(?P<blank>(?:\s|\\\r?\n|\^\r?\n)+)
      | \$'(?P<ansi>(?:[^'\\]|\\.)*)'
      | '(?P<single>[^']*)'
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | \\(?P<escaped>.)
      | (?P<plain>[^\s'"\\$]+|\$)""",
    re.VERBOSE | re.DOTALL,
)


class Unbalanced(IntegrationError):
    """A quote is opened and never closed."""


def split(text: str) -> list[str]:
    """Split a command line into its words; raises Unbalanced."""
    words: list[str] = []
    word: str | None = None
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise Unbalanced(f"A quote or backslash at character {at + 1} is never closed. Paste the whole command.")
        at = match.end()
        if match.lastgroup == "blank":
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + _text(match)
    return words + ([word] if word is not None else [])


def quoted(text: str, *, mask: str, placeholder: str) -> str:
    """Write one word; every mask in it becomes the shell variable `$placeholder`."""
    parts = text.split(mask)
    return f'"${placeholder}"'.join(shlex.quote(part) if part or len(parts) == 1 else "" for part in parts)


def _text(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    if kind == "ansi":
        return _ANSI.sub(_unescaped, match["ansi"])
    if kind == "double":
        return re.sub(r'\\(?:\r?\n|(["\\$`]))', lambda found: found[1] or "", match["double"])
    return str(match[kind])


def _unescaped(match: re.Match[str]) -> str:
    code = match["x"] or match["u"] or match["U"]
    if code is None:
        return _ESCAPES.get(match["c"], match["c"] if match["c"] in "\\'\"?" else match[0])
    number = int(code, 16)
    return chr(number) if number < 0x110000 else "�"
