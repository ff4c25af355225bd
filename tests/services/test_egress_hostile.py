"""Servers that drip, flood, break off or talk nonsense: each is bounded, none is taken for an answer."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib

import pytest

from credentials import egress, wire
from tests.services.egress_calls import (
    CHUNKED,
    LOOPBACK,
    OK,
    Start,
    drip,
    failure,
    get,
    options,
    raw,
    running_servers,  # noqa: F401
)
from tests.services.egress_servers import Exchange

SLOW = {
    "silence": Exchange.until_gone,
    "slow headers": drip(OK, b"X-A: b\r\n"[:1]),
    "slow status line": drip(b"HTTP/1.1 200 ", b"O"),
    "slow body": drip(OK + b"Content-Length: 100000\r\n\r\n", b"x"),
    "slow chunks": drip(CHUNKED, b"1\r\nx\r\n"),
    "slow chunk size": drip(CHUNKED, b"0"),
    "slow trailers": drip(CHUNKED + b"0\r\n", b"T: x\r\n"),
    "endless 100 Continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "until closed": drip(OK + b"\r\n", b"x"),
}


@pytest.mark.parametrize("kind", SLOW)
def test_no_answer_outlasts_the_deadline(start: Start, kind: str) -> None:
    server = start(SLOW[kind])

    error = failure(server.url, seconds=0.4)

    assert error.kind == "timeout"
    assert error.connected
    assert "took too long" in error.message
    assert server.gone.wait(5)


def test_a_server_that_never_finishes_the_handshake_is_given_up(start: Start) -> None:
    server = start(Exchange.until_gone, speaks_first=True)

    error = failure(server.url.replace("http:", "https:"), seconds=0.4)

    assert error.kind == "timeout"
    assert not error.connected


def test_a_lookup_that_hangs_is_given_up() -> None:
    release = threading.Event()

    error = failure(
        "http://slow.example.test/", door=egress.Door(ask=lambda host, port: release.wait(10) and []), seconds=0.3
    )

    release.set()
    assert error.kind == "timeout"
    assert "looking up slow.example.test" in error.message


def test_a_cancelled_call_lets_go(start: Start) -> None:
    cancelled = threading.Event()

    def handler(exchange: Exchange) -> None:
        cancelled.set()
        exchange.until_gone()

    server = start(handler)

    error = failure(server.url, options=options(30, cancelled=cancelled.is_set))

    assert error.kind == "timeout"
    assert error.message == "The call was cancelled."
    assert server.gone.wait(5)


SMALL = wire.Limits(body_bytes=100_000, header_bytes=20_000)
BOMB = gzip.compress(b"\0" * 50_000_000)
READ_WHOLE = ("gzip bomb", "deflate bomb")
LARGE = {
    "declared length": raw(OK + b"Content-Length: 100001\r\n\r\n", stay=True),
    "endless body": drip(OK + b"\r\n", b"x" * 60_000),
    "endless chunks": drip(CHUNKED, b"fde8\r\n" + b"x" * 65_000 + b"\r\n"),
    "one endless chunk": drip(CHUNKED + b"ffffffff\r\n", b"x" * 60_000),
    "endless trailers": drip(CHUNKED + b"0\r\n", b"T: x\r\n" * 10_000),
    "endless chunk size": drip(CHUNKED, b"0" * 60_000),
    "endless trailer line": drip(CHUNKED + b"0\r\n", b"x" * 60_000),
    "gzip bomb": lambda exchange: exchange.answer(BOMB, Content_Encoding="gzip"),
    "deflate bomb": lambda exchange: exchange.answer(zlib.compress(b"\0" * 50_000_000), Content_Encoding="deflate"),
    "endless header": drip(OK + b"X-A: ", b"x" * 10_000),
    "endless headers": drip(OK, b"X-A: " + b"x" * 200 + b"\r\n"),
    "large interim answers": drip(b"", b"HTTP/1.1 103 Hi\r\nX-A: " + b"x" * 5_000 + b"\r\n\r\n"),
    "endless status line": drip(b"HTTP/1.1 200 ", b"x" * 10_000),
}


@pytest.mark.parametrize("kind", LARGE)
def test_an_answer_that_is_too_large_is_cut_off(start: Start, kind: str) -> None:
    server = start(LARGE[kind])

    error = failure(server.url, options=options(20, limits=SMALL))

    assert error.kind == "too_large"
    assert kind in READ_WHOLE or server.gone.wait(5)


def test_an_answer_just_within_the_limit_is_read(start: Start) -> None:
    server = start(lambda exchange: exchange.answer(b"x" * 100_000, X_Long="y" * 15_000))

    assert len(get(server.url, options=options(limits=SMALL)).body) == 100_000


BROKEN = {
    "short body": raw(OK + b"Content-Length: 10\r\n\r\nhello"),
    "short chunk": raw(CHUNKED + b"5\r\nhe"),
    "no last chunk": raw(CHUNKED + b"5\r\nhello\r\n"),
    "negative chunk size": raw(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "bad chunk size": raw(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"),
    "closed in the headers": raw(OK + b"Content-Ty"),
    "closed after the status": raw(OK),
    "closed before anything": raw(b""),
    "letters that are no HTTP": drip(b"", b"H"),
    "no HTTP": raw(b"220 mail.example ESMTP\r\n"),
    "switching protocols": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "truncated gzip": lambda exchange: exchange.answer(gzip.compress(b"hello" * 1000)[:-9], Content_Encoding="gzip"),
    "damaged gzip": lambda exchange: exchange.answer(b"\x1f\x8b\x08 not really", Content_Encoding="gzip"),
    "a million empty gzip parts": lambda exchange: exchange.answer(gzip.compress(b"") * 5_000, Content_Encoding="gzip"),
    "unknown encoding": lambda exchange: exchange.answer(b"xxx", Content_Encoding="br"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_answer_is_a_network_error_and_never_a_result(start: Start, kind: str) -> None:
    server = start(BROKEN[kind])

    error = failure(server.url)

    assert error.kind == "network"
    assert error.message.endswith(".")
    assert "Traceback" not in error.message
    assert error.connected


def test_a_refused_connection_says_so_and_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = failure(f"http://127.0.0.1:{port}/")

    assert error.message.startswith(f"127.0.0.1 port {port} refused the connection.")
    assert not error.connected


@pytest.mark.parametrize(("code", "words"), [(socket.EAI_NONAME, "does not exist"), (socket.EAI_AGAIN, "just now")])
def test_an_unknown_name_says_so(code: int, words: str) -> None:
    def ask(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        raise socket.gaierror(code, "x")

    error = failure("http://nowhere.example.test/", door=egress.Door(ask=ask))

    assert error.kind == "network"
    assert words in error.message


@pytest.mark.parametrize("method", ["GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "GET /x", "", "GET\n"])
def test_a_method_cannot_smuggle_a_request(start: Start, method: str) -> None:
    server = start()

    with pytest.raises(wire.CallError, match="its method"):
        egress.Door().send(wire.Outgoing(method, server.url), LOOPBACK, None, options())

    assert not server.requests
