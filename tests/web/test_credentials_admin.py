"""The back office: it serves each list, writes through the services, and shows no secret."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.models import Bot
from credentials import kinds
from credentials.models import AuditEntry, Credential, EgressRule, Membership, Organization
from credentials.services import rules, vault
from tests import factories
from tests.redis_server import redis_server, store  # noqa: F401
from tests.web.pages import text_of

SECRET = "s3cr3t-of-the-shop"
MODELS = ["organization", "membership", "egressrule", "credential", "auditentry"]


@pytest.fixture
def office(client: Client, db: None, store: object) -> Client:  # noqa: F811
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    return client


@pytest.fixture
def credential(organization: Organization, owner: User) -> Credential:
    return make(organization, owner, "Shop")


def make(organization: Organization, owner: User, name: str) -> Credential:
    values = {"user_name": "ann", "password": SECRET}
    return vault.create(organization, actor=owner, name=name, kind=kinds.ALL["basic"], values=values)


def change_url(model: str, pk: int) -> str:
    return reverse(f"admin:credentials_{model}_change", args=[pk])


@pytest.mark.parametrize("model", MODELS)
def test_a_long_list_needs_few_queries(
    office: Client, owner: User, model: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        organization = factories.make_organization(administrator=owner)
        make(organization, owner, f"Shop {number}")
        rules.add(organization, actor=owner, destination=f"api{number}.internal", port=None)

    with django_assert_max_num_queries(12):
        answer = office.get(reverse(f"admin:credentials_{model}_changelist") + "?q=a")

    assert answer.status_code == 200


def test_every_form_opens(office: Client, credential: Credential, organization: Organization, owner: User) -> None:
    rule = rules.add(organization, actor=owner, destination="api.internal", port=None)
    rows = {
        "organization": organization.pk,
        "membership": Membership.objects.get().pk,
        "egressrule": rule.pk,
        "credential": credential.pk,
        "auditentry": AuditEntry.objects.first().pk,
    }

    for model, pk in rows.items():
        assert office.get(change_url(model, pk)).status_code == 200
    for model in ("organization", "membership", "egressrule"):
        assert office.get(reverse(f"admin:credentials_{model}_add")).status_code == 200


def test_a_credential_is_added_by_type_and_no_page_shows_its_secret(office: Client, organization: Organization) -> None:
    add = reverse("admin:credentials_credential_add")
    given = {
        "organization": organization.pk,
        "name": "New",
        "value_user_name": "ann",
        "value_password": SECRET,
        "hosts": "",
    }

    types = office.get(add).content.decode()
    answer = office.post(f"{add}?kind=basic", given, follow=True)

    made = Credential.objects.get(name="New")
    pages = [
        answer,
        office.get(change_url("credential", made.pk)),
        office.get(reverse("admin:credentials_credential_history", args=[made.pk])),
    ]
    assert "Access Token" in types
    assert made.secrets_set_at.keys() == {"password"}
    assert all(page.status_code == 200 for page in pages)
    assert SECRET not in "".join(page.content.decode() for page in pages)
    assert SECRET not in repr(list(LogEntry.objects.values()))
    assert AuditEntry.objects.filter(action="credential.created").count() == 1


def test_an_empty_secret_keeps_the_stored_one(office: Client, credential: Credential) -> None:
    before = Credential.objects.get(pk=credential.pk).sealed
    given = {"name": "Renamed", "value_user_name": "bob", "value_password": "", "hosts": "a.test"}

    office.post(change_url("credential", credential.pk), given)

    after = Credential.objects.get(pk=credential.pk)
    assert (after.name, after.public, after.allowed_hosts) == ("Renamed", {"user_name": "bob"}, ["a.test"])
    assert after.sealed == before


def test_a_bad_value_is_shown_beside_its_field_and_nothing_is_recorded(office: Client, credential: Credential) -> None:
    given = {"name": "Shop", "value_user_name": "a:b", "value_password": SECRET, "hosts": ""}

    answer = office.post(change_url("credential", credential.pk), given)

    assert "cannot hold a colon" in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert not AuditEntry.objects.filter(action="credential.changed").exists()


def test_credentials_are_disabled_and_enabled_from_the_list(office: Client, credential: Credential) -> None:
    url = reverse("admin:credentials_credential_changelist")

    office.post(url, {"action": "disable", "_selected_action": [credential.pk]})
    disabled = Credential.objects.get(pk=credential.pk).disabled
    office.post(url, {"action": "enable", "_selected_action": [credential.pk]})

    assert disabled
    assert not Credential.objects.get(pk=credential.pk).disabled


def test_a_credential_in_use_cannot_be_deleted(office: Client, credential: Credential, bot: Bot) -> None:
    factories.make_integration(bot, credential=credential)

    answer = office.post(reverse("admin:credentials_credential_delete", args=[credential.pk]), {"post": "yes"})

    assert answer.status_code == 403
    assert Credential.objects.filter(pk=credential.pk).exists()


def test_the_last_administrator_stays(office: Client, organization: Organization) -> None:
    member = Membership.objects.get()

    gone = office.post(reverse("admin:credentials_membership_delete", args=[member.pk]), {"post": "yes"})
    down = office.post(change_url("membership", member.pk), {"role": "author"})

    member.refresh_from_db()
    assert gone.status_code == 403
    assert "is the only administrator" in down.content.decode()
    assert member.role == "administrator"


def test_a_new_organization_gets_its_creator_as_administrator(office: Client) -> None:
    given = {"name": "Fresh", "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}

    office.post(reverse("admin:credentials_organization_add"), given)

    assert Membership.objects.get(organization__name="Fresh").user.username == "root"


def test_a_rule_for_everyone_is_made_here(office: Client) -> None:
    add = reverse("admin:credentials_egressrule_add")

    office.post(add, {"organization": "", "destination": "API.internal.", "port": "", "note": ""})
    refused = office.post(add, {"organization": "", "destination": "169.254.169.254", "port": "", "note": ""})

    assert EgressRule.objects.get().destination == "api.internal"
    assert "never opened" in refused.content.decode()


def test_the_audit_trail_cannot_be_changed(office: Client, credential: Credential) -> None:
    entry = AuditEntry.objects.first()

    assert office.post(change_url("auditentry", entry.pk), {"subject": "x"}).status_code == 403
    assert office.get(reverse("admin:credentials_auditentry_add")).status_code == 403


def test_a_credentials_form_says_how_it_is_and_who_uses_it(office: Client, credential: Credential, bot: Bot) -> None:
    factories.make_integration(bot, name="Orders", credential=credential)
    Credential.objects.filter(pk=credential.pk).update(disabled=True)

    shown = text_of(office.get(change_url("credential", credential.pk)))
    listed = text_of(office.get(reverse("admin:credentials_credential_changelist")))

    assert "Disabled. Calls fail until an administrator enables it." in shown
    assert "Account balance: Orders (no call noted)" in shown
    assert "Basic Authentication Disabled 1 -" in listed


def test_reauthorizing_from_the_list_leads_to_the_page_where_somebody_must_consent(
    office: Client, organization: Organization, owner: User
) -> None:
    urls = {"auth_url": "https://login.test/authorize", "token_url": "https://login.test/token"}
    values = {"client_id": "parley", "client_secret": SECRET, "client_auth": "header"} | urls
    made = vault.create(organization, actor=owner, name="CRM", kind=kinds.ALL["oauth_code"], values=values)
    order = {"action": "fetch_tokens", "_selected_action": [made.pk]}
    changelist, page = reverse("admin:credentials_credential_changelist"), reverse("credential", args=[made.key])

    as_a_stranger = office.post(changelist, order, follow=True).content.decode()
    Membership.objects.create(organization=organization, user=User.objects.get(username="root"), role="administrator")
    as_administrator = office.post(changelist, order, follow=True).content.decode()

    assert "is not authorized yet" in as_a_stranger
    assert page not in as_a_stranger
    assert f'<a href="{page}">Sign in and consent on its page</a>' in as_administrator


def test_the_trail_tells_details_in_its_list_and_its_entries(office: Client, credential: Credential) -> None:
    entry = AuditEntry.objects.first()

    listed = text_of(office.get(reverse("admin:credentials_auditentry_changelist")))
    shown = text_of(office.get(change_url("auditentry", entry.pk)))

    assert "created the credential Shop type: Basic Authentication" in listed
    assert "type: Basic Authentication" in shown


def test_filters_and_moments_read_as_on_the_other_pages(office: Client, credential: Credential) -> None:
    Credential.objects.update(last_used_at=datetime(2026, 3, 2, 14, 5, tzinfo=UTC))

    listed = text_of(office.get(reverse("admin:credentials_credential_changelist"), {"kind": "basic"}))
    trail = text_of(office.get(reverse("admin:credentials_auditentry_changelist")))

    assert "By kind All Basic Authentication" in listed
    assert credential.name in listed
    assert "2 Mar 2026, 14:05" in listed
    assert "By action All created the credential" in trail
