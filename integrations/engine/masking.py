"""What may be shown of a request and a response: secrets are masked, and what is logged holds no values at all.

Pure.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

MASK = "••••"
SHORTEST = 4  # a shorter secret would mask half of every text
_SECRET_HEADER = re.compile(
    r"authorization|cookie|api[-_]?key|token|secret|password|passwd|signature|credential|^x-auth|session", re.IGNORECASE
)
_SECRET_PARAMETER = re.compile(
    r"(?P<name>(?:^|(?<=[&?]))[^&=]*(?:api[-_]?key|token|secret|password|passwd|signature)[^&=]*=)[^&#]+", re.IGNORECASE
)

Headers = tuple[tuple[str, str], ...]


def is_secret_header(name: str) -> bool:
    """Tell whether a header's value is material that must neither be shown nor logged."""
    return bool(_SECRET_HEADER.search(name)) and name.lower() not in ("idempotency-key", "www-authenticate")


def text(shown: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text, however it is written there, by the mask."""
    for form in sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True):
        shown = shown.replace(form, MASK)
    return shown


def headers(shown: Headers, secrets: Iterable[str]) -> Headers:
    """Mask the values of secret headers and every secret in the others."""
    known = tuple(secrets)
    return tuple((name, MASK if is_secret_header(name) and value else text(value, known)) for name, value in shown)


def url(shown: str, secrets: Iterable[str]) -> str:
    """Mask secrets and the values of query parameters whose name says that they are one."""
    parts = urlsplit(text(shown, secrets))
    query = _SECRET_PARAMETER.sub(rf"\g<name>{MASK}", parts.query)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def loggable(shown: str) -> str:
    """Return a URL as logs show it: parameter names without their values."""
    parts = urlsplit(shown)
    query = "&".join(f"{pair.partition('=')[0]}=…" for pair in parts.query.split("&") if pair)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def _forms(secret: str) -> Iterable[str]:
    if len(secret) < SHORTEST:
        return ()
    encoded = secret.encode("utf-8", "replace")
    return (secret, quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace"),
            base64.b64encode(encoded).decode())  # fmt: skip
