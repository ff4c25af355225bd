"""The network edge of a conversation test: canned answers in place of the one door out, and a note of every call."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field

import msgspec

from bots.services.transcripts import Answer, AnswerKind, Route
from credentials import wire
from integrations.services import wiring

BROKEN = Answer(status=500, headers={"Content-Type": "text/plain"}, body="Internal Server Error")
GARBAGE = Answer(headers={"Content-Type": "application/json"}, body='{"result": [{"name": "\x00\ufffd<html>')


@dataclass(slots=True)
class Answers:
    """The answers of one scenario. A call that no route knows gets a 404."""

    routes: tuple[Route, ...]
    calls: list[wire.Outgoing] = field(default_factory=list)
    _used: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(
        self, request: wire.Outgoing, policy: wire.Policy, signer: wire.Signer | None, options: wire.SendOptions
    ) -> wire.Incoming:
        """Answer as credentials.egress.send does, from the routes."""
        with self._lock:
            self.calls.append(request)
            answer = self._next(request)
        if answer.kind:
            answer = _let_down(answer.kind, request)
        headers, body = _written(answer)
        hop = wire.Hop(request.method, request.url, status=answer.status, connected=True)
        return wire.Incoming(answer.status, headers, body, (hop,), request)

    def edge(self) -> wiring.Edge:
        """Return an edge that reaches nothing: no network, no credential, no waiting between attempts."""
        return wiring.Edge(send=self.send, signer_for=lambda key: _Unsigned(), sleep=lambda seconds: None)

    def _next(self, request: wire.Outgoing) -> Answer:
        route = next(
            (route for route in self.routes if (route.method, route.url) == (request.method, request.url)), None
        )
        if route is not None and route.kind:
            return Answer(kind=route.kind)
        if route is None or not route.responses:
            return Answer(status=404)
        number = self._used[(route.method, route.url)]
        self._used[(route.method, route.url)] += 1
        return route.responses[min(number, len(route.responses) - 1)]


@dataclass(frozen=True, slots=True)
class _Unsigned:
    """Stands for any credential: tests hold none."""

    pool: str = "conversation test"
    hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return request


def _let_down(kind: AnswerKind, request: wire.Outgoing) -> Answer:
    """Return the answer of an API that fails in this way; raises wire.CallError where there is none at all."""
    hop = wire.Hop(request.method, request.url, connected=True)
    if kind == "timeout":
        raise wire.CallError("timeout", "The API took too long (the test says so).", hops=(hop,))
    if kind == "network":
        raise wire.CallError("network", "The connection was lost (the test says so).", hops=(hop,))
    return GARBAGE if kind == "garbage" else BROKEN


def _written(answer: Answer) -> tuple[tuple[tuple[str, str], ...], bytes]:
    if answer.json is msgspec.UNSET:
        return tuple(answer.headers.items()), answer.body.encode()
    headers = {"Content-Type": "application/json", **answer.headers}
    return tuple(headers.items()), json.dumps(answer.json, ensure_ascii=False).encode()
