"""The one door out: every call to another host goes through `send`. Refuses to know integrations, bots and SQL."""

from __future__ import annotations

import re
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from credentials import masking, wire
from credentials.net import call, connections, faults, reading, redirects, resolving, urls

POOLS = 512  # pairs of pool name and policy whose connections are kept
REDIRECT_BODY = 64 * 1024
EXPECT_BODY = frozenset({"POST", "PUT", "PATCH"})  # a request without one says so (RFC 9110, 8.6)

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def send(
    request: wire.Outgoing, policy: wire.Policy, signer: wire.Signer | None, options: wire.SendOptions
) -> wire.Incoming:
    """Make the call and read its answer under the limits; raises wire.CallError."""
    return _door.send(request, policy, signer, options)


class Door:
    """Keeps connections: only calls with the same credential and the same policy share them."""

    def __init__(
        self,
        *,
        ask: resolving.Lookup = resolving.lookup,
        trust: Callable[[], ssl.SSLContext] = connections.system_trust,
    ) -> None:
        self.ask = ask
        self._trust = trust
        self._context: ssl.SSLContext | None = None
        self._pools: OrderedDict[tuple[str, wire.Policy], connections.Pools] = OrderedDict()
        self._lock = threading.Lock()

    def send(
        self, request: wire.Outgoing, policy: wire.Policy, signer: wire.Signer | None, options: wire.SendOptions
    ) -> wire.Incoming:
        """Make the call and read its answer under the limits; raises wire.CallError."""
        journey = _Journey(self, policy, signer, options)
        secrets = journey.secrets
        try:
            with masking.KeptOutOfLogs(secrets):
                answer = journey.run(request)
        except wire.CallError as error:
            sent = masking.request(journey.sent, secrets) if journey.sent else None
            message = masking.text(error.message, secrets)
            # from None: the library's own error, which a traceback would show, may hold the whole request.
            raise wire.CallError(
                error.kind, message, permanent=error.permanent, hops=tuple(journey.hops), sent=sent
            ) from None
        return wire.Incoming(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            hops=tuple(journey.hops),
            sent=masking.request(journey.sent or request, secrets),
        )

    def pools(self, signer: wire.Signer | None, policy: wire.Policy) -> connections.Pools:
        """Return the connections of a signer's pool; forgotten ones close when their last call ends."""
        key = (signer.pool if signer else "", policy)
        with self._lock:
            pools = self._pools.get(key)
        # Outside the lock: opening a key store takes its time.
        own = signer.context() if pools is None and isinstance(signer, wire.Certified) else None
        with self._lock:
            pools = self._pools.get(key)
            if pools is None:
                self._context = self._context or self._trust()
                pools = self._pools[key] = connections.Pools(own or self._context)
                while len(self._pools) > POOLS:
                    self._pools.popitem(last=False)
            self._pools.move_to_end(key)
            return pools


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class _Journey:
    """One call from its first hop to its last; `hops` and `sent` tell how far it came when an error ends it."""

    def __init__(self, door: Door, policy: wire.Policy, signer: wire.Signer | None, options: wire.SendOptions) -> None:
        self._door = door
        self._policy = policy
        self._signer = signer
        self._options = options
        self.secrets = masking.prepared(signer.secrets if signer else ())
        self._was_secure = False
        self.hops: list[wire.Hop] = []
        self.sent: wire.Outgoing | None = None

    def run(self, request: wire.Outgoing) -> _Answer:
        while True:
            target = urls.parse(request.url)
            signer = self._signer_for(target)
            self.sent = _applied(request, target, signer)
            answer, to = self._hop(self.sent, target, signer)
            if to is None:
                return answer
            if len(self.hops) > self._options.limits.redirects:
                limit = self._options.limits.redirects
                raise wire.CallError("network", f"{target.host} redirected more than {limit} times. Check the URL.")
            self._was_secure = self._was_secure or target.scheme == "https"
            request = redirects.follow(request, status=answer.status, to=to)

    def _signer_for(self, target: urls.Target) -> wire.Signer | None:
        """The credential goes where it names the host, and never from an encrypted hop to an open one."""
        if self._signer is None:
            return None
        named = _names(self._signer.hosts, target)
        if not named and not self.hops:
            raise wire.CallError(
                "credential",
                f"The credential may not be sent to {target.authority}. "
                "Ask an administrator to add this host to the credential.",
            )
        return self._signer if named and not (self._was_secure and target.scheme == "http") else None

    def _hop(
        self, request: wire.Outgoing, target: urls.Target, signer: wire.Signer | None
    ) -> tuple[_Answer, str | None]:
        now = call.Call(target.host, self._policy, self._options, self._door.ask)
        status, to, kept = 0, None, False
        pool = self._door.pools(signer, self._policy).to(target)
        connection = pool.take()
        try:
            answer = reading.Answer(connection.ask(now, _head(request, target), request.body), now, request.method)
            answer.read_headers()
            status, headers = answer.status, tuple(answer.headers)
            to = redirects.location(status, headers) if self._options.follow_redirects else None
            content, kept = self._content(answer, redirected=to is not None), answer.kept
            return _Answer(status, headers, content), to
        except faults.ANTICIPATED as error:
            raise faults.translate(error, now) from error
        finally:
            pool.give_back(connection, kept=kept)
            self.hops.append(self._record(now, request, status, to))

    def _content(self, answer: reading.Answer, *, redirected: bool) -> bytes:
        if not redirected:
            return answer.read_content(self._options.limits.body_bytes)
        try:
            return answer.read_content(REDIRECT_BODY)
        except wire.CallError as error:
            if error.kind == "timeout":
                raise
            return b""

    def _record(self, now: call.Call, request: wire.Outgoing, status: int, to: str | None) -> wire.Hop:
        return now.hop(
            method=request.method,
            url=masking.url(request.url, self.secrets),
            status=status,
            redirected_to=masking.url(to, self.secrets) if to else "",
        )


