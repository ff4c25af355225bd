"""What a redirect answer asks for next, and what may go along. Knows nothing of credentials or sockets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urljoin

from credentials import wire
from credentials.net import urls

_STATUSES = (301, 302, 303, 307, 308)
# Headers that authors put their own keys into; the credential's are signed anew or not at all.
_PRIVATE = re.compile(r"auth|cookie|token|secret|api-?key|password|session|signature", re.IGNORECASE)
_OF_BODY = ("content-type", "content-length", "content-encoding", "content-language")


def location(status: int, headers: tuple[tuple[str, str], ...]) -> str | None:
    """Return the Location of a redirect answer, or None when the answer is none."""
    if status not in _STATUSES:
        return None
    found = next((value.strip() for name, value in headers if name.lower() == "location"), "")
    return _as_utf8(found) or None


def _as_utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def follow(request: wire.Outgoing, *, status: int, to: str) -> wire.Outgoing:
    """Return the request of the next hop; raises CallError when the Location cannot be called."""
    before = urls.parse(request.url)
    try:
        after = urls.parse(urljoin(before.url, to))
    except wire.CallError as error:
        raise wire.CallError("egress", f"The server redirected to another address. {error.message}") from error
    except ValueError as error:
        raise wire.CallError("egress", "The server redirected to an address that is no URL.") from error
    moved = replace(request, url=after.url)
    if _becomes_get(request.method, status):
        moved = replace(moved, method="GET", body=None, headers=_without(moved.headers, lambda name: name in _OF_BODY))
    if before.origin != after.origin:
        moved = replace(moved, headers=_without(moved.headers, lambda name: bool(_PRIVATE.search(name))))
    return moved


def _becomes_get(method: str, status: int) -> bool:
    return (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST")


def _without(headers: tuple[tuple[str, str], ...], dropped: Callable[[str], bool]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers if not dropped(name.lower()))
