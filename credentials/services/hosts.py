"""Where a credential may be sent: the hosts that an administrator named, else those noted when authors attached it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from credentials import wire
from credentials.models import Credential
from credentials.net import urls

_LITERAL = re.compile(r"https?://[^/?#{}\s]+(?=[/?#]|\Z)", re.IGNORECASE)


class BadHost(Exception):
    """A host that cannot be read; the sentence says how to write it."""


def effective(credential: Credential) -> tuple[str, ...]:
    """Return the hosts, each `host` (ports 80 and 443) or `host:port`."""
    return tuple(credential.allowed_hosts or credential.attached_hosts)


def of_url(template: str) -> str:
    """Return the host that is written out in an integration's URL; "" when it has a variable in it or is no host."""
    match = _LITERAL.match(template)
    if match is None:
        return ""
    try:
        return _spelling(urls.parse(match.group()))
    except wire.CallError:
        return ""


def of_urls(templates: Iterable[str]) -> tuple[str, ...]:
    """Return the hosts that are written out in several integrations' URLs, each once."""
    return tuple(sorted({host for host in map(of_url, templates) if host}))


def normalized(text: str) -> str:
    """Return `host` or `host:port` in its one spelling, also of a whole URL; raises BadHost."""
    text = text.strip()
    try:
        return _spelling(urls.parse(text if "://" in text else f"https://{text}"))
    except wire.CallError as error:
        raise BadHost(
            f"{text} is not a host. Write a name such as api.example.com, or api.example.com:8443."
        ) from error


def _spelling(target: urls.Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if target.port in (80, 443) else f"{host}:{target.port}"
