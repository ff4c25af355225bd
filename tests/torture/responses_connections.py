"""Certificates that are not to be trusted, connections that are cut, bytes that pose as another answer."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import trustme

from tests.services.egress_calls import CHUNKED, OK, Start
from tests.services.egress_servers import Exchange
from tests.torture.case import Case, expect
from tests.torture.doors import LOOPBACK, Ways, answering


class Tls:
    """An authority, servers with its certificates, and ways out that trust it."""

    def __init__(self) -> None:
        self.authority = trustme.CA()

    def server(self, *names: str, **values: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*names, **values).configure_cert(context)
        return context

    def ways(self) -> Ways:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        ways = Ways(policy=LOOPBACK, ask=answering("127.0.0.1"), seconds=3.0)
        ways.door._trust = lambda: context
        return ways


def distrusts(start: Start, tls: Tls, *, certificate: Callable[[Tls], ssl.SSLContext], words: str) -> None:
    server = start(context=certificate(tls))
    ended = tls.ways().by_call(f"https://api.example.test:{server.port}/")
    expect(ended.kind == "network" and words in ended.message, f"It ended as {ended}")
    expect(server.requests == [], "The request was sent.")


NOW, YEAR = datetime.now(UTC), timedelta(days=365)
CERTIFICATES: dict[str, tuple[Callable[[Tls], ssl.SSLContext], str]] = {
    "of another name": (lambda tls: tls.server("other.example.test"), "for another host name"),
    "of a name above": (lambda tls: tls.server("example.test"), "for another host name"),
    "with a star for two names": (lambda tls: tls.server("*.test"), "for another host name"),
    "of the address instead of the name": (lambda tls: tls.server("127.0.0.1"), "for another host name"),
    "that has expired": (
        lambda tls: tls.server(
            "api.example.test", not_before=datetime.now(UTC) - 2 * YEAR, not_after=datetime.now(UTC) - YEAR
        ),
        "has expired",
    ),
    "that is not valid yet": (
        lambda tls: tls.server(
            "api.example.test", not_before=datetime.now(UTC) + YEAR, not_after=datetime.now(UTC) + 2 * YEAR
        ),
        "not valid yet",
    ),
    "of an unknown authority": (lambda tls: Tls().server("api.example.test"), "cannot be trusted"),
}


def is_cut(start: Start, *, answer: bytes) -> None:
    """Cut the connection behind each byte: what is not an answer is none, and a body is whole or not there."""
    cuts = iter(range(len(answer)))
    server = start(lambda exchange: (exchange.send(answer[: next(cuts)]), exchange.sock.close()))
    ways = Ways(policy=LOOPBACK, seconds=10.0)
    for cut in range(len(answer)):
        ended = ways.by_door(server.url)
        failed = ended.kind == "network" and ended.message.endswith(".")
        expect(failed or ended.body == '{"a": 10}', f"Cut behind byte {cut} it ended as {ended}")


_PACKED = gzip.compress(b'{"a": 10}', mtime=0)
ANSWERS = {
    "with a length": OK + b'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a": 10}',
    "in chunks": CHUNKED + b'4\r\n{"a"\r\n5\r\n: 10}\r\n0\r\n\r\n',
    "compressed": OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(_PACKED), _PACKED),
}


def smuggles_nothing(start: Start, *, first: bytes) -> None:
    """Bytes behind an answer are never the answer to the next request."""

    def handler(exchange: Exchange) -> None:
        exchange.send(first if len(exchange.server.requests) == 1 else OK + b"Content-Length: 5\r\n\r\nright")

    ways, server = Ways(policy=LOOPBACK), start(handler)
    ways.by_door(server.url)
    second = ways.by_door(server.url)
    expect(second.body == "right" or second.kind == "network", f"The second call got {second}")


FALSE = OK + b"Content-Length: 5\r\n\r\nwrong"
SMUGGLED = {
    "a length that is too short": OK + b"Content-Length: 2\r\n\r\nok" + FALSE,
    "no body where one was announced": b"HTTP/1.1 204 No Content\r\n\r\n" + FALSE,
    "a 304 with a body": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + FALSE,
    "a length and chunks": OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + FALSE,
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\nok" + FALSE,
    "interim answers behind the answer": OK + b"Content-Length: 2\r\n\r\nokHTTP/1.1 100 Continue\r\n\r\n" + FALSE,
}


CASES = [
    *(
        Case(
            f"certificate {name}",
            "Nothing is sent, and the sentence names the fault.",
            partial(distrusts, certificate=certificate, words=words),
        )
        for name, (certificate, words) in CERTIFICATES.items()
    ),
    *(
        Case(
            f"connection cut behind each byte of an answer {name}",
            "It is a network failure with a sentence; no part of a body is ever taken for the whole.",
            partial(is_cut, answer=answer),
            short=False,
        )
        for name, answer in ANSWERS.items()
    ),
    *(
        Case(f"smuggled answer behind {name}", "The next call does not get it.", partial(smuggles_nothing, first=first))
        for name, first in SMUGGLED.items()
    ),
]
