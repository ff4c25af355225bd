"""Keeping credentials: what changes, what is recorded, what an author sees, and the test call."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from bots.models import Bot
from credentials import kinds, wire
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import audit, hosts, trial, vault
from tests import factories
from tests.services.egress_calls import Start, raw, running_servers  # noqa: F401

SECRET = "t0ken-of-the-shop"


def make(organization: Organization, owner: User, **given: object) -> Credential:
    given.setdefault("name", "Shop")
    given.setdefault("values", {"access_token": SECRET, "token_type": "Bearer"})
    return vault.create(organization, actor=owner, kind=kinds.ALL["access_token"], **given)


def test_creating_is_recorded_with_the_type_and_no_value(organization: Organization, owner: User) -> None:
    make(organization, owner)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.detail) == ("credential.created", "Shop", {"type": "Access Token"})


def test_changing_records_which_fields_and_no_value(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)

    vault.change(
        credential,
        actor=owner,
        name="Store",
        values={"access_token": "another-token", "token_type": "Token"},
        allowed_hosts=["a.test"],
    )

    detail = AuditEntry.objects.get(action="credential.changed").detail
    assert detail == {"changed": ["Access Token", "Token Type", "Name", "Hosts"], "renamed_from": "Shop"}


def test_the_day_of_a_secret_changes_with_it_only(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    before = credential.secrets_set_at["access_token"]
    same = {"actor": owner, "name": "Shop", "allowed_hosts": []}

    kept = vault.change(credential, values={"access_token": "", "token_type": "Token"}, **same)
    replaced = vault.change(credential, values={"access_token": "new-token", "token_type": "Token"}, **same)

    assert kept.secrets_set_at["access_token"] == before
    assert replaced.secrets_set_at["access_token"] != before


def test_a_name_is_unique_in_its_organization_only(organization: Organization, owner: User) -> None:
    make(organization, owner)
    make(factories.make_organization(), owner)

    with pytest.raises(vault.NameTaken):
        make(organization, owner)


@pytest.mark.parametrize("host", ["a b", "*.example.com", "ftp://a.test", "a.test:0", "user@a.test", "a.test\\b"])
def test_a_host_that_cannot_be_meant_is_refused(organization: Organization, owner: User, host: str) -> None:
    with pytest.raises(hosts.BadHost):
        make(organization, owner, allowed_hosts=[host])


def test_authors_see_name_type_and_status_of_their_organizations_only(
    organization: Organization, owner: User, teammate: User, stranger: User
) -> None:
    credential = make(organization, owner, allowed_hosts=["secret-host.test"])

    seen = vault.visible_to(teammate)

    assert seen == [vault.Listed(str(credential.key), "Shop", "Access Token", "Ready", organization.pk)]
    assert vault.visible_to(stranger) == []


def test_one_in_use_is_not_deleted_and_its_users_are_named(organization: Organization, owner: User, bot: Bot) -> None:
    credential = make(organization, owner)
    integration = factories.make_integration(bot, credential=credential)

    with pytest.raises(vault.InUse) as caught:
        vault.delete(credential, actor=owner)

    assert [use.pk for use in caught.value.uses] == [integration.pk]


@pytest.mark.parametrize(
    ("status", "ok", "words"),
    [
        ("200 OK", True, "takes the credential"),
        ("401 No", False, "refuses"),
        ("404 No", False, "check the URL"),
        ("500 No", False, "fault of its own"),
    ],
)
def test_the_test_call_says_what_the_status_means(
    organization: Organization, owner: User, start: Start, status: str, ok: bool, words: str
) -> None:
    server = start(lambda exchange: exchange.answer(b"secret body", status))
    credential = make(organization, owner, allowed_hosts=[f"127.0.0.1:{server.port}"])

    found = trial.call(credential, actor=owner, url=f"{server.url}/me")

    assert (found.ok, words in found.message) == (ok, True)
    assert f"Authorization: Bearer {SECRET}".encode() in server.requests[0]
    assert AuditEntry.objects.filter(action="credential.tested").exists()


def test_the_test_call_never_shows_the_secret_that_the_server_echoes(
    organization: Organization, owner: User, start: Start
) -> None:
    server = start(raw(b"HTTP/1.1 302 Found\r\nLocation: /?" + SECRET.encode() + b"\r\nContent-Length: 0\r\n\r\n"))
    credential = make(organization, owner, allowed_hosts=[f"127.0.0.1:{server.port}"])

    found = trial.call(credential, actor=owner, url=f"{server.url}/?{SECRET}")

    assert SECRET not in repr(found)


def test_the_test_call_goes_nowhere_that_the_credential_does_not_name(organization: Organization, owner: User) -> None:
    credential = make(organization, owner, allowed_hosts=["api.example.test"])

    def send(*args: object) -> wire.Incoming:
        raise wire.CallError("credential", "may not be sent to other.test")

    found = trial.call(credential, actor=owner, url="https://other.test/", send=send)

    assert not found.ok
    assert found.message == "may not be sent to other.test"


def test_the_history_stays_with_a_credential_that_is_renamed(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    old = credential.name
    vault.change(credential, actor=owner, name="Shop of old", values={"token_type": "Bearer"}, allowed_hosts=[])
    another = make(organization, owner)

    renamed = audit.about(Credential.objects.get(pk=credential.pk))

    assert [entry.action for entry in renamed] == ["credential.changed", "credential.created"]
    assert renamed[0].detail == {"changed": ["Name"], "renamed_from": old}
    assert [entry.action for entry in audit.about(another)] == ["credential.created"]
