"""From where a request comes. A proxy is believed only where the operator named it: anybody can send a header."""

from __future__ import annotations

import contextlib
import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
UNKNOWN = "unknown"  # a Unix socket, on which nobody but a proxy calls, and no proxy is named
ONE_HOUSEHOLD = 64  # bits of an IPv6 address that one customer of a provider cannot choose


def place(request: HttpRequest) -> str:
    """Return what to count by: the caller's IPv4 address, or the network of its IPv6 address."""
    address = _address(request)
    if address is None:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address) >> ONE_HOUSEHOLD << ONE_HOUSEHOLD, ONE_HOUSEHOLD)))
    return str(address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else address)


def _address(request: HttpRequest) -> Address | None:
    """Walk back from the connection's other end, as long as it is a proxy of ours that tells who called it."""
    current = _parsed(request.META.get("REMOTE_ADDR", ""))
    told = request.headers.get("X-Forwarded-For", "").split(",") if settings.TRUSTED_PROXIES else []
    while told and (current is None or _trusted(current)):
        before = _parsed(told.pop())
        if before is None:
            return current
        current = before
    return current


def _trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> Address | None:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(text.strip())
    return None
