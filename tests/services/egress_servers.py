"""Real servers on loopback that misbehave on purpose, for the tests of the door out."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

Handler = Callable[["Exchange"], None]


class Exchange:
    """One connection that a test's handler answers by hand."""

    def __init__(self, server: RawServer, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self._buffer = b""

    def read_request(self) -> bytes:
        """Return the next request, head and body; empty when the client is gone."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._more():
                return b""
        head, _, rest = self._buffer.partition(b"\r\n\r\n")
        length = next((int(v) for k, v in _rows(head) if k == "content-length"), 0)
        while len(rest) < length:
            more = self.sock.recv(65_536)
            if not more:
                break
            rest += more
        self._buffer = rest[length:]
        self.server.requests.append(head + b"\r\n\r\n" + rest[:length])
        return self.server.requests[-1]

    def _more(self) -> bool:
        try:
            data = self.sock.recv(65_536)
        except OSError:
            return False
        self._buffer += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes = b"ok", status: str = "200 OK", **headers: str) -> None:
        rows = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in rows.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body)

    def until_gone(self) -> None:
        """Wait for the client to close the connection."""
        with contextlib.suppress(OSError):
            while self.sock.recv(4096):
                pass


class RawServer:
    """Accepts connections and gives each to the handler, again and again while the client sends requests."""

    def __init__(
        self,
        handler: Handler,
        *,
        context: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        speaks_first: bool = False,
    ) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.gone = threading.Event()
        self._handler = handler
        self._speaks_first = speaks_first
        self._context = context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, dualstack_ipv6=host == "::")
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            exchange = Exchange(self, sock)
            if self._speaks_first:
                self._handler(exchange)
            while exchange.read_request():
                self._handler(exchange)
        sock.close()
        self.gone.set()

    def close(self) -> None:
        self._listener.close()


def _rows(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()
