"""Secrets of a pasted cURL command: offered to the vault, never in the form, never kept on the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from credentials.models import AuditEntry, Credential
from credentials.services import sealing
from integrations.models import Integration
from tests.web import pages
from tests.web.integration_forms import HTMX, form_data

pytestmark = pytest.mark.usefixtures("store")
COMMAND = "curl https://api.example.test/me -H 'Authorization: Bearer abc-secret' -H 'X-Trace: 7'"


@pytest.fixture
def administrator(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def paste(client: Client, bot: Bot, command: str = COMMAND) -> Any:
    data = form_data(curl=command, name="Typed")
    return client.post(reverse("integration_paste", args=[bot.pk]), data, headers=HTMX)


def move(client: Client, bot: Bot, command: str = COMMAND, **values: Any) -> Any:
    data = form_data(curl=command, secret="0", credential_name_0="My token", name="Typed", **values)
    return client.post(reverse("integration_paste_credential", args=[bot.pk]), data, headers=HTMX)


def test_an_administrator_is_offered_a_credential_and_the_secret_is_not_echoed(administrator: Client, bot: Bot) -> None:
    page = paste(administrator, bot)

    assert "abc-secret" not in page.text
    assert pages.value_of(page, "credential_name_0") == "api.example.test (Access Token)"
    assert 'hx-swap-oob="outerHTML"></textarea>' not in page.text
    assert not Credential.objects.exists()


def test_one_press_puts_the_secret_into_the_vault_for_this_host_and_chooses_it(administrator: Client, bot: Bot) -> None:
    page = move(administrator, bot, url="https://api.example.test/me")

    made = Credential.objects.get()
    opened = sealing.unseal(str(made.sealed), key=str(made.key), organization_id=made.organization_id)
    assert (made.name, made.kind, made.allowed_hosts) == ("My token", "access_token", ["api.example.test"])
    assert opened == {"access_token": "abc-secret"}
    assert f'<option value="{made.pk}" selected>' in page.text
    assert pages.value_of(page, "name") == "Typed"
    assert "abc-secret" not in page.text
    assert 'id="curl-command"' in page.text
    assert AuditEntry.objects.filter(action="credential.created").count() == 1
    assert not Integration.objects.exists()


def test_the_answer_to_an_author_drops_the_value_and_names_the_type_to_ask_for(author: Client, bot: Bot) -> None:
    page = paste(author, bot)

    assert "abc-secret" not in page.text
    assert "Ask an administrator for a credential of the type Access Token" in pages.text_of(page)
    assert "credential_name_0" not in page.text
    assert 'id="curl-command"' in page.text  # the emptied field, which takes the place of the filled one


def test_an_author_cannot_make_a_credential(author: Client, bot: Bot) -> None:
    assert move(author, bot).status_code == 403
    assert not Credential.objects.exists()


def test_a_stranger_finds_nothing(client: Client, stranger: User, bot: Bot) -> None:
    client.force_login(stranger)

    assert move(client, bot).status_code == 404


def test_a_credential_that_goes_to_this_host_already_is_chosen(author: Client, bot: Bot) -> None:
    fitting = Credential.objects.create(
        organization=bot.organization, name="API", kind="access_token", allowed_hosts=["api.example.test"]
    )
    Credential.objects.create(
        organization=bot.organization, name="Bank", kind="access_token", allowed_hosts=["bank.example.test"]
    )

    page = paste(author, bot)

    assert f'<option value="{fitting.pk}" selected>' in page.text
    assert "API goes to this host already and is chosen below" in pages.text_of(page)


def test_of_several_fitting_ones_none_is_chosen(author: Client, bot: Bot) -> None:
    for name in ("One", "Two"):
        Credential.objects.create(
            organization=bot.organization, name=name, kind="access_token", allowed_hosts=["api.example.test"]
        )

    page = pages.text_of(paste(author, bot))

    assert "One , Two go to this host already; choose one below" in page


@pytest.mark.parametrize(
    ("values", "command", "said"),
    [
        ({"credential_name_0": ""}, COMMAND, "Give the credential a name"),
        ({"credential_name_0": "Taken"}, COMMAND, "There is a credential named Taken already."),
        ({"secret": "7", "credential_name_7": "X"}, COMMAND, "The command does not hold this secret any more."),
        ({}, "wget x", "This is no cURL command"),
        ({}, "curl https://a.example -E kim.pem", "does not hold this secret any more"),
    ],
)
def test_a_credential_that_cannot_be_made_is_explained(
    administrator: Client, bot: Bot, values: dict[str, str], command: str, said: str
) -> None:
    Credential.objects.create(organization=bot.organization, name="Taken", kind="basic")
    data = form_data(curl=command, secret="0", credential_name_0="New") | values

    page = administrator.post(reverse("integration_paste_credential", args=[bot.pk]), data, headers=HTMX)

    assert said in pages.text_of(page)
    assert "abc-secret" not in page.text
    assert Credential.objects.count() == 1


def test_a_client_certificate_leads_to_the_page_that_takes_its_files(administrator: Client, bot: Bot) -> None:
    page = paste(administrator, bot, "curl https://api.example.test/ -E kim.pem:abc-secret")

    assert reverse("new_credential", args=["mutual_tls"]) in page.text
    assert "abc-secret" not in page.text
