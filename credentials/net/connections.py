"""Connections that go to a checked address only, and the requests adapter that uses nothing else.

The check stands where the socket opens: a redirect, a changed name or a forgetful caller cannot walk around it.
"""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any, cast

import certifi
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from credentials import wire
from credentials.net import addresses, call, reading, resolving, urls

IDLE_SECONDS = 30.0  # most servers close idle connections after 60 s and more: ours must be the first to let go
LIFE_SECONDS = 300.0  # so that a changed name is noticed
SLICE_SECONDS = 0.2
HOSTS = 64  # of one adapter whose connections are kept
CONNECTIONS = (
    512  # to one host that are kept: as many as a worker may have threads, or each call above would connect anew
)


class _Checked:
    """Mixed into urllib3's connections: opens sockets by our rules and keeps to the call's deadline."""

    opened_at = 0.0
    used_at = 0.0
    peer = ""

    def _new_conn(self: Any) -> socket.socket:
        now = call.current.get()
        host, port = self.host, self.port
        candidates = _candidates(now, host, port)
        sock = _connect(now, host, port, candidates)
        self.peer = now.address
        self.opened_at = time.monotonic()
        now.doing = "agreeing on encryption"
        sock.settimeout(now.remaining())
        return sock

    def send(self: Any, data: Any) -> None:
        now = call.current.get()
        now.doing = "sending the request"
        if self.sock is None:
            self.connect()
            now.doing = "sending the request"
        self.sock.settimeout(now.remaining())
        now.sent_at = now.sent_at or time.monotonic()
        now.address = self.peer
        super().send(data)  # type: ignore[misc]
        now.doing = "waiting for the answer"

    @property
    def stale(self) -> bool:
        moment = time.monotonic()
        return moment - self.used_at > IDLE_SECONDS or moment - self.opened_at > LIFE_SECONDS


class _PlainConnection(_Checked, HTTPConnection):
    response_class = reading.BoundedResponse


class _TlsConnection(_Checked, HTTPSConnection):
    response_class = reading.BoundedResponse

    def connect(self) -> None:
        now = call.current.get()
        began = time.monotonic()
        super().connect()
        # An answer may end where the connection does: then it is whole only if the server said so under encryption.
        cast(Any, self.sock).suppress_ragged_eofs = False
        now.tls_seconds = time.monotonic() - began - (now.dns_seconds or 0.0) - (now.connect_seconds or 0.0)

    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except OSError as error:
            raise _alert(self.sock) or error from error


def _alert(sock: Any) -> ssl.SSLError | None:
    """Why the server hung up: under TLS 1.3 it refuses a certificate after the handshake, where only a read tells."""
    try:
        sock.settimeout(SLICE_SECONDS)
        sock.recv(1)
    except ssl.SSLError as error:
        return error if error.reason else None
    except (OSError, ValueError, AttributeError):
        return None
    return None


def _candidates(now: call.Call, host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    now.doing = f"looking up {host}"
    began = time.monotonic()
    early = addresses.refusal_before_lookup(now.policy, host=host, port=port)
    if early:
        raise wire.CallError("egress", early)
    literal = addresses.as_address(host)
    if literal is not None:
        family = socket.AF_INET6 if literal.version == 6 else socket.AF_INET
        found = [(int(family), (host, port))]
    else:
        found = resolving.resolve(host, port, ask=now.ask, remaining=now.remaining)
        now.dns_seconds = time.monotonic() - began
    parsed = [ipaddress.ip_address(address[0]) for _, address in found]
    refused = addresses.refusal(now.policy, host=host, port=port, addresses=parsed)
    if refused:
        raise wire.CallError("egress", refused)
    return found


def _connect(now: call.Call, host: str, port: int, candidates: list[tuple[int, tuple[str, int]]]) -> socket.socket:
    """Try the checked addresses in order, each with its share of the time; the last fault is the one told."""
    now.doing = f"connecting to {host}"
    began = time.monotonic()
    fault = ""
    for position, (family, address) in enumerate(candidates):
        now.address = address[0]
        until = time.monotonic() + now.remaining() / (len(candidates) - position)
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            fault = _attempt(sock, address, now, until)
        except BaseException:
            sock.close()
            raise
        if not fault:
            now.connect_seconds = time.monotonic() - began
            return sock
        sock.close()
    raise wire.CallError("network", fault.format(where=f"{host} port {port}"))


def _attempt(sock: socket.socket, address: tuple[str, int], now: call.Call, until: float) -> str:
    """Connect, waiting in slices so that a cancelled call lets go; return "" or the sentence of the fault."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setblocking(False)
    code = sock.connect_ex(address)
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    while code == errno.EINPROGRESS:
        left = min(until - time.monotonic(), now.remaining(), SLICE_SECONDS)
        if left <= 0:
            return "{where} does not answer. Check the host, the port and the firewall between."
        if poller.poll(left * 1000):
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code == 0:
        return ""
    if code == errno.ECONNREFUSED:
        return "{where} refused the connection. Check that the service runs and that the port is right."
    return "{where} cannot be reached from here. Check the host and the network of this machine."


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _fresh(super()._get_conn(timeout))

    def _put_conn(self, conn: Any) -> None:
        _stamp(conn)
        super()._put_conn(conn)


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _fresh(super()._get_conn(timeout))

    def _put_conn(self, conn: Any) -> None:
        _stamp(conn)
        super()._put_conn(conn)


def _fresh(conn: Any) -> Any:
    if not conn.is_closed and conn.stale:
        conn.close()
    return conn


def _stamp(conn: Any) -> None:
    if conn is not None:
        conn.used_at = time.monotonic()


class Adapter(HTTPAdapter):
    """A requests adapter with pools of checked connections, for one pool name and one policy.

    Asked itself, not through a session, it knows no environment, proxies, .netrc, cookies, hooks or redirects.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=HOSTS, pool_maxsize=CONNECTIONS)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def open(
        self,
        target: urls.Target,
        *,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
    ) -> urllib3.HTTPResponse:
        """Send a request and return once the headers are there; the caller reads the body.

        What the library's `send` does, without its objects for request and answer and the URL taken apart five times:
        a quarter of a call.
        """
        host = f"[{target.host}]" if ":" in target.host else target.host
        pool: HTTPConnectionPool = self.poolmanager.connection_from_host(host, target.port, target.scheme)
        answer = pool.urlopen(
            method,
            f"/{path.lstrip('/')}" if path.startswith("//") else path,
            body=body,
            headers=headers,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            retries=self.max_retries,
            timeout=seconds,
        )
        return cast(urllib3.HTTPResponse, answer)


def system_trust() -> ssl.SSLContext:
    """Return the context that verifies servers against the system's certificates, else certifi's."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath:
        context.load_verify_locations(certifi.where())
    return context
