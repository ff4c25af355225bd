"""Finds secrets in whatever a product gave away: in clear, base64 at each alignment, percent, JSON, HTML and hex."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

_BREAKS = re.compile(rb"(?:\\r|\\n|[\r\n\t ])+")


def spellings(secret: bytes) -> dict[str, bytes]:
    """Return the secret in each spelling that somebody could read back, by the spelling's name."""
    found = {"clear": secret, "hex": secret.hex().encode(), "HEX": secret.hex().upper().encode()}
    found["percent, all of it"] = "".join(f"%{each:02X}" for each in secret).encode()
    for shift in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            found[f"{name} at {shift}"] = _inner(encode(b"\0" * shift + secret), shift, len(secret))
    text = secret.decode("utf-8", "replace")
    if text.encode() == secret:
        found |= _texts(text)
    return {name: form for name, form in found.items() if name == "clear" or len(form) >= 8}


def _inner(encoded: bytes, shift: int, length: int) -> bytes:
    """What is the same whatever stands before and after the secret."""
    first = (shift * 8 + 5) // 6
    last = (shift + length) * 8 // 6
    return encoded[first:last]


def _texts(text: str) -> dict[str, bytes]:
    escaped = json.dumps(text)[1:-1]
    found = {
        "percent": quote(text, safe=""),
        "percent, paths": quote(text),
        "form": quote_plus(text),
        "percent twice": quote(quote(text, safe=""), safe=""),
        "JSON": escaped,
        "JSON in JSON": json.dumps(escaped)[1:-1],
        "JSON, readable": json.dumps(text, ensure_ascii=False)[1:-1],
        "JSON, all of it": "".join(f"\\u{ord(each):04x}" for each in text),
        "HTML": html.escape(text),
        "repr": repr(text)[1:-1],
        "repr of bytes": repr(text.encode())[2:-1],
    }
    return {name: form.encode() for name, form in found.items()}


class Search:
    """Looks for secrets, by name. Line breaks, and the case of hex digits behind a %, make no difference."""

    def __init__(self, secrets: Mapping[str, bytes | str]) -> None:
        self._forms: list[tuple[str, str, bytes, bytes]] = []
        for name, secret in secrets.items():
            raw = secret.encode() if isinstance(secret, str) else secret
            forms = {form: spelling for spelling, form in reversed(spellings(raw).items())}
            self._forms += [
                (name, spelling, form, _BREAKS.sub(b"", form.lower() if b"%" in form else form))
                for form, spelling in forms.items()
            ]

    def hits(self, place: str, content: bytes | str) -> list[str]:
        """Say what was found in this place: `place: secret in spelling … around`."""
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        squeezed = _BREAKS.sub(b"", raw)
        lowered = squeezed.lower()
        found = []
        for name, spelling, form, wanted in self._forms:
            at = (lowered if b"%" in form else squeezed).find(wanted)
            if at >= 0 or form in raw:
                found.append(f"{place}: {name} as {spelling}: …{squeezed[max(0, at - 60) : at + 60]!r}")
        return found

    def everywhere(self, places: Iterable[tuple[str, bytes | str]]) -> list[str]:
        once = {content: place for place, content in places}
        return [hit for content, place in once.items() for hit in self.hits(place, content)]
