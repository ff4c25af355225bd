"""API keys: where they go, what they replace, and that nobody sees them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from bots.models import Bot
from credentials import kinds, masking, wire
from credentials.models import Organization
from credentials.services import trial, use, vault
from integrations.services import curls, definitions
from tests import factories
from tests.services.egress_calls import Start, raw, running_servers  # noqa: F401

KEY = "k3y/with+odd&signs="


def signer(organization: Organization, owner: User, *, host: str = "a.test", **values: str) -> wire.Signer:
    given = {"name": "X-API-Key", "value": KEY, "place": "header"} | values
    made = vault.create(
        organization, actor=owner, name="Shop", kind=kinds.ALL["api_key"], values=given, allowed_hosts=[host]
    )
    return use.signer_for(str(made.key), organization_id=organization.pk)


def test_a_key_in_a_header_replaces_the_authors(organization: Organization, owner: User) -> None:
    request = wire.Outgoing("GET", "https://a.test/", (("x-api-key", "mine"), ("Accept", "*/*")))

    signed = signer(organization, owner).sign(request)

    assert signed.headers == (("Accept", "*/*"), ("X-API-Key", KEY))


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://a.test/x", "https://a.test/x?key=k3y%2Fwith%2Bodd%26signs%3D"),
        ("https://a.test/x?", "https://a.test/x?key=k3y%2Fwith%2Bodd%26signs%3D"),
        ("https://a.test/x?a=1&key=mine&b=%20", "https://a.test/x?a=1&b=%20&key=k3y%2Fwith%2Bodd%26signs%3D"),
        ("https://a.test/x?k%65y=mine&keys=1", "https://a.test/x?keys=1&key=k3y%2Fwith%2Bodd%26signs%3D"),
    ],
)
def test_a_key_in_the_query_leaves_the_rest_of_it_alone(
    organization: Organization, owner: User, url: str, signed: str
) -> None:
    made = signer(organization, owner, name="key", place="query")

    assert made.sign(wire.Outgoing("GET", url)).url == signed


def test_a_key_in_the_query_arrives_and_is_masked_in_all_that_is_shown(
    organization: Organization, owner: User, start: Start
) -> None:
    server = start(raw(b"HTTP/1.1 302 Found\r\nLocation: /again?key=" + KEY.encode() + b"\r\n\r\n"))
    host = f"127.0.0.1:{server.port}"
    signer(organization, owner, host=host, name="key", place="query")
    credential = organization.credentials.get()

    found = trial.call(credential, actor=owner, url=f"{server.url}/x?a=1")

    assert server.requests[0].startswith(b"GET /x?a=1&key=k3y%2Fwith%2Bodd%26signs%3D HTTP/1.1")
    assert "key=••••" in repr(found)
    assert "k3y" not in repr(found)


def test_a_very_short_key_in_the_query_is_masked_with_its_name(organization: Organization, owner: User) -> None:
    made = signer(organization, owner, name="key", value="7", place="query")
    signed = made.sign(wire.Outgoing("GET", "https://a.test/7?a=7"))

    assert masking.url(signed.url, made.secrets) == "https://a.test/7?a=7&••••"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "X Key"}, "name"),
        ({"name": "X-Key:"}, "name"),
        ({"name": "Host"}, "name"),
        ({"name": "transfer-encoding"}, "name"),
        ({"name": ""}, "name"),
        ({"value": ""}, "value"),
        ({"value": "a\r\nX: y"}, "value"),
        ({"place": "body"}, "place"),
    ],
)
def test_what_cannot_be_sent_is_refused_when_stored(
    organization: Organization, owner: User, values: dict[str, str], field: str
) -> None:
    with pytest.raises(kinds.BadValue) as caught:
        signer(organization, owner, **values)

    assert caught.value.field == field


@pytest.mark.parametrize(
    ("place", "shown"),
    [("header", """'X-Key: '"$X_KEY\""""), ("query", """'https://api.test/stock?a=1&X-Key='"$SECRET\"""")],
)
def test_a_copied_request_shows_where_the_key_goes_and_not_the_key(
    bot: Bot, organization: Organization, owner: User, place: str, shown: str
) -> None:
    values = {"name": "X-Key", "value": "k3y-of-the-shop", "place": place}
    made = vault.create(organization, actor=owner, name="Shop", kind=kinds.ALL["api_key"], values=values)
    row = factories.make_integration(bot, credential=made, url="https://api.test/stock?a=1")

    command = curls.command(row, definition=definitions.to_spec(row), values={}, environment={})

    assert shown in command
