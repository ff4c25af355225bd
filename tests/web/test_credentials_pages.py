"""The administrators' credential pages: who may open them, what they show, what they never show."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from credentials import kinds
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import vault
from tests import factories

SECRET = "s3cr3t-of-the-shop"
NEW = {"name": "Shop", "value_user_name": "ann", "value_password": SECRET, "hosts": "api.example.test"}


@pytest.fixture
def credential(organization: Organization, owner: User) -> Credential:
    return vault.create(
        organization,
        actor=owner,
        name="Shop",
        kind=kinds.ALL["basic"],
        values={"user_name": "ann", "password": SECRET},
        allowed_hosts=["api.example.test"],
    )


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


PAGES = ["credentials", "credential_types", "members", "egress_rules"]


@pytest.mark.parametrize("name", PAGES)
def test_an_author_may_not_open_the_administrators_pages(client: Client, teammate: User, name: str) -> None:
    client.force_login(teammate)

    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", [*PAGES, "activity"])
def test_the_pages_ask_for_log_in(client: Client, db: None, name: str) -> None:
    answer = client.get(reverse(name))

    assert answer.status_code == 302
    assert "/login/" in answer.url


@pytest.mark.parametrize("name", [*PAGES, "activity"])
def test_an_administrator_opens_the_pages(page: Client, name: str, organization: Organization) -> None:
    assert page.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("who", ["stranger", "teammate"])
@pytest.mark.parametrize("name", ["credential", "delete_credential"])
def test_nobody_but_administrators_of_its_organization_finds_a_credential(
    client: Client, credential: Credential, who: str, name: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse(name, args=[credential.key])).status_code == 404


@pytest.mark.parametrize("name", ["disable_credential", "test_credential", "delete_credential"])
def test_a_stranger_changes_nothing(client: Client, credential: Credential, stranger: User, name: str) -> None:
    client.force_login(stranger)

    answer = client.post(reverse(name, args=[credential.key]), {"url": "https://api.example.test/"})

    credential.refresh_from_db()
    assert answer.status_code == 404
    assert not credential.disabled


def test_a_credential_is_made_in_the_wizard(page: Client, organization: Organization) -> None:
    answer = page.post(reverse("new_credential", args=["basic"]), NEW, follow=True)

    made = Credential.objects.get(name="Shop")
    assert answer.redirect_chain[-1][0] == reverse("credential", args=[made.key])
    assert made.allowed_hosts == ["api.example.test"]
    assert SECRET not in answer.content.decode()


def test_an_unknown_type_is_not_found(page: Client, organization: Organization) -> None:
    assert page.get(reverse("new_credential", args=["telepathy"])).status_code == 404


def test_a_bad_form_comes_back_with_its_errors_and_without_the_secret(page: Client, organization: Organization) -> None:
    answer = page.post(reverse("new_credential", args=["basic"]), NEW | {"hosts": "not a host!"})

    assert answer.status_code == 200
    assert "is not a host" in answer.content.decode()
    assert SECRET not in answer.content.decode()


def test_a_name_is_taken_once(page: Client, credential: Credential) -> None:
    answer = page.post(reverse("new_credential", args=["basic"]), NEW)

    assert "There is a credential named Shop already" in answer.content.decode()


def test_the_form_tells_when_a_secret_was_set_and_an_empty_field_keeps_it(page: Client, credential: Credential) -> None:
    before = Credential.objects.values_list("sealed", flat=True).get(pk=credential.pk)

    shown = page.get(reverse("credential", args=[credential.key])).content.decode()
    page.post(reverse("credential", args=[credential.key]), NEW | {"name": "Shop 2", "value_password": ""})

    after = Credential.objects.get(pk=credential.pk)
    assert shown.count("•••• set on") == 1
    assert SECRET not in shown
    assert after.name == "Shop 2"
    assert after.sealed == before


def test_deleting_one_that_is_used_lists_the_integrations(page: Client, credential: Credential, bot: Bot) -> None:
    factories.make_integration(bot, name="Balance", credential=credential)

    answer = page.post(reverse("delete_credential", args=[credential.key]))

    assert "It cannot be deleted" in answer.content.decode()
    assert "Balance" in answer.content.decode()
    assert Credential.objects.filter(pk=credential.pk).exists()


def test_one_that_nobody_uses_is_deleted(page: Client, credential: Credential) -> None:
    answer = page.post(reverse("delete_credential", args=[credential.key]))

    assert answer.url == reverse("credentials")
    assert not Credential.objects.filter(pk=credential.pk).exists()


def test_disabling_and_enabling_are_recorded(page: Client, credential: Credential) -> None:
    page.post(reverse("disable_credential", args=[credential.key]))
    disabled = Credential.objects.get(pk=credential.pk).disabled
    page.post(reverse("enable_credential", args=[credential.key]))

    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert disabled
    assert not Credential.objects.get(pk=credential.pk).disabled
    assert actions[-2:] == ["credential.disabled", "credential.enabled"]


def test_the_test_answers_with_its_fragment(page: Client, credential: Credential) -> None:
    answer = page.post(
        reverse("test_credential", args=[credential.key]),
        {"url": "https://elsewhere.test/"},
        headers={"hx-request": "true"},
    )

    assert 'id="trial"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert "may not be sent to elsewhere.test" in answer.content.decode()


def test_the_list_tells_type_status_and_last_use(page: Client, credential: Credential) -> None:
    shown = page.get(reverse("credentials")).content.decode()

    assert "Basic Authentication" in shown
    assert "Ready" in shown
    assert "never" in shown


def test_an_empty_list_says_what_credentials_are_for(page: Client, organization: Organization) -> None:
    assert "No credential yet" in page.get(reverse("credentials")).content.decode()


@pytest.mark.parametrize("kind", kinds.ALL)
def test_the_wizard_of_each_type_opens_with_all_its_fields(page: Client, organization: Organization, kind: str) -> None:
    shown = page.get(reverse("new_credential", args=[kind])).content.decode()

    assert all(f'name="value_{field.name}"' in shown for field in kinds.ALL[kind].fields)
