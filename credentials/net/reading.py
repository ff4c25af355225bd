"""Reads answers under limits: of time, of header bytes, of body bytes before and after decompression.

llhttp (httptools) tells where an answer begins and ends; how long and how much is read is decided here.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from typing import Any

import httptools

from credentials import wire
from credentials.net import call

CHUNK = 65_536
MOST_HEADERS = 256
MEMBERS = 64  # gzip parts in a row; a million empty ones would cost minutes
_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_PLAIN = {"", "identity"}


class Answer:
    """The answer to one request, as far as it has come. httptools calls the methods whose names begin with `on_`.

    kept: the answer is whole, nothing stands behind it, and the server leaves the connection open.
    """

    def __init__(self, sock: socket.socket, now: call.Call, method: str) -> None:
        self._sock, self._now, self._bodiless = sock, now, method == "HEAD"
        self._parser: Any = httptools.HttpResponseParser(self)
        # What old servers do and no two readers take differently: folded headers, lines without a carriage return.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.kept = False
        self._content = bytearray()
        self._limit = CHUNK  # of the content; the caller tells another once the headers are there
        self._received, self._most = 0, now.options.limits.header_bytes  # bytes on the wire
        self._in_headers, self._ends_with_connection, self._whole = True, False, False

    def read_headers(self) -> None:
        """Return once status and headers are there; raises CallError, or what llhttp or the socket raises."""
        while self._in_headers:
            self._read()

    def read_content(self, limit: int) -> bytes:
        """Return the whole body without its compression; raises CallError, or what llhttp or the socket raises."""
        host = self._now.host
        self._now.doing = "reading the answer"
        self._limit = limit
        self._most = self._received + 2 * limit + self._now.options.limits.header_bytes  # room for the marks of chunks
        coding = self._header("content-encoding").lower()
        if self._announced() > limit or len(self._content) > limit:
            raise body_too_large(host, limit)
        while not self._whole:
            self._read()
        self._parser = None  # it and this hold each other
        if coding in _PLAIN:
            return bytes(self._content)
        if coding not in _WINDOW:
            raise wire.CallError("network", f"{host} answered in an encoding that was not asked for: {coding[:40]!r}.")
        return _decompress(bytes(self._content), coding, host, limit)

    def _read(self) -> None:
        """Take what came next. Each read asks the deadline; an answer cannot stretch it by dripping."""
        if self._received > self._most:
            raise self._too_large()
        data = self._receive()
        if not data:
            self._ended()
            return
        if not self._received:
            self._now.first_byte_at = time.monotonic()
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self._whole:
                raise
            self.kept = False  # what stands behind the answer is no answer

    def _receive(self) -> bytes:
        while True:
            self._sock.settimeout(self._now.wait())
            try:
                return self._sock.recv(min(CHUNK, self._most + 1 - self._received))
            except TimeoutError:
                continue
            except ssl.SSLEOFError:  # cut below the encryption
                if not self._received:
                    raise
                raise _breaks_off(self._now.host) from None

    def _ended(self) -> None:
        """The connection has ended: so has an answer that tells no other end."""
        if not self._received:
            raise ConnectionResetError
        if self._in_headers:
            raise wire.CallError("network", f"{self._now.host} closed the connection in the middle of its answer.")
        if not self._ends_with_connection:
            raise _breaks_off(self._now.host)
        self._whole = True

    def on_message_begin(self) -> None:
        if self._whole:
            self.kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_headers:  # a trailer
            return
        if name[-1:] in (b" ", b"\t"):
            raise not_http(self._now.host)  # not every reader would take it for that header
        self.headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))
        if len(self.headers) > MOST_HEADERS:
            raise wire.CallError("too_large", f"The answer of {self._now.host} has more than {MOST_HEADERS} headers.")

    def on_headers_complete(self) -> None:
        if not self._in_headers:  # of what stands behind the answer
            return
        self.status = self._parser.get_status_code()
        if self.status == 101:
            raise not_http(self._now.host)
        if 100 <= self.status < 200:  # an interim answer: the final one follows
            self.headers.clear()
            return
        codings = {coding.strip().lower() for coding in self._header("transfer-encoding").split(",")}
        if codings - {"", "identity", "chunked"}:
            raise not_http(self._now.host)
        self._in_headers = False
        self._ends_with_connection = "chunked" not in codings and not self._header("content-length")
        if self._bodiless:
            self._whole, self.kept = True, self._parser.should_keep_alive()

    def on_body(self, data: bytes) -> None:
        if self._whole:
            self.kept = False
            return
        self._content += data
        if len(self._content) > self._limit:
            raise body_too_large(self._now.host, self._limit)

    def on_message_complete(self) -> None:
        if not self._in_headers and not self._whole:
            self._whole, self.kept = True, self._parser.should_keep_alive()

    def _header(self, name: str) -> str:
        """Return a header's value, those of its repetitions behind it."""
        return ",".join([value for key, value in self.headers if key.lower() == name])

    def _announced(self) -> int:
        return 0 if self._whole else int(self._header("content-length") or 0)

    def _too_large(self) -> wire.CallError:
        if not self._in_headers:
            return body_too_large(self._now.host, self._limit)
        most = size(self._now.options.limits.header_bytes)
        return wire.CallError("too_large", f"The answer of {self._now.host} has more than {most} of headers.")


def not_http(host: str) -> wire.CallError:
    return wire.CallError("network", f"The answer of {host} could not be understood: it is not valid HTTP.")


def _breaks_off(host: str) -> wire.CallError:
    return wire.CallError("network", f"The answer of {host} breaks off before its end.")


def body_too_large(host: str, limit: int) -> wire.CallError:
    return wire.CallError(
        "too_large", f"The answer of {host} is larger than {size(limit)}. Ask the API for less at once."
    )


def size(count: int) -> str:
    return f"{count // 1_048_576} MiB" if count >= 1_048_576 else f"{count // 1024} KiB"


def _decompress(data: bytes, coding: str, host: str, limit: int) -> bytes:
    if not data:
        return b""
    parts, total = [], 0
    window = _WINDOW[coding]
    if coding == "deflate" and data[:1] and data[0] & 0x0F != 8:
        window = -15  # raw deflate, as some servers send it
    for _ in range(MEMBERS):
        decoder = zlib.decompressobj(window)
        try:
            part = decoder.decompress(data, limit - total + 1)
        except zlib.error as error:
            raise wire.CallError("network", f"The compressed answer of {host} is damaged.") from error
        total += len(part)
        if total > limit:
            raise body_too_large(host, limit)
        if not decoder.eof:
            raise wire.CallError("network", f"The compressed answer of {host} breaks off before its end.")
        parts.append(part)
        data = decoder.unused_data.lstrip(b"\0") if coding != "deflate" else b""
        if not data:
            return b"".join(parts)
    raise wire.CallError("network", f"The compressed answer of {host} is damaged.")
