"""Read what came back: bytes to text, text to the document that `api_<Var>` holds.

Pure. Never raises: a body that is not what its headers promise is read as well as it can be.
"""

from __future__ import annotations

import codecs
import json
import re
from functools import lru_cache
from http import HTTPStatus

import msgspec

from integrations.engine import call
from integrations.engine.json_values import MAX_DEPTH, Json, check_depth, dumps, loads

# Codecs that read text in time linear in its length; Python knows others (punycode, rot13) that no server means.
_CHARSETS = re.compile(
    r"utf-(?:8|16|32)(?:-[lb]e)?|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-[a-z]+|gb2312|gbk|gb18030|big5(?:hkscs)?|"
    r"shift_jis\w*|euc_\w+|iso2022_jp\w*|hz|johab|tis-620"
)
COMPACTED = 1024 * 1024  # a longer document is too large to be kept anyway, and is passed on as it came
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]+)", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ANY_MARK = tuple(mark for mark, _ in _MARKS)
LONGEST_TYPE = 1_000  # characters of a Content-Type in which its charset is looked for
_HINTS = {
    400: "It did not understand the request; check the parameters and the body.",
    401: "It wants to know who calls; check the integration's credential.",
    403: "It does not allow this; check what the credential may do.",
    404: "There is nothing at this address; check the URL and the values in it.",
    405: "It does not take this method at this address.",
    413: "The request is too large for it.",
    415: "It does not take this kind of body; check the header Content-Type.",
    429: "It received too many calls; try again later.",
}


def text(body: bytes, *, headers: call.Headers) -> str:
    """Decode a body: a byte order mark wins, then the charset it is sent with, then UTF-8."""
    if body.startswith(_ANY_MARK):
        mark, charset = next(each for each in _MARKS if body.startswith(each[0]))
        return body[len(mark) :].decode(charset, "replace")
    charset = _charset(call.header(headers, name="Content-Type")[:LONGEST_TYPE]) or json.detect_encoding(body[:4])
    return body.decode(charset, "replace")


def json_data(name: str, *, body: str) -> str:
    """Return the text `{"api_<Var>": BODY}` for a body: its JSON, its text, or null when it is empty."""
    if len(body) <= COMPACTED and (compact := _compacted(body)):
        return f"{{{dumps(name)}:{compact}}}"
    value = _document(body)
    if len(body) > COMPACTED and isinstance(value, dict | list):
        return f"{{{dumps(name)}:{body.strip()}}}"
    return dumps({name: value})


def _compacted(body: str) -> str:
    """Return a plain JSON document without its blanks; nothing where it must be parsed and written anew."""
    if "\\" in body or body.count("[") + body.count("{") >= MAX_DEPTH:
        return ""
    try:
        return msgspec.json.format(body.encode(), indent=-1).decode()
    except (msgspec.DecodeError, UnicodeEncodeError):
        return ""


def _document(body: str) -> Json:
    if not body.strip():
        return None
    try:
        value = loads(body)
        check_depth([value])  # it is going to be one level deeper
    except ValueError:
        return body
    return value


def is_success(status: int) -> bool:
    return 200 <= status <= 299


def complaint(status: int) -> str:
    """Say what a status outside 2xx means, as a sentence for the author."""
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    if 300 <= status <= 399:
        hint = "It redirects; switch on Follow redirects, or call the new address."
    else:
        hint = _HINTS.get(status) or ("That is a fault on its side; try again later." if status >= 500 else "")
    return f"The API answered {words}. {hint}".strip()


@lru_cache(maxsize=256)
def _charset(content_type: str) -> str:
    match = _CHARSET.search(content_type)
    if match is None:
        return ""
    try:
        name = codecs.lookup(match[1]).name
    except LookupError:
        return ""
    return name if _CHARSETS.fullmatch(name) else ""
