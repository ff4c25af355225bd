"""What crosses the one door out (credentials.egress): requests, signers, policies, responses, refusals. Plain data."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

MASK = "••••"
# The connection's own business; a value of ours would at best be wrong and at worst hide a second request.
CONNECTION_HEADERS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"}
    | {"accept-encoding", "proxy-connection", "proxy-authorization"}
)
ErrorKind = Literal["request", "egress", "credential", "network", "timeout", "too_large"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request with an absolute http(s) URL; headers in order, names may repeat."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Signer(Protocol):
    """Authenticates requests with one stored credential; made by credentials.services.use.

    pool: connections are shared only between requests with the same pool name. hosts: where the credential may go,
    each `host` or `host:port`, lower case; empty refuses all. secrets: texts that must be masked wherever they appear.
    """

    @property
    def pool(self) -> str: ...

    @property
    def hosts(self) -> tuple[str, ...]: ...

    @property
    def secrets(self) -> tuple[str, ...]: ...

    def sign(self, request: Outgoing) -> Outgoing:
        """Return the request with the credential applied; raises CallError of kind credential."""
        ...


@runtime_checkable
class Certified(Protocol):
    """A signer that may also authenticate in the TLS handshake."""

    def context(self) -> ssl.SSLContext | None:
        """Return the context that its connections are made with, None for the usual one; raises CallError."""
        ...


class Renewed(Protocol):
    """A signer that may have asked an authorization server for its tokens just now."""

    @property
    def token_hops(self) -> tuple[Hop, ...]:
        """What was asked for the tokens, in order; nothing where they were there already."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """An egress rule as data: host name, address or network in CIDR form; port None means 80 and 443."""

    destination: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Which destinations an organization's calls may reach. `loopback` is the development set-up's permission."""

    allowed: tuple[Destination, ...] = ()
    allow_list_only: bool = False
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    body_bytes: int = 5 * 1024 * 1024
    header_bytes: int = 64 * 1024
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the wire. Times in milliseconds, None when not reached or the connection was reused.

    `connected` tells whether the request may have left this machine (decides what may be retried)."""

    method: str
    url: str  # masked
    status: int = 0
    address: str = ""
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    total_ms: float = 0.0
    connected: bool = False
    redirected_to: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A response read to its end under the limits; body is decompressed. `sent` is the masked request of the last
    hop; headers and body are as received (mask with `secrets` before showing)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    hops: tuple[Hop, ...]
    sent: Outgoing


class CallError(Exception):
    """A request did not end in a response. The message is a sentence without any secret, query or body.

    permanent: the same call would fail again until somebody mends something (a certificate): not to be tried again.
    hops: those of the request; where no signer could be made, those to the authorization server.
    """

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        permanent: bool = False,
        hops: tuple[Hop, ...] = (),
        sent: Outgoing | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.permanent = permanent
        self.hops = hops
        self.sent = sent

    @property
    def connected(self) -> bool:
        """Whether the last hop's request may have reached the server."""
        return bool(self.hops) and self.hops[-1].connected


def never() -> bool:
    """Say that a call is not cancelled: for those that nobody can cancel, which need not wake to ask."""
    return False


@dataclass(frozen=True, slots=True)
class SendOptions:
    """deadline: time.monotonic() seconds by which everything must be over. cancelled: asked now and then."""

    deadline: float
    follow_redirects: bool = True
    limits: Limits = field(default_factory=Limits)
    cancelled: Callable[[], bool] = never


# send(request, policy, signer, options) -> Incoming; raises CallError. The real one is credentials.egress.send;
# test_bot puts canned answers in its place.
Send = Callable[[Outgoing, Policy, Signer | None, SendOptions], Incoming]
