"""Faults at the edges of an answer: while it is asked for, while encryption is agreed on, where its end is not told."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from integrations.engine.scope import Scope
from tests.services.egress_calls import OK, Start, drip, raw
from tests.services.egress_servers import Exchange, Handler
from tests.torture.case import Case, expect
from tests.torture.doors import LOOPBACK, Ways
from tests.torture.responses_connections import Tls

MUCH = b"x" * 20_000_000  # more than the buffers of the system take
SECONDS = 2.0


@contextmanager
def _deaf() -> Iterator[int]:
    """A port whose connections are made by the system and read by nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def stops_sending() -> None:
    with _deaf() as port:
        ended = Ways(policy=LOOPBACK, seconds=SECONDS).by_door(f"http://127.0.0.1:{port}/", method="POST", body=MUCH)
    expect(ended.kind == "timeout" and "sending the request" in ended.message, f"It ended as {ended}")


def takes_the_early_answer(start: Start) -> None:
    refusal = b"HTTP/1.1 413 Too large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
    server = start(raw(refusal), speaks_first=True)
    ended = Ways(policy=LOOPBACK, seconds=SECONDS).by_call(server.url, method="POST", body="x" * 8_000_000)
    expect(ended.kind in ("http", "network") and ended.message.endswith("."), f"It ended as {ended}")


def fails_in_the_handshake(start: Start, tls: Tls, *, handler: Handler, words: str) -> None:
    server = start(handler, speaks_first=True)
    ended = tls.ways().by_call(f"https://api.example.test:{server.port}/")
    expect(ended.kind in ("network", "timeout") and words in ended.message, f"It ended as {ended}")
    expect(ended.message.endswith("."), f"It says {ended.message}")


HANDSHAKES: dict[str, tuple[Handler, str]] = {
    "that never begins": (Exchange.until_gone, "agreeing on encryption"),
    "that drips": (drip(b"\x16\x03\x03\x3f\xff", b"\x02"), "agreeing on encryption"),
    "of alerts without end": (drip(b"", b"\x15\x03\x03\x00\x02\x01\x00"), "."),
    "of changes without end": (drip(b"", b"\x14\x03\x03\x00\x01\x01" * 1_000), "."),
    "that is no encryption": (raw(OK + b"Content-Length: 2\r\n\r\nok"), "does not speak TLS"),
}


def is_not_taken_for_whole(start: Start, tls: Tls) -> None:
    """No length is told, so the answer ends with the connection: somebody in between may have ended that."""

    def handler(exchange: Exchange) -> None:
        exchange.send(OK + b'\r\n{"a": 1')
        with socket.socket(fileno=os.dup(exchange.sock.fileno())) as bare:
            bare.shutdown(socket.SHUT_RDWR)  # below the encryption, which therefore says nothing

    server = start(handler, context=tls.server("api.example.test"))
    ended = tls.ways().by_door(f"https://api.example.test:{server.port}/")
    expect(ended.kind == "network" and ended.message.endswith("."), f"It ended as {ended}")


def is_taken_when_whole(start: Start, tls: Tls) -> None:
    def handler(exchange: Exchange) -> None:
        exchange.send(OK + b'\r\n{"a": 1}')
        exchange.sock.unwrap()  # type: ignore[attr-defined]

    server = start(handler, context=tls.server("api.example.test"))
    ended = tls.ways().by_door(f"https://api.example.test:{server.port}/")
    expect(ended.body == '{"a": 1}', f"It ended as {ended}")


def waits_no_longer_than_it_may(start: Start, *, value: str) -> None:
    waits: list[float] = []
    answer = f"HTTP/1.1 503 X\r\nRetry-After: {value}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    server = start(raw(answer.encode("latin-1", "replace")))
    ways = Ways(policy=LOOPBACK, seconds=SECONDS, sleep=waits.append)
    outcome = ways.outcome(server.url, Scope(), retries=3)
    expect(outcome.kind == "http" and outcome.message.endswith("."), f"It ended as {outcome}")
    expect(len(server.requests) <= 4, f"It was asked {len(server.requests)} times")
    expect(all(0 <= wait <= SECONDS for wait in waits), f"It waited {waits}")


PAUSES = (
    "inf",
    "nan",
    "1e999",
    "9" * 5_000,
    "-5",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 99999 99:99:99 +99999",
)

CASES = [
    Case("a request that nobody reads", "It ends at its time limit.", stops_sending, short=False, seconds=30),
    Case("an answer before the request was sent", "It is a failure with a sentence.", takes_the_early_answer),
    *(
        Case(
            f"handshake {name}",
            "It fails within its time, with a sentence.",
            partial(fails_in_the_handshake, handler=handler, words=words),
            short=words != "agreeing on encryption",
            seconds=30,
        )
        for name, (handler, words) in HANDSHAKES.items()
    ),
    Case("encrypted answer without a length, cut", "It is not taken for the whole.", is_not_taken_for_whole),
    Case("encrypted answer without a length, ended as one does", "It is taken.", is_taken_when_whole),
    *(
        Case(
            f"Retry-After {value[:40]}",
            "No wait is longer than the call may last.",
            partial(waits_no_longer_than_it_may, value=value),
        )
        for value in PAUSES
    ),
]