def _names(hosts: tuple[str, ...], target: urls.Target) -> bool:
    """Whether a list of `host` (ports 80 and 443) and `host:port` names the target."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    if f"{host}:{target.port}" in hosts:
        return True
    return target.port in (80, 443) and (host in hosts or target.host in hosts)


def _applied(request: wire.Outgoing, target: urls.Target, signer: wire.Signer | None) -> wire.Outgoing:
    """Return the request exactly as it goes out: one spelling of the URL, our own framing headers, the credential."""
    url = target.url
    plain = wire.Outgoing(request.method, url, request.headers, request.body)
    signed = signer.sign(plain) if signer else plain
    if signed.url != url:
        final = urls.parse(signed.url)
        if final.origin != target.origin:
            raise wire.CallError("credential", "The credential changed the host of the request. Nothing was sent.")
        url = final.url
    if not _NAME.fullmatch(signed.method):
        raise wire.CallError("request", "The request was not sent: its method is not one word of letters.")
    headers = _headers(signed.headers)
    if signed.body is not None:
        headers.append(("Content-Length", str(len(signed.body))))
    elif signed.method in EXPECT_BODY:
        headers.append(("Content-Length", "0"))
    headers.append(("Accept-Encoding", "gzip, deflate"))
    return wire.Outgoing(signed.method, url, tuple(headers), signed.body)


def _headers(rows: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    kept, names = [], set()
    for name, value in rows:
        if not _NAME.fullmatch(name):
            raise wire.CallError("request", "The request was not sent: one of its headers has an invalid name.")
        if _UNSAFE.search(value):
            raise wire.CallError("request", f"The request was not sent: header {name} holds a control character.")
        lowered = name.lower()
        if lowered not in wire.CONNECTION_HEADERS:
            kept.append((name, value))
            names.add(lowered)
    if "user-agent" not in names:
        kept.append(("User-Agent", "Parley"))
    return kept


def _head(request: wire.Outgoing, target: urls.Target) -> bytes:
    """Return the request up to its body as it leaves, header values in UTF-8."""
    path = request.url.removeprefix(target.root)  # the signer may have changed it, not the origin
    lines = [f"{request.method} {path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value.strip()}" for name, value in request.headers]
    return "\r\n".join([*lines, "", ""]).encode()


_door = Door()
