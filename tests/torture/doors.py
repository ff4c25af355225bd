"""The ways out of Parley, each ready to be tried with one URL: the door itself, an integration's call, a token URL."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from credentials import egress, wire
from credentials.net import oauth, resolving
from integrations.engine.outcome import CallOutcome, OutgoingRequest
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec
from integrations.services import calls
from tests.services.calling import no_script

STRICT = wire.Policy()
LOOPBACK = wire.Policy(loopback=True)
SECONDS = 5.0


@dataclass(frozen=True)
class Ended:
    """What one way out told: kind "" where it went through."""

    way: str
    kind: str
    message: str
    body: str = ""


@dataclass
class Ways:
    """The three ways with one policy. `ask` stands for the name servers; all names lead to loopback unless told."""

    policy: wire.Policy = STRICT
    ask: resolving.Lookup = lambda host, port: [(socket.AF_INET, ("127.0.0.1", port))]
    seconds: float = SECONDS
    sleep: Callable[[float], Any] = lambda seconds: None
    door: egress.Door = field(init=False)

    def __post_init__(self) -> None:
        self.door = egress.Door(ask=self.ask)

    def by_door(self, url: str, *, method: str = "GET", body: bytes | None = None, **options: Any) -> Ended:
        given = wire.SendOptions(time.monotonic() + self.seconds, **options)
        try:
            answer = self.door.send(wire.Outgoing(method, url, (), body), self.policy, None, given)
        except wire.CallError as error:
            return Ended("the door", error.kind, error.message)
        return Ended("the door", "", "", answer.body.decode("utf-8", "replace"))

    def by_call_of(self, request: OutgoingRequest) -> Ended:
        """Send a request that the engine has built."""
        given = wire.SendOptions(time.monotonic() + self.seconds)
        outgoing = wire.Outgoing(request.method, request.url, request.headers, request.body)
        try:
            self.door.send(outgoing, self.policy, None, given)
        except wire.CallError as error:
            return Ended("the door", error.kind, error.message)
        return Ended("the door", "", "")

    def by_call(self, url: str, *, variables: Mapping[str, Any] | None = None, **spec: Any) -> Ended:
        outcome = self.outcome(url, Scope(session=dict(variables or {})), **spec)
        return Ended("an integration", outcome.kind, outcome.message, outcome.response.body if outcome.response else "")

    def outcome(self, url: str, scope: Scope, **spec: Any) -> CallOutcome:
        given = {"timeout_seconds": self.seconds, "retries": 0} | spec
        edge = calls.Edge(send=self.door.send, policy=self.policy, sleep=self.sleep)
        definition = IntegrationSpec(key="k", name="Order", response_variable="R", url=url, **given)
        return calls.run(definition, scope=scope, edge=edge, run_script=no_script, context=calls.CallContext())

    def by_token(self, url: str) -> Ended:
        """As an authorization server's address, where the library takes nothing but https."""
        url = re.sub("^http:", "https:", url, flags=re.IGNORECASE)
        client = oauth.Client("client", "s3cret-of-the-client", url, False, self.policy, "pool", self.door.send)
        try:
            oauth.by_itself(client, scope="", parameters={})
        except (oauth.Refused, wire.CallError) as refused:
            return Ended("a token URL", refused.kind, refused.message)
        return Ended("a token URL", "", "")

    def all(self, url: str) -> list[Ended]:
        return [self.by_door(url), self.by_call(url), self.by_token(url)]


def answering(*found: str) -> resolving.Lookup:
    """Name servers that give these addresses for every name."""
    families: Callable[[str], int] = lambda one: socket.AF_INET6 if ":" in one else socket.AF_INET  # noqa: E731
    return lambda host, port: [(families(one), (one, port)) for one in found]
