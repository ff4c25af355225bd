"""Write a changed JSON document as text so that everything that was not changed keeps its very characters. Pure.

Spaces, line ends, spellings of numbers and escapes, repeated keys: all as they were. Knows JSON, not what a bot is.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SCAN = json.JSONDecoder().raw_decode
_BLANK = re.compile(r"[ \t\r\n]*")
_LINE = re.compile(r"[ \t]*")
_OPENING = re.compile(r"\ufeff?[ \t\r\n]*[\[{](\r?\n)([ \t]+)")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u(?!00[0-7])")


@dataclass(frozen=True, slots=True)
class Style:
    """How the document writes what is new in it. `indent` empty: everything on one line."""

    indent: str = "  "
    newline: str = "\n"
    ascii: bool = False
    item: str = ", "
    colon: str = ": "

    def dump(self, value: Any, margin: str = "") -> str:
        """Write a value; `margin` is the indentation of the line that it stands in."""
        if self.indent:
            text = json.dumps(value, indent=self.indent, ensure_ascii=self.ascii)
            text = text.replace("\n", self.newline + margin)
        else:
            text = json.dumps(value, ensure_ascii=self.ascii, separators=(self.item, self.colon))
        return _HALF_PAIR.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@dataclass(frozen=True, slots=True)
class _Member:
    """An element of a list, or a member of an object: where it starts, its value starts and ends."""

    key: str
    start: int
    value: int
    end: int


def dumps(value: Any) -> str:
    """Write a document as Conversation Builder does."""
    return Style().dump(value)


def rewrite(text: str, *, document: Any) -> str:
    """Return the text with what `document` says otherwise written in; the text must be valid JSON."""
    start = _after_blank(text, 1 if text.startswith("\ufeff") else 0)
    _, end = _SCAN(text, start)
    return text[:start] + _value(text, start, document, _style(text)) + text[end:]


def _style(text: str) -> Style:
    found = _OPENING.match(text)
    escapes = text.isascii() and _ESCAPED.search(text) is not None
    if found:
        return Style(indent=found[2], newline=found[1], ascii=escapes)
    head = text[:10_000]
    colon = ": " if '": ' in head else ":"
    return Style(indent="", ascii=escapes, item=", " if re.search(r'[\]}"\de], "', head) else ",", colon=colon)


def _value(text: str, start: int, new: Any, style: Style) -> str:
    old, end = _SCAN(text, start)
    if _same(old, new):
        return text[start:end]
    if old and new and isinstance(old, dict) and isinstance(new, dict):
        return _object(text, start, new, style)
    if old and new and isinstance(old, list) and isinstance(new, list):
        return _list(text, start, old, new, style)
    return style.dump(new, _margin(text, start))


def _object(text: str, start: int, new: dict[str, Any], style: Style) -> str:
    members = list(_members(text, start, keyed=True))
    last = {member.key: member for member in members}
    if list(last) == list(new):
        written = [
            text[m.start : m.value] + _value(text, m.value, new[m.key], style)
            if last[m.key] is m
            else text[m.start : m.end]
            for m in members
        ]
        return _with_gaps(text, start, members, written)
    margin, colon = _margin(text, members[0].start), _colon(text, members[0])
    written = []
    for key, value in new.items():
        member = last.get(key)
        if member:
            written.append(text[member.start : member.value] + _value(text, member.value, value, style))
        else:
            written.append(style.dump(key) + colon + style.dump(value, margin))
    return _laid_out(text, start, members, written)


def _list(text: str, start: int, old: list[Any], new: list[Any], style: Style) -> str:
    members = list(_members(text, start, keyed=False))
    margin = _margin(text, members[0].start)
    places = _places(old, new)
    written = [
        _value(text, members[place].value, value, style) if place is not None else style.dump(value, margin)
        for place, value in zip(places, new, strict=True)
    ]
    if len(old) == len(new):
        return _with_gaps(text, start, members, written)
    return _laid_out(text, start, members, written)


def _places(old: list[Any], new: list[Any]) -> list[int | None]:
    """Return, for each new element, the place of the old one that it comes from: by its id, else by being the same."""
    known: dict[str, list[int]] = defaultdict(list)
    for place, value in reversed(list(enumerate(old))):
        known[_identity(value)].append(place)
    found = [known[name].pop() if known.get(name) else None for name in map(_identity, new)]
    if len(old) == len(new):
        return [at if place is None else place for at, place in enumerate(found)]
    return list(found)


def _identity(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return f"id {value['id']}"
    return json.dumps(value)


def _members(text: str, start: int, *, keyed: bool) -> Iterator[_Member]:
    at = _after_blank(text, start + 1)
    while text[at] not in "]}":
        begin, key = at, ""
        if keyed:
            key, at = _SCAN(text, at)
            at = _after_blank(text, _after_blank(text, at) + 1)
        _, end = _SCAN(text, at)
        yield _Member(key, begin, at, end)
        at = _after_blank(text, end)
        if text[at] == ",":
            at = _after_blank(text, at + 1)


def _with_gaps(text: str, start: int, members: list[_Member], written: list[str]) -> str:
    """Put the members, written anew, between the very gaps that they stood between."""
    pieces, at = [], start
    for member, each in zip(members, written, strict=True):
        pieces += [text[at : member.start], each]
        at = member.end
    return "".join([*pieces, text[at : _closing(text, at)]])


def _laid_out(text: str, start: int, members: list[_Member], written: list[str]) -> str:
    """Put other members into the object or list, with the gaps that its first members had."""
    opening = text[start : members[0].start]
    between = text[members[0].end : members[1].start] if len(members) > 1 else "," + (opening[1:] or "")
    end = members[-1].end
    return opening + between.join(written) + text[end : _closing(text, end)]


def _closing(text: str, at: int) -> int:
    return _after_blank(text, at) + 1


def _colon(text: str, member: _Member) -> str:
    _, end = _SCAN(text, member.start)
    return text[end : member.value]


def _after_blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _margin(text: str, at: int) -> str:
    """Return the blanks that the line of this place begins with."""
    found = _LINE.match(text, text.rfind("\n", 0, at) + 1)
    return found[0] if found else ""


def _same(old: Any, new: Any) -> bool:
    """Whether two values are written the same: 1, 1.0 and true are not."""
    return old is new or json.dumps(old) == json.dumps(new)
