"""From a stored credential to a signed request: what is kept, what is refused, what is noted."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from credentials import kinds, wire
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import hosts, policies, rules, use, vault
from tests import factories

REQUEST = wire.Outgoing("GET", "https://api.example.test/x", (("authorization", "mine"), ("Accept", "*/*")))


def make(organization: Organization, owner: User, kind: str = "basic", **values: str) -> Credential:
    values = values or {"user_name": "änn", "password": "pä55 "}
    return vault.create(organization, actor=owner, name="Shop", kind=kinds.ALL[kind], values=values)


def signer(credential: Credential) -> wire.Signer:
    return use.signer_for(str(credential.key), organization_id=credential.organization_id)


def test_basic_authentication_replaces_the_authors_header(organization: Organization, owner: User) -> None:
    signed = signer(make(organization, owner)).sign(REQUEST)

    assert signed.headers == (("Accept", "*/*"), ("Authorization", "Basic w6Rubjpww6Q1NSA="))


@pytest.mark.parametrize(
    ("token_type", "header"), [("Bearer", "Bearer abc123"), ("Token", "Token abc123"), ("", "abc123")]
)
def test_an_access_token_is_sent_behind_its_type(
    organization: Organization, owner: User, token_type: str, header: str
) -> None:
    credential = make(organization, owner, "access_token", access_token="abc123", token_type=token_type)

    assert signer(credential).sign(REQUEST).headers[-1] == ("Authorization", header)


def test_the_encoded_form_of_a_password_is_masked_too(organization: Organization, owner: User) -> None:
    assert signer(make(organization, owner)).secrets == ("pä55 ", "w6Rubjpww6Q1NSA=")


def test_a_signer_shows_nothing_of_its_secrets(organization: Organization, owner: User) -> None:
    shown = repr(signer(make(organization, owner)))

    assert "pä55" not in shown
    assert "w6Rub" not in shown


REFUSED_VALUES = [
    ("basic", {"user_name": "a:b", "password": "x"}, "user_name"),
    ("basic", {"user_name": "a\nb", "password": "x"}, "user_name"),
    ("basic", {"user_name": "ann", "password": "x\r\nX: y"}, "password"),
    ("basic", {"user_name": "", "password": "x"}, "user_name"),
    ("access_token", {"access_token": "", "token_type": "Bearer"}, "access_token"),
    ("access_token", {"access_token": "a\x00", "token_type": "Bearer"}, "access_token"),
    ("access_token", {"access_token": "a", "token_type": "Bea\nrer"}, "token_type"),
]


@pytest.mark.parametrize(("kind", "values", "field"), REFUSED_VALUES)
def test_values_that_cannot_be_sent_are_refused_when_stored(
    organization: Organization, owner: User, kind: str, values: dict[str, str], field: str
) -> None:
    with pytest.raises(kinds.BadValue) as caught:
        make(organization, owner, kind, **values)

    assert caught.value.field == field
    assert not Credential.objects.exists()


def refused(key: str, organization: Organization) -> wire.CallError:
    with pytest.raises(wire.CallError) as caught:
        use.signer_for(key, organization_id=organization.pk)
    assert caught.value.kind == "credential"
    return caught.value


@pytest.mark.parametrize("key", ["00000000-0000-0000-0000-000000000000", "no key at all", ""])
def test_a_credential_that_is_gone_is_refused(organization: Organization, key: str) -> None:
    assert "does not exist any more" in refused(key, organization).message


def test_another_organization_cannot_use_a_credential(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)

    error = refused(str(credential.key), factories.make_organization())

    assert "does not exist any more" in error.message
    assert "Shop" not in error.message


def test_a_disabled_credential_is_refused_at_once(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    signer(credential)

    vault.set_disabled(credential, actor=owner, disabled=True)
    use.forget()

    assert "is disabled" in refused(str(credential.key), organization).message


@pytest.mark.django_db(transaction=True)
def test_a_change_is_seen_at_once_in_this_process(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    before = signer(credential)

    vault.change(
        credential, actor=owner, name="Shop", values={"user_name": "bob", "password": "other"}, allowed_hosts=[]
    )

    after = signer(credential)
    assert "other" in after.secrets
    assert after.pool != before.pool


def test_a_kind_that_this_version_does_not_know_is_refused(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    Credential.objects.filter(pk=credential.pk).update(kind="telepathy")

    assert "telepathy" in refused(str(credential.key), organization).message


def test_the_second_call_needs_no_sql(
    organization: Organization, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    credential = make(organization, owner)
    signer(credential)
    policies.policy_for(organization.pk)

    with django_assert_num_queries(0):
        signer(credential)
        policies.policy_for(organization.pk)


def test_the_last_use_is_noted_once_a_minute(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    signer(credential)
    first = Credential.objects.get(pk=credential.pk).last_used_at

    use._used.clear()
    signer(credential)

    assert first is not None
    assert Credential.objects.get(pk=credential.pk).last_used_at == first


def test_a_host_that_was_noted_counts_while_none_is_named(organization: Organization, owner: User) -> None:
    credential = make(organization, owner)
    attach(credential, owner, "https://API.Example.test/x")
    attach(credential, owner, "http://127.0.0.1:9000/{$userMessage}")
    attach(credential, owner, "{$env.unknown}/y")
    noted = signer(credential).hosts

    same = {"actor": owner, "name": "Shop", "values": {"user_name": "ann", "password": ""}}
    vault.change(credential, allowed_hosts=["https://API.Example.test/v1", "api.example.test", "b.test:8443"], **same)
    use.forget()

    assert noted == ("127.0.0.1:9000", "api.example.test")
    assert signer(credential).hosts == ("api.example.test", "b.test:8443")


def test_an_author_cannot_add_a_host_to_those_that_an_administrator_named(
    organization: Organization, owner: User, teammate: User
) -> None:
    credential = make(organization, owner)
    Credential.objects.filter(pk=credential.pk).update(allowed_hosts=["api.example.test"])

    with pytest.raises(vault.HostNotCovered, match=r"may not be sent to evil\.test\. Ask an administrator"):
        attach(credential, teammate, "https://evil.test/")

    assert signer(credential).hosts == ("api.example.test",)
    assert not AuditEntry.objects.filter(action="credential.use_granted").exists()


def attach(credential: Credential, actor: User, url: str) -> None:
    vault.attach(credential, actor=actor, integration_name="Shop bot: Order", url=url)
    use.forget()


@pytest.mark.parametrize(
    "url", ["https://a.test{$x}/", "https://a.test:{$port}/", "https://{$x}.a.test/", "", "ftp://a.test/"]
)
def test_a_host_with_a_variable_in_it_names_none(url: str) -> None:
    assert hosts.of_url(url) == ""


# Policies


@pytest.mark.django_db(transaction=True)
def test_a_rule_counts_at_once_for_its_organization_only(organization: Organization, owner: User) -> None:
    elsewhere = factories.make_organization()
    before = policies.policy_for(organization.pk)

    rules.add(organization, actor=owner, destination="10.0.0.5", port=8080)
    rules.add(None, actor=owner, destination="Common.Internal.", port=None)

    common = wire.Destination("common.internal")
    assert before.allowed == ()
    assert set(policies.policy_for(organization.pk).allowed) == {wire.Destination("10.0.0.5", 8080), common}
    assert policies.policy_for(elsewhere.pk).allowed == (common,)


def test_an_organization_that_is_gone_reaches_nothing(db: None) -> None:
    assert policies.policy_for(999_999) == wire.Policy(allow_list_only=True)


@pytest.mark.parametrize(
    "destination",
    [
        "",
        "a b",
        "http://x/",
        "10.0.0.0/4",
        "0.0.0.0/0",
        "169.254.169.254",
        "169.254.0.0/16",
        "fe80::/10",
        "224.0.0.1",
        "host:80",
        "user@host",
    ],
)
def test_a_rule_that_would_open_too_much_or_nothing_is_refused(
    organization: Organization, owner: User, destination: str
) -> None:
    with pytest.raises(rules.RuleRefused):
        rules.add(organization, actor=owner, destination=destination, port=None)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("API.Internal.", "api.internal"),
        ("10.1.2.3/16", "10.1.0.0/16"),
        ("10.0.0.5/32", "10.0.0.5"),
        ("[fd12::1]", "fd12::1"),
        ("fd12::/32", "fd12::/32"),
    ],
)
def test_a_destination_has_one_spelling(written: str, kept: str) -> None:
    assert rules.normalized(written) == kept
