"""Every address about credentials, whoever adds one: administrators use it, nobody else finds anything there."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, reverse

from credentials import kinds, urls
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import vault
from integrations import urls as integrations_urls

FOR_ALL_MEMBERS = {"activity", "switch_organization"}
WITHOUT_OBJECT = {"oauth_callback"}


def _about(pattern: URLPattern) -> bool:
    return str(pattern.pattern).startswith("credentials/")


EVERY = [each for each in [*urls.urlpatterns, *integrations_urls.urlpatterns] if _about(each)]
OF_ONE = [each.name for each in EVERY if "uuid:key" in str(each.pattern)]
OF_ALL = [each.name for each in EVERY if "uuid:key" not in str(each.pattern) and each.name not in WITHOUT_OBJECT]


@pytest.fixture
def credential(organization: Organization, owner: User) -> Credential:
    kind = kinds.ALL["basic"]
    values = {"user_name": "ann", "password": "s3cr3t-of-the-shop"}
    return vault.create(organization, actor=owner, name="Shop", kind=kind, values=values)


def test_the_inventory_is_not_empty() -> None:
    assert {"credential", "fetch_token", "open_key_store", "replace_credential", "undo_replacement"} <= set(OF_ONE)
    assert set(OF_ALL) == {"credentials", "credential_types", "new_credential"}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["teammate", "stranger"])
@pytest.mark.parametrize("name", OF_ONE)
def test_nobody_but_its_administrators_finds_or_changes_a_credential(
    client: Client, credential: Credential, name: str, who: str, method: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    before = list(Credential.objects.values()), AuditEntry.objects.count()

    answer = getattr(client, method)(reverse(name, args=[credential.key]), {"url": "https://a.test/", "of": "x"})

    assert answer.status_code in (404, 405)
    assert b"Shop" not in answer.content
    assert (list(Credential.objects.values()), AuditEntry.objects.count()) == before


@pytest.mark.parametrize("name", OF_ONE)
def test_what_does_not_exist_answers_as_what_is_somebody_elses(client: Client, owner: User, name: str) -> None:
    client.force_login(owner)

    answers = [getattr(client, method)(reverse(name, args=[uuid4()])) for method in ("get", "post")]

    assert {answer.status_code for answer in answers} <= {404, 405}


@pytest.mark.parametrize("name", [*OF_ONE, *OF_ALL])
def test_every_address_asks_for_log_in(client: Client, credential: Credential, name: str) -> None:
    arguments = {"new_credential": ["basic"]}.get(name, [] if name in OF_ALL else [credential.key])

    answers = [getattr(client, method)(reverse(name, args=arguments)) for method in ("get", "post")]

    assert {answer.status_code for answer in answers} == {302}
    assert all("/login/" in answer.url for answer in answers)


@pytest.mark.parametrize("name", OF_ALL)
def test_an_author_opens_none_of_the_lists(client: Client, teammate: User, name: str) -> None:
    client.force_login(teammate)

    arguments = ["basic"] if name == "new_credential" else []

    assert client.get(reverse(name, args=arguments)).status_code == 403
    assert client.post(reverse(name, args=arguments), {"name": "x"}).status_code in (403, 405)
    assert not Credential.objects.exists()
