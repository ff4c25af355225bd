"""How the tests of the door out make calls: against loopback, with a token, expecting a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from credentials import egress, wire
from tests.services.egress_servers import Exchange, Handler, RawServer

LOOPBACK = wire.Policy(loopback=True)
SECRET = "t0ken-that-nobody-sees"
Start = Callable[..., RawServer]


@dataclass(frozen=True)
class TokenSigner:
    hosts: tuple[str, ...]
    pool: str = "token"
    secrets: tuple[str, ...] = (SECRET,)

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        headers = (*request.headers, ("Authorization", f"Bearer {SECRET}"))
        return wire.Outgoing(request.method, request.url, headers, request.body)


@pytest.fixture(name="start")
def running_servers() -> Iterator[Start]:
    """Start servers on loopback that answer as the test says; they end with the test."""
    servers: list[RawServer] = []

    def run(handler: Handler = Exchange.answer, **options: object) -> RawServer:
        servers.append(RawServer(handler, **options))
        return servers[-1]

    yield run
    for server in servers:
        server.close()


def options(seconds: float = 5.0, **values: object) -> wire.SendOptions:
    return wire.SendOptions(deadline=time.monotonic() + seconds, **values)


def get(
    url: str, *, door: egress.Door | None = None, signer: wire.Signer | None = None, **values: object
) -> wire.Incoming:
    request = wire.Outgoing("GET", url)
    return (door or egress.Door()).send(request, LOOPBACK, signer, values.pop("options", None) or options(**values))


def failure(url: str, **values: object) -> wire.CallError:
    with pytest.raises(wire.CallError) as caught:
        get(url, **values)
    return caught.value


def raw(data: bytes, *, stay: bool = False) -> Handler:
    """Answer with these very bytes, then close, or stay until the client goes."""

    def handler(exchange: Exchange) -> None:
        exchange.send(data)
        if stay:
            exchange.until_gone()
        else:
            exchange.sock.close()

    return handler


def drip(data: bytes, then: bytes) -> Handler:
    """Answer with these bytes, then with more and more until the client goes."""

    def handler(exchange: Exchange) -> None:
        exchange.send(data)
        while not exchange.server.gone.wait(0.02):
            exchange.send(then)

    return handler


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
