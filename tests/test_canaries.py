"""The search for secrets finds each spelling, wherever it stands; otherwise finding nothing would mean nothing."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from tests.canaries import Search

SECRET = 'Zq7 "canary"/ü+&<01>%'
SPELLED = {
    "clear": SECRET,
    "among others": f"x{SECRET}y",
    "percent-encoded": quote(SECRET, safe=""),
    "percent-encoded in small letters": quote(SECRET, safe="").lower().replace("zq7", "Zq7"),
    "every byte percent-encoded": "".join(f"%{each:02x}" for each in SECRET.encode()),
    "as a form": quote_plus(SECRET),
    "percent-encoded twice": quote(quote(SECRET, safe=""), safe=""),
    "as JSON": json.dumps({"a": SECRET}),
    "as readable JSON": json.dumps({"a": SECRET}, ensure_ascii=False),
    "as JSON inside of JSON": json.dumps({"a": json.dumps({"b": SECRET})}),
    "as JSON with every letter escaped": "".join(f"\\u{ord(each):04x}" for each in SECRET),
    "as HTML": html.escape(SECRET),
    "as repr": repr({"a": SECRET}),
    "as repr of bytes": repr(SECRET.encode()),
    "as hex": SECRET.encode().hex(),
    "as large hex": SECRET.encode().hex().upper(),
    **{
        f"in {name} after {before} bytes, before {after}": encode(
            b"\xfa" * before + SECRET.encode() + b"z" * after
        ).decode()
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode))
        for before in range(4)
        for after in range(4)
    },
    "in base64 of many lines": base64.encodebytes(b"k" * 71 + SECRET.encode() + b"k" * 40).decode(),
}


@pytest.mark.parametrize("name", SPELLED)
def test_the_search_finds_a_secret(name: str) -> None:
    assert Search({"one": SECRET}).hits(name, f"before {SPELLED[name]} after")


@pytest.mark.parametrize("name", SPELLED)
def test_the_search_finds_nothing_where_another_secret_stands(name: str) -> None:
    assert Search({"one": "An entirely other one!"}).hits(name, f"before {SPELLED[name]} after") == []


def test_bytes_that_are_no_text_are_found_too() -> None:
    key = bytes(range(200, 232))

    assert Search({"key": key}).hits("dump", b"\0" + key + b"\0")
    assert Search({"key": key}).hits("dump", key.hex())
    assert Search({"key": key}).hits("dump", base64.b64encode(b"xx" + key))
