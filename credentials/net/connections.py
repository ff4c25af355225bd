"""Connections that go to a checked address only, and what keeps them for the next call.

The check stands where the socket opens: a redirect, a changed name or a forgetful caller cannot walk around it.
urllib3 connects and agrees on encryption; what is said over a connection is egress's and reading's.
"""

from __future__ import annotations

import errno
import ipaddress
import select
import socket
import ssl
import threading
import time
from collections import deque
from typing import Any, cast

import cachetools
import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection

from credentials import wire
from credentials.net import addresses, call, resolving, urls

IDLE_SECONDS = 30.0  # most servers close idle connections after 60 s and more: ours must be the first to let go
LIFE_SECONDS = 300.0  # so that a changed name is noticed
SLICE_SECONDS = 0.2
HOSTS = 64  # of one credential and policy whose connections are kept
CONNECTIONS = 512  # to one host that are kept: as many as a worker may have threads, or each above would connect anew
TOGETHER = 65_536  # bytes; a body of at most this goes out with its headers


class _Checked:
    """Mixed into urllib3's connections: opens sockets by our rules and keeps to the call's deadline."""

    now: call.Call  # the call that uses the connection
    opened_at = 0.0
    used_at = 0.0
    peer = ""

    def _new_conn(self: Any) -> socket.socket:
        now = self.now
        sock = _connect(now, self.host, self.port, _candidates(now, self.host, self.port))
        self.peer = now.address
        self.opened_at = time.monotonic()
        now.doing = "agreeing on encryption"
        sock.settimeout(now.remaining())
        return sock

    def ask(self: Any, now: call.Call, head: bytes, body: bytes | None) -> socket.socket:
        """Send a request, connecting first where that is needed; returns the socket that the answer comes from."""
        self.now = now
        if self.sock is None:
            self.connect()
        now.doing = "sending the request"
        self.sock.settimeout(now.remaining())
        now.sent_at = time.monotonic()
        now.address = self.peer
        try:
            if body is None or len(body) <= TOGETHER:
                self.sock.sendall(head + (body or b""))
            else:
                self.sock.sendall(head)
                self.sock.sendall(body)
        except OSError as error:
            self._not_sent(error)
        now.doing = "waiting for the answer"
        return cast(socket.socket, self.sock)

    def _not_sent(self, error: OSError) -> None:
        """A server that does not want the whole of a request may have answered before it hung up."""
        if not isinstance(error, (BrokenPipeError, ConnectionResetError)):
            raise error

    @property
    def usable(self: Any) -> bool:
        """Whether it is young, was used lately and the server has neither closed it nor said anything unasked."""
        moment = time.monotonic()
        fresh = moment - self.used_at <= IDLE_SECONDS and moment - self.opened_at <= LIFE_SECONDS
        return fresh and bool(self.is_connected)


class _PlainConnection(_Checked, HTTPConnection):
    """Plain HTTP."""


class _TlsConnection(_Checked, HTTPSConnection):
    def connect(self) -> None:
        now = self.now
        began = time.monotonic()
        super().connect()
        # An answer may end where the connection does: then it is whole only if the server said so under encryption.
        cast(Any, self.sock).suppress_ragged_eofs = False
        now.tls_seconds = time.monotonic() - began - (now.dns_seconds or 0.0) - (now.connect_seconds or 0.0)

    def _not_sent(self, error: OSError) -> None:
        if alert := _alert(self.sock):
            raise alert from error
        super()._not_sent(error)


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


Connection = _PlainConnection | _TlsConnection


class Pool:
    """The connections to one origin that nobody uses."""

    def __init__(self, target: urls.Target, context: ssl.SSLContext) -> None:
        self._target, self._context = target, context
        self._idle: deque[Connection] = deque()

    def take(self) -> Connection:
        """Return a connection that was used before, or one that is still to be connected."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if connection.usable:
                return connection
            connection.close()
        target = self._target
        if target.scheme == "http":
            return _PlainConnection(target.host, target.port)
        return _TlsConnection(target.host, target.port, ssl_context=self._context)

    def give_back(self, connection: Connection, *, kept: bool) -> None:
        """Keep a connection for the next call, or close it."""
        if not kept or len(self._idle) >= CONNECTIONS:
            connection.close()
            return
        connection.used_at = time.monotonic()
        self._idle.append(connection)

    def __del__(self) -> None:
        """Whoever still uses one of its connections holds the pool, so nothing is cut short."""
        for connection in self._idle:
            connection.close()


class Pools:
    """The pools of one pool name and one policy, by origin; what is not asked for any more is forgotten."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._kept: cachetools.LRUCache[tuple[str, str, int], Pool] = cachetools.LRUCache(HOSTS)

    def to(self, target: urls.Target) -> Pool:
        with self._lock:
            pool = self._kept.get(target.origin)
            if pool is None:
                pool = self._kept[target.origin] = Pool(target, self._context)
            return pool


def system_trust() -> ssl.SSLContext:
    """Return the context that verifies servers against the system's certificates, else certifi's."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not paths.capath:
        context.load_verify_locations(certifi.where())
    return context
