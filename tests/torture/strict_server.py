"""A strict HTTP server for one request at a time, on h11: what it cannot read as exactly one request, it reports."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import h11


@dataclass(frozen=True)
class Seen:
    """One request as a strict reader sees it, or why it is none."""

    method: str = ""
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fault: str = ""

    def shape(self) -> dict[str, Any]:
        """What no value may change: names, depth and kinds, without the values themselves."""
        path, mark, query = self.target.partition("?")
        names = [name for name, _ in self.headers]
        kind = dict(self.headers).get("content-type", "")
        return {
            "fault": self.fault,
            "method": self.method,
            "depth": path.count("/"),
            "parameters": _names(query) if mark else None,
            "fragment": "#" in self.target,
            "headers": names,
            "body": self._body_shape(kind),
        }

    def _body_shape(self, kind: str) -> Any:
        if "json" in kind and self.body:
            return _outline(json.loads(self.body))
        if "urlencoded" in kind:
            return _names(self.body.decode("ascii"))
        return None


def _names(form: str) -> list[str]:
    return [name for name, _ in parse_qsl(form, keep_blank_values=True, strict_parsing=True)] if form else []


def _outline(value: Any) -> Any:
    """The document with every text, number and truth value taken out."""
    if isinstance(value, dict):
        return {key: _outline(item) for key, item in value.items()}
    return [_outline(item) for item in value] if isinstance(value, list) else type(value).__name__


@dataclass
class StrictServer:
    port: int = 0
    seen: list[Seen] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock:
                sock.settimeout(5)
                seen = _read(sock)
                self.seen.append(seen)  # before the answer: whoever has that may look
                if not seen.fault:
                    with contextlib.suppress(OSError):
                        sock.sendall(ANSWER)


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def _read(sock: socket.socket) -> Seen:
    """Read one request; more bytes than one request are a fault."""
    connection, body = h11.Connection(h11.SERVER), b""
    request: h11.Request | None = None
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(sock.recv(65_536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return Seen(fault=f"the client ended with {event}")
        rest, _ = connection.trailing_data
    except (h11.ProtocolError, OSError) as error:
        return Seen(fault=f"{type(error).__name__}: {error}")
    assert request
    headers = tuple((name.decode("ascii"), value.decode("utf-8", "replace")) for name, value in request.headers)
    fault = f"bytes behind the request: {rest!r}" if rest else ""
    return Seen(request.method.decode("ascii"), request.target.decode("ascii"), headers, body, fault)


@contextmanager
def running() -> Iterator[StrictServer]:
    """Serve on a free loopback port while the block runs."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = StrictServer(listener.getsockname()[1])
    threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
    yield server
    listener.close()
