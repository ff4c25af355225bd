"""Reads answers under limits: of time, of header bytes, of body bytes before and after decompression."""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
import zlib
from typing import Any

import urllib3

from credentials import wire
from credentials.net import call

CHUNK = 65_536
MEMBERS = 64  # gzip parts in a row; a million empty ones would cost minutes
_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_FRAMING = re.compile(r"^(?:content-length|transfer-encoding|content-encoding)\s*:", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile("[0-9]+")


class _BoundedReader(io.RawIOBase):
    """The bytes of one answer. Each read asks the deadline; an answer cannot stretch it by dripping."""

    def __init__(self, sock: socket.socket, owner: io.RawIOBase, now: call.Call) -> None:
        super().__init__()
        self._sock = sock
        self._owner = owner
        self._now = now
        self._left = now.options.limits.header_bytes
        self.in_headers = True
        self._received = False

    def readable(self) -> bool:
        return True

    def body_begins(self) -> None:
        limits = self._now.options.limits
        self.in_headers = False
        self._left = 2 * limits.body_bytes + limits.header_bytes  # room for chunk marks, none for endless ones
        self._now.doing = "reading the answer"

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise self._too_large()
        count = self._receive(buffer)
        if count and not self._received:
            self._received = True
            self._now.first_byte_at = time.monotonic()
        if not count and self._received and self.in_headers:
            raise wire.CallError("network", f"{self._now.host} closed the connection in the middle of its answer.")
        self._left -= count
        return count

    def _receive(self, buffer: Any) -> int:
        while True:
            self._sock.settimeout(self._now.wait())
            try:
                return self._sock.recv_into(buffer)
            except TimeoutError:
                continue
            except ssl.SSLEOFError:  # cut below the encryption
                if not self._received:
                    raise
                raise wire.CallError("network", f"The answer of {self._now.host} breaks off before its end.") from None

    def _too_large(self) -> wire.CallError:
        if self.in_headers:
            return headers_too_large(self._now)
        return body_too_large(self._now.host, self._now.options.limits.body_bytes)

    def close(self) -> None:
        self._owner.close()
        super().close()


class BoundedResponse(http.client.HTTPResponse):
    """http.client's response, reading through the bounds of the current call."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._bounded = _BoundedReader(sock, self.fp.detach(), call.current.get())
        self.fp = io.BufferedReader(self._bounded, 16_384)

    def begin(self) -> None:
        super().begin()
        _check_framing(self.headers)
        self._bounded.body_begins()

    def _read_status(self) -> tuple[str, int, str]:
        """Skip every interim answer; http.client takes 103 for the final one and the next request reads the rest."""
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200:
                return version, status, reason
            if status == 101:
                raise http.client.BadStatusLine("101")
            http.client.parse_headers(self.fp)


def _check_framing(headers: http.client.HTTPMessage) -> None:
    """Where an answer ends must be told in one way that every reader takes alike; raises http.client.HTTPException."""
    codings = {coding.lower() for coding in _listed(headers, "transfer-encoding")}
    lengths = set(_listed(headers, "content-length"))
    if codings - {"identity", "chunked"} or len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise http.client.HTTPException("a length that cannot be read")
    if _FRAMING.search(str(headers.get_payload() or "")):  # the library stops at the first line that is no header
        raise http.client.HTTPException("a length behind a broken line")


def _listed(headers: http.client.HTTPMessage, name: str) -> list[str]:
    return [part.strip() for row in headers.get_all(name, ()) for part in row.split(",")]


def headers_too_large(now: call.Call) -> wire.CallError:
    return wire.CallError(
        "too_large", f"The answer of {now.host} has more than {size(now.options.limits.header_bytes)} of headers."
    )


def body_too_large(host: str, limit: int) -> wire.CallError:
    return wire.CallError(
        "too_large", f"The answer of {host} is larger than {size(limit)}. Ask the API for less at once."
    )


def size(count: int) -> str:
    return f"{count // 1_048_576} MiB" if count >= 1_048_576 else f"{count // 1024} KiB"


def body(response: urllib3.HTTPResponse, *, host: str, limit: int) -> bytes:
    """Return the whole decompressed body; raises CallError when it is too large or breaks off."""
    if (response.length_remaining or 0) > limit:
        response.close()
        raise body_too_large(host, limit)
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return _collect(response, host, limit)
    if coding not in _WINDOW:
        response.close()
        raise wire.CallError("network", f"{host} answered in an encoding that was not asked for: {coding[:40]!r}.")
    return _decompress(_collect(response, host, limit), coding, host, limit)


def _collect(response: urllib3.HTTPResponse, host: str, limit: int) -> bytes:
    parts, total = [], 0
    for part in response.stream(CHUNK, decode_content=False):
        total += len(part)
        if total > limit:
            response.close()
            raise body_too_large(host, limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


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
