"""The edge of the running product: the organization's own policy and credentials, and no one else's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from credentials import wire
from credentials.models import Organization
from integrations.engine.outcome import CallOutcome
from integrations.engine.scope import Scope
from integrations.engine.scripts import ScriptCall, ScriptOutcome
from integrations.engine.spec import IntegrationSpec
from integrations.services import calls
from integrations.services.edge import real_edge
from tests.loopback_api import running


def no_script(script: ScriptCall) -> ScriptOutcome:
    raise AssertionError("no script may run here")


def call(organization: Organization, *, url: str, credential: str | None = None) -> CallOutcome:
    spec = IntegrationSpec("k", "Order", "R", url=url, credential=credential, retries=0)
    context = calls.CallContext()
    return calls.run(spec, scope=Scope(), edge=real_edge(organization.pk), run_script=no_script, context=context)


def test_the_edge_has_the_policy_of_the_organization(organization: Organization) -> None:
    organization.allow_list_only = True
    organization.save()

    assert real_edge(organization.pk).policy.allow_list_only is True


def test_a_call_goes_out_through_the_real_door(organization: Organization) -> None:
    with running() as api:
        outcome = call(organization, url=f"{api.url}/x")

    assert (outcome.ok, [each.path for each in api.asked]) == (True, ["/x"])


def test_a_credential_that_is_gone_stops_the_call(organization: Organization) -> None:
    with running() as api:
        outcome = call(organization, url=api.url, credential=str(uuid4()))

    assert (outcome.kind, api.asked) == ("credential", [])


def test_an_edge_can_be_cancelled(organization: Organization) -> None:
    edge = real_edge(organization.pk, cancelled=lambda: True)

    with pytest.raises(wire.CallError, match="cancelled"), running() as api:
        edge.send(
            wire.Outgoing("GET", api.url),
            edge.policy,
            None,
            wire.SendOptions(edge.clock() + 5, cancelled=edge.cancelled),
        )
