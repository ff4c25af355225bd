"""Answers of servers that mean harm or are broken, and how a call that gets them may end."""

from __future__ import annotations

import gzip
import socket
import struct
import zlib

from tests.services.egress_calls import CHUNKED, OK, drip, raw
from tests.services.egress_servers import Exchange, Handler

MEBIBYTE = 1024 * 1024
ANSWER = b'{"a":1}'
CHUNK = b"7\r\n" + ANSWER + b"\r\n0\r\n\r\n"


def flood(data: bytes, then: bytes) -> Handler:
    """Answer with these bytes, then with more as fast as they are taken."""

    def handler(exchange: Exchange) -> None:
        exchange.send(data)
        while not exchange.server.gone.is_set():
            exchange.send(then)

    return handler


def whole(body: bytes, **headers: str) -> Handler:
    return lambda exchange: exchange.answer(body, **headers)


def _deflated(size: int, window: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return b"".join([*(packer.compress(bytes(MEBIBYTE)) for _ in range(size)), packer.flush()])


def _redirect(then: bytes) -> Handler:
    return drip(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 5000\r\n\r\n", then)


def reset(exchange: Exchange) -> None:
    """Close as a machine does that knows the connection no more."""
    exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.sock.close()


def redirects(exchange: Exchange) -> None:
    exchange.answer(b"", "302 Found", Location=f"/{len(exchange.server.requests)}")


# name: (the answer, the kinds of failure that it may be). Slow ones are given a second.
SLOW: dict[str, tuple[Handler, tuple[str, ...]]] = {
    name: (handler, ("timeout",))
    for name, handler in {
        "silence": Exchange.until_gone,
        "a status line that drips": drip(b"HTTP/1.1 200 ", b"O"),
        "headers that drip": drip(OK, b"X"),
        "header after header": drip(OK, b"X-A: b\r\n"),
        "a body that drips": drip(OK + b"Content-Length: 100000\r\n\r\n", b"x"),
        "a body that drips until it is closed": drip(OK + b"\r\n", b"x"),
        "chunks that drip": drip(CHUNKED, b"1\r\nx\r\n"),
        "the size of a chunk that drips": drip(CHUNKED, b"0"),
        "trailers that drip": drip(CHUNKED + b"0\r\n", b"T: x\r\n"),
        "the body of a redirect that drips": _redirect(b"x"),
        "100 Continue without end": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "103 Early Hints without end": drip(b"", b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n"),
        "a compressed body that drips": drip(OK + b"Content-Encoding: gzip\r\nContent-Length: 9000\r\n\r\n", b"\x1f"),
        "blank lines before the answer": drip(b"", b"\r\n"),
    }.items()
}
SLOW["blank lines before the answer"] = (SLOW["blank lines before the answer"][0], ("timeout", "network"))
LARGE: dict[str, tuple[Handler, tuple[str, ...]]] = {
    name: (handler, ("too_large",))
    for name, handler in {
        "a length of 6 MiB": raw(OK + b"Content-Length: 6291456\r\n\r\n", stay=True),
        "a length of a thousand digits": raw(OK + b"Content-Length: " + b"9" * 1000 + b"\r\n\r\n", stay=True),
        "a body of 8 MiB": raw(OK + b"\r\n" + bytes(8 * MEBIBYTE)),
        "a body without end": flood(OK + b"\r\n", b"x" * 262_144),
        "chunks without end": flood(CHUNKED, b"40000\r\n" + b"x" * 262_144 + b"\r\n"),
        "tiny chunks without end": flood(CHUNKED, (b"20\r\n" + b"x" * 32 + b"\r\n") * 5_000),
        "one chunk without end": flood(CHUNKED + b"ffffffffffff\r\n", b"x" * 262_144),
        "the extension of a chunk without end": flood(CHUNKED + b"1;", b"x" * 262_144),
        "trailers without end": flood(CHUNKED + b"0\r\n", b"T: x\r\n" * 20_000),
        "headers without end": flood(OK, b"X-A: " + b"x" * 200 + b"\r\n"),
        "a header without end": flood(OK + b"X-A: ", b"x" * 65_536),
        "a status line without end": flood(b"HTTP/1.1 200 ", b"x" * 65_536),
        "a thousand headers": raw(OK + b"X-A: b\r\n" * 1_000 + b"\r\n"),
        "one header of 100 KB": raw(OK + b"X-A: " + b"x" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n"),
        "large early hints": flood(b"", b"HTTP/1.1 103 Hi\r\nX-A: " + b"x" * 5_000 + b"\r\n\r\n"),
        "a gzip bomb": whole(_deflated(200, 31), Content_Encoding="gzip"),
        "a gzip bomb within one": whole(gzip.compress(_deflated(2_000, 31)), Content_Encoding="gzip"),
        "a deflate bomb": whole(_deflated(200, 15), Content_Encoding="deflate"),
        "a bare deflate bomb": whole(_deflated(200, -15), Content_Encoding="deflate"),
        "a gzip bomb in many parts": whole(gzip.compress(bytes(MEBIBYTE)) * 60, Content_Encoding="gzip"),
    }.items()
}
for _name in ("the extension of a chunk without end", "a length of a thousand digits"):
    LARGE[_name] = (LARGE[_name][0], ("too_large", "network"))
LARGE["a gzip bomb within one"] = (LARGE["a gzip bomb within one"][0], ("", "too_large"))  # only one layer is undone
BROKEN: dict[str, tuple[Handler, tuple[str, ...]]] = {
    name: (handler, ("network",))
    for name, handler in {
        "nothing": raw(b""),
        "letters that drip": drip(b"", b"H"),
        "another protocol": raw(b"220 mail.example ESMTP\r\n"),
        "HTTP/2 at once": raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00"),
        "a status of letters": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
        "a status beyond its range": raw(b"HTTP/1.1 99999 OK\r\n\r\n"),
        "a version of the future": raw(b"HTTP/9.9 200 OK\r\n\r\n"),
        "another protocol that it switches to": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        "a length that is not kept": raw(OK + b"Content-Length: 10\r\n\r\nhello"),
        "a chunk that is not kept": raw(CHUNKED + b"5\r\nhe"),
        "chunks without the last": raw(CHUNKED + b"5\r\nhello\r\n"),
        "a chunk of a negative size": raw(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
        "a chunk of a size with a sign": raw(CHUNKED + b"+7\r\n" + ANSWER + b"\r\n0\r\n\r\n"),
        "a chunk of no size": raw(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"),
        "a chunk size with a prefix": raw(CHUNKED + b"0x7\r\n" + ANSWER + b"\r\n0\r\n\r\n"),
        "a chunk size with an underscore": raw(CHUNKED + b"0_7\r\n" + ANSWER + b"\r\n0\r\n\r\n"),
        "a blank before a chunk size": raw(CHUNKED + b" 7\r\n" + ANSWER + b"\r\n0\r\n\r\n"),
        "a last chunk with a sign": raw(CHUNKED + b"7\r\n" + ANSWER + b"\r\n-0\r\n\r\n"),
        "no line break behind a chunk": raw(CHUNKED + b"7\r\n" + ANSWER + b"xx0\r\n\r\n"),
        "a chunk longer than it says": raw(CHUNKED + b"2\r\nhello\r\n0\r\n\r\n"),
        "a length with a sign": raw(OK + b"Content-Length: +7\r\n\r\n" + ANSWER),
        "a length below nothing": raw(OK + b"Content-Length: -1\r\n\r\n" + ANSWER),
        "a length in words": raw(OK + b"Content-Length: seven\r\n\r\n" + ANSWER),
        "a length in other digits": raw(OK + "Content-Length: \u0667\r\n\r\n".encode() + ANSWER),
        "a length and chunks": raw(OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNK),
        "two lengths that differ": raw(OK + b"Content-Length: 7, 8\r\n\r\n" + ANSWER),
        "a blank before the colon of a length": raw(OK + b"Content-Length : 3\r\n\r\n" + ANSWER),
        "a length behind a line that is no header": raw(OK + b"nonsense\r\nContent-Length: 3\r\n\r\n" + ANSWER),
        "a way of sending that does not exist": raw(OK + b"Transfer-Encoding: xchunked\r\n\r\n7\r\n" + ANSWER),
        "chunks that are compressed as a whole": raw(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNK),
        "a mark before the status": raw(b"\xef\xbb\xbf" + OK + b"\r\n" + ANSWER),
        "the first HTTP, without headers": raw(ANSWER),
        "only an interim answer": raw(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "a reset at once": reset,
        "gzip that breaks off": whole(gzip.compress(b"hello" * 1000)[:-9], Content_Encoding="gzip"),
        "gzip that is damaged": whole(b"\x1f\x8b\x08 not really", Content_Encoding="gzip"),
        "gzip with a wrong sum": whole(gzip.compress(b"hello")[:-8] + b"\0" * 8, Content_Encoding="gzip"),
        "gzip of five thousand empty parts": whole(gzip.compress(b"") * 5_000, Content_Encoding="gzip"),
        "brotli, which was not asked for": whole(b"\xa1\x00", Content_Encoding="br"),
        "zstd, which was not asked for": whole(b"\x28\xb5\x2f\xfd", Content_Encoding="zstd"),
        "a chain of codings": whole(gzip.compress(b"x"), Content_Encoding="gzip, gzip"),
        "a redirect to nowhere": raw(b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"),
        "redirects without end": redirects,
    }.items()
}
BROKEN["a redirect to nowhere"] = (BROKEN["a redirect to nowhere"][0], ("network", "egress", "request"))
BROKEN["a status beyond its range"] = (BROKEN["a status beyond its range"][0], ("network", "http"))
BROKEN["a version of the future"] = (BROKEN["a version of the future"][0], ("network", ""))
STATUSES: dict[str, tuple[Handler, tuple[str, ...]]] = {
    f"status {status}": (raw(f"HTTP/1.1 {status} X\r\nContent-Length: 1\r\n\r\nx".encode()), ("http",))
    for status in (300, 304, 400, 401, 403, 404, 409, 413, 418, 429, 500, 503, 599, 999)
}
FAILURES = SLOW | LARGE | BROKEN | STATUSES
