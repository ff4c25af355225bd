"""The pages of an OpenAPI import: document, operations, report, integrations."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from credentials.models import AuditEntry, Credential
from integrations.models import Environment, Integration
from integrations.services import openapis
from tests import factories
from tests.samples import openapi_documents as documents
from tests.web import pages

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def address(author: Client, bot: Bot) -> str:
    """The page of the operations of the pet shop."""
    file = SimpleUploadedFile("shop.json", documents.as_json(documents.SHOP))
    answer = author.post(reverse("openapi", args=[bot.pk]), {"file": file})
    assert answer.status_code == 302, pages.text_of(answer)
    return str(answer["Location"])


def confirm(author: Client, address: str, *keys: str, **values: Any) -> Any:
    names = {f"name-{number}": f"Call{number}" for number in range(len(keys))}
    data = {"op": list(keys), "confirm": "1", "base": "https://eu.petshop.example/v2", "where": "literal"}
    return author.post(address, data | names | values)


def test_the_import_needs_a_login_and_a_bot_of_ones_own(client: Client, stranger: User, bot: Bot) -> None:
    assert client.get(reverse("openapi", args=[bot.pk]))["Location"].startswith(reverse("login"))
    client.force_login(stranger)
    assert client.get(reverse("openapi", args=[bot.pk])).status_code == 404
    assert client.get(reverse("openapi_operations", args=[bot.pk, "x"])).status_code == 404


def test_the_list_of_integrations_leads_to_the_import(author: Client, bot: Bot) -> None:
    assert reverse("openapi", args=[bot.pk]) in author.get(reverse("integrations", args=[bot.pk])).text


def test_a_pasted_document_leads_to_its_operations(author: Client, bot: Bot) -> None:
    answer = author.post(reverse("openapi", args=[bot.pk]), {"text": documents.PARCELS_YAML}, follow=True)

    assert "/parcels/{number}" in answer.text
    assert "Webhooks are calls to a server of yours" in answer.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose a file or paste a document."),
        ({"text": "swagger: '2.0'"}, "This is a Swagger 2 document."),
        ({"text": documents.laughs()}, "unfolds to more than 400,000 values"),
        ({"file": SimpleUploadedFile("x.json", b"x" * 3_500_001)}, "larger than 3.5 MB"),
    ],
    ids=["nothing", "swagger", "bomb", "large"],
)
def test_what_cannot_be_read_is_said_on_the_page(author: Client, bot: Bot, given: dict[str, Any], said: str) -> None:
    answer = author.post(reverse("openapi", args=[bot.pk]), given)

    assert answer.status_code == 200
    assert said in pages.text_of(answer)


def test_a_document_of_somebody_else_is_not_there(author: Client, address: str, owner: User) -> None:
    author.force_login(owner)

    answer = author.get(address, follow=True)

    assert "That document waits no longer. Choose it again." in answer.text


def test_choosing_nothing_is_said_and_keeps_the_list(author: Client, address: str) -> None:
    assert "Choose at least one operation." in author.post(address).text
    assert "Choose at least one operation." in author.post(address, {"op": "GET /nowhere"}).text


def test_the_report_shows_what_would_be_made_and_saves_nothing(author: Client, address: str) -> None:
    page = pages.text_of(author.post(address, {"op": ["GET /pets", "GET /pets/{pet-id}"]}))

    assert "https://eu.petshop.example/v2/pets/{$botContext.pet_id}" in page
    assert "ask an administrator for a credential of the type API Key. Name: X-Shop-Key. Place: header." in page
    assert "The parameter session (in cookie) was left out." in page
    assert "Make 2 integrations" in page
    assert not Integration.objects.exists()


def test_going_back_keeps_what_was_chosen(author: Client, address: str) -> None:
    page = author.post(address, {"op": ["GET /pets"], "back": "1"}).text

    assert 'value="GET /pets" checked' in page


def test_confirming_makes_the_integrations_with_their_samples_and_fields(
    author: Client, address: str, bot: Bot
) -> None:
    answer = confirm(author, address, "GET /pets", "POST /pets", **{"fields-1": ["owner_mail"]})

    assert answer["Location"] == reverse("integrations", args=[bot.pk])
    listed, added = Integration.objects.order_by("name")
    assert (listed.method, listed.url) == ("GET", "https://eu.petshop.example/v2/pets")
    assert [(row["key"], row["enabled"]) for row in listed.parameters] == [("status", True), ("limit", False)]
    assert added.fields == [{"key": "owner_mail", "value": "{$.api_Call1.owner.mail}", "enabled": True, "note": ""}]
    assert added.pinned_response["status"] == 201
    assert AuditEntry.objects.filter(action="integration.openapi_imported").count() == 1


def test_a_made_integration_opens_in_its_form_and_can_be_saved(author: Client, address: str) -> None:
    answer = confirm(author, address, "POST /pets")

    page = author.get(answer["Location"])

    assert page.status_code == 200
    assert "{$botContext.name}" in page.text


def test_one_bad_name_makes_none_of_them(author: Client, address: str, bot: Bot) -> None:
    factories.make_integration(bot, name="Call1")

    answer = confirm(author, address, "GET /pets", "POST /pets")

    assert "Another integration of this bot has this name." in pages.beside(answer, "id_name-1")
    assert Integration.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"name-0": "1 bad"}, "id_name-0", "Begin with a letter"),
        ({"name-0": "Call1"}, "id_name-1", "This name stands here twice."),
        ({"base": "petshop.example"}, "id_base", "Begin with https://"),
        ({"base": "https://exa mple"}, "id_base", "Begin with https://"),
        ({"where": "environment", "key": "a b"}, "id_key", "letters and digits only"),
        ({"where": "environment", "key": "apiUrl"}, "id_key", "This bot has no environment."),
    ],
)
def test_a_decision_that_cannot_be_carried_out_stands_beside_its_field(
    author: Client, address: str, values: dict[str, str], field: str, said: str
) -> None:
    answer = confirm(author, address, "GET /pets", "POST /pets", **values)

    assert said in pages.beside(answer, field)
    assert not Integration.objects.exists()


def test_the_base_url_can_be_kept_in_the_environment(author: Client, address: str, bot: Bot) -> None:
    bot.environment = Environment.objects.create(organization=bot.organization, name="Test", values={"a": "1"})
    bot.save()

    confirm(author, address, "GET /pets", where="environment", key="apiUrl")

    assert Integration.objects.get().url == "{$env.apiUrl}/pets"
    assert Environment.objects.get().values == {"a": "1", "apiUrl": "https://eu.petshop.example/v2"}


def test_a_key_with_another_value_is_not_overwritten(author: Client, address: str, bot: Bot) -> None:
    bot.environment = Environment.objects.create(organization=bot.organization, name="Test", values={"apiUrl": "x"})
    bot.save()

    answer = confirm(author, address, "GET /pets", where="environment", key="apiUrl")

    assert "has a key apiUrl already, with another value" in pages.beside(answer, "id_key")
    assert not Integration.objects.exists()


def test_a_fitting_credential_of_the_organization_is_offered_and_used(author: Client, address: str, bot: Bot) -> None:
    key = Credential.objects.create(organization=bot.organization, name="Shop key", kind="api_key")
    Credential.objects.create(organization=bot.organization, name="Other", kind="basic")
    Credential.objects.create(organization=factories.make_organization(), name="Foreign", kind="api_key")

    report = author.post(address, {"op": ["GET /pets"]}).text
    confirm(author, address, "GET /pets", **{"credential-0": str(key.pk)})

    assert "Shop key" in report
    assert "Other" not in report
    assert "Foreign" not in report
    assert Integration.objects.get().credential == key
    key.refresh_from_db()
    assert key.attached_hosts == ["eu.petshop.example"]


def test_a_credential_for_another_host_makes_nothing(author: Client, address: str, bot: Bot) -> None:
    key = Credential.objects.create(
        organization=bot.organization, name="Shop key", kind="api_key", allowed_hosts=["bank.example"]
    )

    answer = confirm(author, address, "GET /pets", "POST /token", **{"credential-0": str(key.pk)})

    assert "may not be sent to eu.petshop.example" in answer.text
    assert not Integration.objects.exists()


def test_more_operations_than_one_import_takes_are_refused(
    author: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openapis, "MOST", 1)

    assert "Choose up to 1 operations at a time." in author.post(address, {"op": ["GET /pets", "POST /pets"]}).text
