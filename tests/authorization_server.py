"""A real OAuth 2.0 authorization server with an API behind it, on loopback with TLS: strict, rotating, scriptable.

It verifies client authentication, redirect URI, PKCE (S256), that a code counts once, and that a refresh token does:
a second use revokes the whole family, as the strict providers do it.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import trustme

from credentials import egress

CLIENT_ID, CLIENT_SECRET = "parley & co", "cl1ent-s3cret/ü+"
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Request:
    path: str
    query: dict[str, str]
    form: dict[str, str]
    authorization: str
    body: bytes
    port: int = 0  # at the other end


@dataclass
class Server:
    """`refreshes` and `fetches` count what was granted. `instead` answers token requests in the server's place."""

    url: str = ""
    lasts: int | None = 3600
    rotates: bool = True
    gives_refresh_tokens: bool = True
    instead: Callable[[Request], Reply | None] = lambda request: None
    api_status: int = 401
    api_text: str = "the token does not count"
    on_call: Callable[[Request], None] = lambda request: None
    refreshes: int = 0
    fetches: int = 0
    token_requests: list[Request] = field(default_factory=list)
    api_requests: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    live: dict[str, float] = field(default_factory=dict)  # access token -> its end
    refresh_tokens: dict[str, bool] = field(default_factory=dict)  # -> still unused
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _lock: Any = field(default_factory=threading.RLock)

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://")

    def settings(self, **more: str) -> dict[str, str]:
        """What an administrator enters for this server."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "token_url": f"{self.url}/token",
            "client_auth": "header",
        } | more

    def revoke(self) -> None:
        with self._lock:
            self.live.clear()

    def end_grant(self) -> None:
        with self._lock:
            self.live.clear()
            self.refresh_tokens.clear()

    def issue(self, *, refreshable: bool) -> dict[str, Any]:
        with self._lock:
            number = next(self._numbers)
            access, refresh = f"acc3ss-{number}-t0ken", f"r3fresh-{number}-t0ken"
            self.live[access] = time.time() + (self.lasts or 3600)
            answer: dict[str, Any] = {"access_token": access, "token_type": "bearer"}
            if self.lasts is not None:
                answer["expires_in"] = self.lasts
            if refreshable:
                self.refresh_tokens[refresh] = True
                answer["refresh_token"] = refresh
            return answer

    # What it answers

    def authorize(self, request: Request) -> Reply:
        given = request.query
        assert given["response_type"] == "code"
        assert given["code_challenge_method"] == "S256"
        assert given["client_id"] == CLIENT_ID
        code = f"c0de-{next(self._numbers)}"
        self.codes[code] = given
        back = {"code": code, "state": given["state"]}
        return 302, {"Location": f"{given['redirect_uri']}?{urlencode(back)}"}, b""

    def token(self, request: Request) -> Reply:
        self.token_requests.append(request)
        scripted = self.instead(request)
        if scripted:
            return scripted
        if not _authenticated(request):
            return _problem(401, "invalid_client", "Wrong client or secret")
        with self._lock:
            grant = request.form.get("grant_type", "")
            handler = {"authorization_code": self._code, "refresh_token": self._refresh}
            return handler.get(grant, self._client)(request.form)

    def _client(self, form: dict[str, str]) -> Reply:
        if form.get("grant_type") != "client_credentials":
            return _problem(400, "unsupported_grant_type", "")
        self.fetches += 1
        return _json(200, self.issue(refreshable=False))

    def _code(self, form: dict[str, str]) -> Reply:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return _problem(400, "invalid_grant", "Code, verifier or redirect URI do not match")
        return _json(200, self.issue(refreshable=self.gives_refresh_tokens))

    def _refresh(self, form: dict[str, str]) -> Reply:
        token = form.get("refresh_token", "")
        if not self.refresh_tokens.get(token):
            self.end_grant()
            return _problem(400, "invalid_grant", "Unknown or used refresh token")
        self.refreshes += 1
        if self.rotates:
            self.refresh_tokens[token] = False
        return _json(200, self.issue(refreshable=self.rotates))

    def api(self, request: Request) -> Reply:
        self.api_requests.append(request.authorization)
        self.on_call(request)
        token = request.authorization.removeprefix("Bearer ")
        if self.live.get(token, 0) < time.time():
            return self.api_status, {}, self.api_text.encode()
        return _json(200, {"ok": True})


def _authenticated(request: Request) -> bool:
    if request.authorization.startswith("Basic "):
        name, _, secret = base64.b64decode(request.authorization[6:]).decode().partition(":")
        return (unquote_plus(name), unquote_plus(secret)) == (CLIENT_ID, CLIENT_SECRET)
    return (request.form.get("client_id"), request.form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def _json(status: int, value: Any) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _problem(status: int, error: str, description: str) -> Reply:
    return _json(status, {"error": error, "error_description": description})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Server

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        request = Request(
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            form=dict(parse_qsl(body.decode("utf-8", "replace"))),
            authorization=self.headers.get("Authorization", ""),
            body=body,
            port=self.client_address[1],
        )
        pages = {"/authorize": self.served.authorize, "/token": self.served.token, "/refresh": self.served.token}
        status, headers, content = pages.get(parts.path, self.served.api)(request)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *args: Any) -> None:
        """Be silent."""


class _TlsServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    context: ssl.SSLContext

    def get_request(self) -> Any:
        sock, address = super().get_request()
        return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hung up is no error here."""


def answers(status: int, body: str | bytes, **headers: str) -> Callable[[Request], Reply | None]:
    """For `instead`: the same answer to every token request."""
    content = body.encode() if isinstance(body, str) else body
    return lambda request: (status, headers, content)


@contextmanager
def running(authority: trustme.CA) -> Iterator[Server]:
    """Serve on a free port while the block runs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    served = Server()
    server = _TlsServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"served": served}))
    server.context = context
    served.url = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def trusting_door(authority: trustme.CA) -> egress.Door:
    """Return a door out that trusts the test authority instead of the system's."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    ask = [(socket.AF_INET, ("127.0.0.1", 0))]
    return egress.Door(
        ask=lambda host, port: [(family, (address[0], port)) for family, address in ask], trust=lambda: context
    )
