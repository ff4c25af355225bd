"""Where a variable may stand, and how its value is written there, so that no value changes the shape of a request.

Pure. Knows values and positions, neither variables nor requests.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from enum import Enum, auto
from urllib.parse import quote

from integrations.engine.errors import UnsafeValue
from integrations.engine.json_values import Json, NumberText, dumps, is_response, loads, to_text

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Position(Enum):
    """A place in a definition. URL_START takes the value as it is: whoever uses it must know where it comes from."""

    RAW = auto()
    HTML = auto()
    JSON = auto()
    FORM = auto()
    HEADER = auto()
    QUERY = auto()
    URL_START = auto()
    URL_HOST = auto()
    URL_PATH = auto()
    URL_QUERY = auto()


def write(value: Json, position: Position, *, name: str) -> str:
    """Return the value as it is written at a position other than JSON; raises UnsafeValue where it must not stand."""
    return _WRITERS[position](to_text(value), name)


def in_json_string(value: Json) -> str:
    """Return the value for a place between two quotes of a JSON document."""
    return dumps(to_text(value))[1:-1]


def as_json(value: Json, *, consumer: bool) -> str:
    """Return the value as a JSON value of its own.

    A text that is itself an object or a list is that document, since authors keep the output of JSON.stringify in
    variables; the consumer's own words never are, since they must not change the shape of what is sent.
    """
    if is_response(value):
        value = value["jsonData"]
    if isinstance(value, NumberText) or not isinstance(value, str):
        return dumps(value)
    document = "" if consumer else _document(value)
    return document or dumps(value)


class JsonPlace:
    """Follows a JSON template from left to right: is the next character inside a string?"""

    __slots__ = ("escaped", "inside")

    def __init__(self) -> None:
        self.inside = False
        self.escaped = False

    def read(self, literal: str) -> None:
        for character in literal:
            if not self.inside:
                self.inside = character == '"'
            elif self.escaped:
                self.escaped = False
            elif character == "\\":
                self.escaped = True
            elif character == '"':
                self.inside = False

    def write(self, value: Json, *, consumer: bool) -> str:
        """Return the value for this place. A backslash that the template left open is closed first."""
        opened, self.escaped = self.escaped, False
        if self.inside:
            return ("\\" if opened else "") + in_json_string(value)
        return as_json(value, consumer=consumer)


def encode(text: str) -> str:
    """Percent-encode everything but letters, digits and `-._~`."""
    return quote(text, safe="", errors="replace")


def _document(text: str) -> str:
    if text.lstrip()[:1] not in ("{", "["):
        return ""
    try:
        return dumps(loads(text))
    except ValueError:
        return ""


def _plain(text: str, name: str) -> str:
    return text


def _html(text: str, name: str) -> str:
    return html.escape(text, quote=True)


def _encoded(text: str, name: str) -> str:
    return encode(text)


def _header(text: str, name: str) -> str:
    if CONTROL.search(text):
        raise UnsafeValue(name, f"{{{name}}} holds a line break or another control character")
    return text.encode("utf-8", "replace").decode()  # half of a surrogate pair cannot be sent


def _host(text: str, name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.\-]*", text):
        raise UnsafeValue(name, f"{{{name}}} holds something other than letters, digits, dots and hyphens")
    return text


_WRITERS: dict[Position, Callable[[str, str], str]] = {
    Position.RAW: _plain,
    Position.HTML: _html,
    Position.FORM: _encoded,
    Position.HEADER: _header,
    Position.QUERY: _encoded,
    Position.URL_START: _plain,
    Position.URL_HOST: _host,
    Position.URL_PATH: _encoded,
    Position.URL_QUERY: _encoded,
}
