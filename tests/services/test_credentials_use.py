"""From a stored credential to a signed request: what is kept, what is refused, what is noted."""

from __future__ import annotations

import pytest

from credentials import wire
from credentials.models import Credential, Organization
from credentials.services import sealing, use
from tests import factories

REQUEST = wire.Outgoing("GET", "https://api.example.test/x", (("authorization", "mine"),))


def make_credential(organization: Organization, **values: object) -> Credential:
    secrets = values.pop("secrets", {"password": "pa55word-of-acme"})
    values.setdefault("kind", "basic")
    values.setdefault("public", {"user_name": "ann"})
    credential = Credential(organization=organization, name=values.pop("name", "Shop"), **values)
    sealing.seal(credential, secrets=secrets)
    credential.save()
    return credential


def test_basic_authentication_replaces_the_authors_header(organization: Organization) -> None:
    credential = make_credential(organization, public={"user_name": "änn"}, secrets={"password": "pä55"})

    signed = use.signer_for(str(credential.key), organization_id=organization.pk).sign(REQUEST)

    assert signed.headers == (("Authorization", "Basic w6Rubjpww6Q1NQ=="),)


def test_another_organization_cannot_use_a_credential(organization: Organization) -> None:
    credential = make_credential(organization)
    other = factories.make_organization()

    with pytest.raises(wire.CallError) as caught:
        use.signer_for(str(credential.key), organization_id=other.pk)

    assert caught.value.kind == "credential"
