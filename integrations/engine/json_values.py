"""JSON as the engines see it: plain Python values, with numbers that keep their spelling.

Pure. A number read from a response is a NumberText ("1.10", "1234567890123456789"), so that nothing
rounds it on its way through variables, fields and texts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

import msgspec
from msgspec import structs

Json = Any  # None, bool, int, float, NumberText, str, list[Json] or dict[str, Json]

MAX_DEPTH = 200
_BLANKS = " \t\n\r"
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_CONSTANTS = {None: "null", True: "true", False: "false"}


class NumberText(str):
    """The spelling of a JSON number. Prints and compares as text; `dumps` writes it without quotes."""

    __slots__ = ()


class JsonTooDeep(ValueError):
    """Lists or objects are nested more than MAX_DEPTH levels."""


def loads(text: str) -> Json:
    """Parse JSON (RFC 8259), numbers as NumberText; raises ValueError, JsonTooDeep, for anything else, NaN included."""
    try:
        value = _parsed(text)
    except RecursionError as error:
        raise JsonTooDeep(f"nested more than {MAX_DEPTH} levels") from error
    if isinstance(value, dict | list) and text.count("[") + text.count("{") > MAX_DEPTH:  # else it is not that deep
        check_depth(value)
    return value


def loads_all(texts: Sequence[str]) -> list[Json]:
    """Parse several texts of our own making in one go, as `loads` does each."""
    whole = ",".join(texts)
    if whole.count("[") + whole.count("{") > MAX_DEPTH:  # the list around them must not count for their depth
        return [loads(text) for text in texts]
    return list(_parsed(f"[{whole}]"))


def _parsed(text: str) -> Json:
    """Most texts are a value and nothing around it, where `decode` looks for blanks first and last."""
    if text[:1] in _BLANKS:
        return _DECODER.decode(text)
    value, end = _DECODER.raw_decode(text)
    return value if end == len(text) or not text[end:].strip(_BLANKS) else _DECODER.decode(text)


def dumps(value: Json) -> str:
    """Write JSON as short as JSON.stringify does, numbers in their own spelling; NaN and infinity are a ValueError."""
    if type(value) is NumberText:
        return str(value)
    try:
        text = _encode(value).decode()
    except (TypeError, UnicodeEncodeError, RecursionError):  # odd keys, or half of a surrogate pair
        return _written(value)
    if "null" in text:
        refuse_nan(value)  # for which the encoder writes null
    return text


def dump_bytes(value: Json) -> bytes:
    """The same as UTF-8, what is no Unicode replaced."""
    if type(value) is NumberText:
        return value.encode()
    try:
        data = _encode(value)
    except (TypeError, UnicodeEncodeError, RecursionError):
        return _written(value).encode("utf-8", "replace")
    if b"null" in data:
        refuse_nan(value)
    return data


def refuse_nan(value: Json) -> None:
    """Raise ValueError for NaN or infinity anywhere in a value."""
    level = [value]
    while level:
        each = level.pop()
        if isinstance(each, Mapping):
            level.extend(each.values())
        elif isinstance(each, msgspec.Struct):
            level.extend(structs.astuple(each))
        elif isinstance(each, list | tuple):
            level.extend(each)
        elif isinstance(each, float) and not math.isfinite(each):
            raise ValueError(f"{each} is no JSON number")


def _plain(value: Any) -> Any:
    """What the encoder does not know by itself."""
    if type(value) is NumberText:
        return msgspec.Raw(value.encode())
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


_encode = msgspec.json.Encoder(enc_hook=_plain).encode


def _written(value: Json) -> str:
    """The same by hand, for what the encoder cannot write."""
    if isinstance(value, str):
        return str(value) if isinstance(value, NumberText) else _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_quoted(str(k))}:{_written(v)}" for k, v in value.items()]) + "}"
    if isinstance(value, msgspec.Struct):
        return _written(structs.asdict(value))
    if isinstance(value, list | tuple):
        return "[" + ",".join([_written(element) for element in value]) + "]"
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    return json.dumps(value, allow_nan=False)


def to_text(value: Json) -> str:
    """Return a value as texts show it: nothing for null, true/false, numbers as spelled, structures as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if is_response(value):
        return str(value["jsonData"])
    return dumps(value)


def is_response(value: Json) -> bool:
    """Tell whether this is the object of an `api_<Var>` variable: used as text, it is its jsonData."""
    return isinstance(value, dict) and value.keys() == {"jsonData"} and isinstance(value["jsonData"], str)


def check_depth(value: Json) -> None:
    """Raise JsonTooDeep unless the value is nested at most MAX_DEPTH levels. Does not recurse."""
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise JsonTooDeep(f"nested more than {MAX_DEPTH} levels")
        level = [child for parent in level for child in _children(parent)]
        depth += 1


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, dict | list)]
    return [child for child in value if isinstance(child, dict | list)] if isinstance(value, list) else []


def _quoted(text: str) -> str:
    # Half of a surrogate pair cannot be encoded as UTF-8; JSON can spell it.
    return encode_basestring_ascii(text) if text.isascii() or _HALF_PAIR.search(text) else encode_basestring(text)


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_int=NumberText, parse_float=NumberText, parse_constant=_refuse)
