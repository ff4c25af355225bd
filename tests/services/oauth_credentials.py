"""What the tests of OAuth share: the authorization server, a door that trusts it, and credentials for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import trustme
from django.contrib.auth.models import User

from credentials import egress, kinds
from credentials.models import Credential, Organization
from credentials.services import authorize, tokens, use, vault
from integrations.engine.outcome import CallOutcome
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec
from integrations.services import calls
from integrations.services.edge import real_edge
from tests import authorization_server
from tests.authorization_server import Server
from tests.services.calling import no_script

CALLBACK = "https://parley.example.test/credentials/oauth/callback/"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(egress, "_door", authorization_server.trusting_door(authority))
    with authorization_server.running(authority) as running:
        yield running


@dataclass
class Office:
    """An administrator who keeps OAuth credentials for the server."""

    server: Server
    organization: Organization
    owner: User

    def client(self, **values: str) -> Credential:
        """A credential of the client credentials kind."""
        return self._make("oauth_client", self.server.settings(**values))

    def code(self, **values: str) -> Credential:
        """One of the authorization code kind, not authorized yet."""
        given = self.server.settings(auth_url=f"{self.server.url}/authorize", **values)
        return self._make("oauth_code", given)

    def _make(self, kind: str, values: dict[str, str]) -> Credential:
        made = vault.create(
            self.organization,
            actor=self.owner,
            name="Shop",
            kind=kinds.ALL[kind],
            values=values,
            allowed_hosts=[self.server.host],
        )
        use.forget()
        return made

    def authorized(self, *, age: float = 600.0, left: float = 3000.0, **values: str) -> Credential:
        """One that was authorized a while ago and whose token has so many seconds left."""
        made = self.code(**values)
        issued = self.server.issue(refreshable=True)
        now = time.time()
        held = tokens.Tokens(issued["access_token"], issued["refresh_token"], now - age, now + left)
        tokens.store(made.pk, tokens=held, started_from=None, authorized=True)
        return again(made)

    @property
    def visitor(self) -> authorize.Visitor:
        return authorize.Visitor(user=self.owner, session_key="session-1")

    def call(self, credential: Credential, *, context: calls.CallContext | None = None, **values: Any) -> CallOutcome:
        """Make a call of an integration with the credential, as a turn does."""
        use.forget()
        url = f"{self.server.url}/api"
        spec = IntegrationSpec("k", "Order", "R", **({"url": url, "credential": str(credential.key)} | values))
        edge = real_edge(self.organization.pk)
        return calls.run(spec, scope=Scope(), edge=edge, run_script=no_script, context=context or calls.CallContext())


@pytest.fixture
def office(server: Server, organization: Organization, owner: User, store: object) -> Office:
    return Office(server, organization, owner)


def again(credential: Credential) -> Credential:
    """The row as it is now."""
    return Credential.objects.select_related("organization").get(pk=credential.pk)


def held(credential: Credential) -> tokens.Tokens:
    found = tokens.of(again(credential))
    assert found
    return found
