"""The few HTML tags that an author may use in texts; all else is shown as text. Pure.

Works on marked text: where a value was filled in, its `<`, `>` and quotes stand as private characters, so that
only what the author wrote can be a tag.
"""

from __future__ import annotations

import html
import re

_SPECIAL = "<>\"'"
_MARK = str.maketrans(_SPECIAL, "\ue000\ue001\ue002\ue003")
_UNMARK = str.maketrans("\ue000\ue001\ue002\ue003", _SPECIAL)
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z]+)(?P<rest>\s[^<>]*)?/?>")
_HREF = re.compile(r"""\shref\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"']+))""", re.IGNORECASE)
_SAFE_LINK = re.compile(r"(?:https?://|tel:|mailto:)[^\s\x00-\x1f]+", re.IGNORECASE)

PAIRED = frozenset({"p", "strong", "b", "i", "ul", "ol", "li", "a"})


def mark(value: str) -> str:
    """Return a value such that nothing in it can be taken for a tag; the length stays."""
    return value.translate(_MARK)


def is_safe_link(url: str) -> bool:
    """Tell whether a link may be offered to a consumer: http, https, tel, mailto."""
    return _SAFE_LINK.fullmatch(url.strip()) is not None


def render(marked: str, *, opened: tuple[str, ...] = ()) -> tuple[str, tuple[str, ...]]:
    """Return safe HTML, every tag closed, and the tags that the next piece of the same text has to open again.

    opened: the opening tags that the piece before left open.
    """
    if not opened and "<" not in marked:
        return _text(marked), ()
    stack = list(opened)
    pieces = list(opened)
    at = 0
    for tag in _TAG.finditer(marked):
        pieces.append(_text(marked[at : tag.start()]))
        pieces.append(_tag(tag, stack))
        at = tag.end()
    pieces.append(_text(marked[at:]))
    pieces.extend(f"</{_name(opening)}>" for opening in reversed(stack))
    return "".join(pieces), tuple(stack)


def _tag(tag: re.Match[str], stack: list[str]) -> str:
    name = tag["name"].lower()
    if name == "br":
        return "<br>"
    if name not in PAIRED:
        return _text(tag[0])
    if not tag["close"]:
        return _open(name, tag, stack)
    if not stack or _name(stack[-1]) != name:
        return _text(tag[0])
    stack.pop()
    return f"</{name}>"


def _open(name: str, tag: re.Match[str], stack: list[str]) -> str:
    opening = f"<{name}>"
    if name == "a":
        href = _HREF.search(tag["rest"] or "")
        url = html.unescape(_plain(href["double"] or href["single"] or href["bare"] or "")).strip() if href else ""
        if not is_safe_link(url):
            return _text(tag[0])
        opening = f'<a href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">'
    stack.append(opening)
    return opening


def _name(opening: str) -> str:
    return opening[1:].split(">")[0].split(" ")[0]


def _plain(marked: str) -> str:
    return marked if marked.isascii() else marked.translate(_UNMARK)


def _text(marked: str) -> str:
    return html.escape(_plain(marked))
