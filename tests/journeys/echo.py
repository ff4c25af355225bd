"""An API on loopback with TLS that gives away what it was sent, in every way that an answer has."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

BODY = "Zq7-response-body-canary"


@dataclass
class Echo:
    """`received` is each request as it came, with what it holds in base64 opened; `clients` the certificates shown."""

    url: str = ""
    received: list[str] = field(default_factory=list)
    clients: list[Any] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    echo: Echo

    def _answer(self) -> None:
        length = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        self.echo.received.append(f"{self.path}\n{head}\n{length!r}")
        if isinstance(self.connection, ssl.SSLSocket):
            self.echo.clients.append(self.connection.getpeercert())
        kind = self.path.partition("?")[0].rsplit("/", 1)[1]
        if kind == "cut":
            self.close_connection = True
            return
        statuses = {"refused": 401, "broken": 500, "away": 302}
        said = {"canary": BODY, "head": head, "path": self.path}
        if kind != "broken":
            said |= {"again": base64.b64encode(head.encode()).decode(), "hex": head.encode().hex()}
        content = json.dumps(said).encode()
        authorization = self.headers.get("Authorization", "")
        self.send_response(statuses.get(kind, 200))
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Echo", authorization or self.path)
        self.send_header("WWW-Authenticate", f'Bearer realm="{authorization}"')
        if kind == "away":
            self.send_header("Location", f"https://elsewhere.test{self.path}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Be silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext

    def get_request(self) -> Any:
        sock, address = super().get_request()
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no error here."""


@contextmanager
def running(authority: trustme.CA) -> Iterator[Echo]:
    """Serve on a free port while the block runs; takes clients with a certificate of the authority, or without any."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    echo = Echo()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"echo": echo}))
    server.context = context
    echo.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield echo
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
