"""From where a request comes. A proxy is believed only where the operator named it: anybody can send a header."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
UNKNOWN = "unknown"  # a Unix socket, on which nobody but a proxy calls, and no proxy is named
SCHEME = "HTTP_X_FORWARDED_PROTO"
ONE_HOUSEHOLD = 64  # bits of an IPv6 address that one customer of a provider cannot choose


def place(request: HttpRequest) -> str:
    """Return what to count by: the caller's IPv4 address, or the network of its IPv6 address."""
    address = _address(request)
    if address is None:
        return UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address) >> ONE_HOUSEHOLD << ONE_HOUSEHOLD, ONE_HOUSEHOLD)))
    return str(address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else address)


class BelievedScheme:
    """Middleware before all that asks whether a request came over TLS: a proxy that nobody named cannot say so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SCHEME in request.META and not _from_a_proxy(request):
            del request.META[SCHEME]
        return self.get_response(request)


def _from_a_proxy(request: HttpRequest) -> bool:
    """The same rule as for the address: on a Unix socket only a proxy calls, where any is named."""
    other_end = _parsed(request.META.get("REMOTE_ADDR", ""))
    return bool(settings.TRUSTED_PROXIES) and (other_end is None or _trusted(other_end))


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
