"""What an integration call amounts to: for the turn that made it, for the bot log and for the test run page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from integrations.engine.json_values import Json

FailureKind = Literal["", "request", "egress", "credential", "network", "timeout", "http", "too_large", "transform"]


class OutgoingRequest(msgspec.Struct, frozen=True):
    """A request as built from the definition, before a credential is applied. The URL is absolute and parsed."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Attempt(msgspec.Struct, frozen=True):
    """One try on the wire, or one redirect hop of it. Times are milliseconds; None when that step was not reached
    (or the connection was reused). `url` has every secret masked. purpose: token for a question to the authorization
    server, which is no try of the call and has the number 0."""

    number: int
    method: str
    url: str
    status: int = 0
    error: str = ""
    address: str = ""
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_ms: float | None = None
    total_ms: float = 0.0
    wait_before_ms: float = 0.0
    redirected_to: str = ""
    purpose: Literal["call", "token"] = "call"


def tries(attempts: Iterable[Attempt]) -> int:
    """How often a call was tried, redirects and questions for tokens not counted."""
    return max([attempt.number for attempt in attempts], default=0)


def token_calls(attempts: Iterable[Attempt]) -> Iterator[tuple[Attempt, str]]:
    """Yield each question to an authorization server with the words for it, for logs: the URL without its query."""
    for attempt in attempts:
        if attempt.purpose == "token":
            ended = f"answered {attempt.status}" if attempt.status else "got no answer"
            url = attempt.url.partition("?")[0]
            yield attempt, f"Token: {attempt.method} {url} {ended}, {attempt.total_ms:.0f} ms."


class SentRequest(msgspec.Struct, frozen=True):
    """The request as it went out, every secret replaced by ••••. Safe to show and to keep for the session."""

    method: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""


class ReceivedResponse(msgspec.Struct, frozen=True):
    """A response as read under the limits; header values that repeat a secret are masked."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    size: int = 0


class FieldResult(msgspec.Struct, frozen=True):
    """A custom data field after a call; `found` is False when its path led nowhere."""

    name: str
    value: Json
    count: int
    found: bool
    problem: str = ""


class CallOutcome(msgspec.Struct, frozen=True):
    """The end of one integration call. `kind` is "" on success; `message` is a sentence for the author.

    operations: what the transform script did besides setting variables (messages, triggers …), for the turn.
    """

    ok: bool
    status: int = 0
    kind: FailureKind = ""
    message: str = ""
    attempts: tuple[Attempt, ...] = ()
    sent: SentRequest = SentRequest()
    response: ReceivedResponse | None = None
    fields: tuple[FieldResult, ...] = ()
    operations: tuple[Mapping[str, Json], ...] = ()
    duration_ms: float = 0.0
    unknown_variables: tuple[str, ...] = ()
    transform_ms: float = 0.0
