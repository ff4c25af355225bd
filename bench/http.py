"""A keep-alive HTTP/1.1 client for one event loop, as small as it can be: its work counts against the measured cores.

Knows lengths and event streams; no redirects, no chunks but those of an event stream, no TLS.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit


class Unexpected(Exception):
    """The server answered with something else than what was asked for."""


class Connection(asyncio.Protocol):
    """One connection with one request at a time, or with one event stream."""

    def __init__(self) -> None:
        self._received = b""
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._stream: asyncio.Queue[dict[str, Any]] | None = None
        self.lost = False

    @classmethod
    async def open(cls, url: str) -> Connection:
        where = urlsplit(url)
        _, connection = await asyncio.get_running_loop().create_connection(cls, where.hostname, where.port)
        connection._host = where.netloc.encode()
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(Unexpected("The server closed the connection."))

    def close(self) -> None:
        self._transport.close()

    async def ask(
        self, method: str, path: str, *, token: str, body: dict[str, Any] | None = None, wait: int = 0
    ) -> tuple[int, Any]:
        """Send a request and return status and JSON of its answer."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._send(method, path, token, body, wait)
        status, content = await self._waiting
        return status, json.loads(content) if content else None

    async def follow(self, path: str, *, token: str) -> asyncio.Queue[dict[str, Any]]:
        """Open an event stream; its events, as {id, event, data}, come through the queue."""
        self._stream = asyncio.Queue()
        self._send("GET", path, token, None, 0)
        first = await self._stream.get()
        if first.get("status") != 200:
            raise Unexpected(f"The event stream answered {first}.")
        return self._stream

    def _send(self, method: str, path: str, token: str, body: dict[str, Any] | None, wait: int) -> None:
        if self.lost:
            raise Unexpected("The server closed the connection.")
        content = b"" if body is None else json.dumps(body).encode()
        prefer = b"Prefer: wait=%d\r\n" % wait if wait else b""
        self._transport.write(
            b"%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n%s\r\n%s"
            % (method.encode(), path.encode(), self._host, token.encode(), len(content), prefer, content)
        )

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._stream is None:
            self._take_answer()
            return
        for event in self._events():
            self._stream.put_nowait(event)

    def _take_answer(self) -> None:
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = _length(head)
        if len(rest) >= length and self._waiting is not None:
            self._received = rest[length:]
            self._waiting.set_result((int(head[9:12]), rest[:length]))

    def _events(self) -> Iterator[dict[str, Any]]:
        if self._received.startswith(b"HTTP/1.1 "):
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            self._received = rest
            yield {"status": int(head[9:12])}
        *blocks, self._received = self._received.split(b"\n\n")
        for block in blocks:
            lines = (line.partition(b": ") for line in block.replace(b"\r\n", b"\n").split(b"\n"))
            event = {name.decode(): value.decode() for name, _, value in lines if name in (b"id", b"event", b"data")}
            if "event" in event:
                yield event


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
