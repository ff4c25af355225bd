"""The pages of import and export: file, report, decisions, bot, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from bots.models import Bot
from bots.services import importing, uploads
from config import redis as connections
from credentials.models import AuditEntry, Credential, Organization
from integrations.models import Environment
from tests import factories
from tests.samples import parcel_bot

pytestmark = pytest.mark.usefixtures("store")


def file_of(document: Any, name: str = "parcels.json") -> SimpleUploadedFile:
    data = document if isinstance(document, bytes) else json.dumps(document, indent=2, ensure_ascii=False).encode()
    return SimpleUploadedFile(name, data, content_type="application/json")


@pytest.fixture
def page(client: Client, teammate: User) -> Client:
    client.force_login(teammate)
    return client


@pytest.fixture
def report_url(page: Client) -> str:
    response = page.post(reverse("import_bot"), {"file": file_of(parcel_bot.document())})
    assert response.status_code == 302
    return str(response["Location"])


def test_importing_needs_a_login(client: Client) -> None:
    assert client.get(reverse("import_bot"))["Location"].startswith(reverse("login"))
    assert client.get(reverse("import_report", args=["x"]))["Location"].startswith(reverse("login"))


def test_the_bots_page_leads_to_the_import_and_each_bot_to_its_export(page: Client, bot: Bot) -> None:
    html = page.get(reverse("bots")).content.decode()

    assert reverse("import_bot") in html
    assert reverse("export_bot", args=[bot.pk]) in html


def test_the_form_takes_a_file_without_script(page: Client) -> None:
    html = page.get(reverse("import_bot")).content.decode()

    assert 'enctype="multipart/form-data"' in html
    assert 'type="file"' in html


def test_without_a_file_the_form_says_so(page: Client) -> None:
    assert "Choose a file first." in page.post(reverse("import_bot"), {}).content.decode()


def test_a_form_without_its_token_is_refused(teammate: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(teammate)

    assert client.post(reverse("import_bot"), {"file": file_of(parcel_bot.document())}).status_code == 403


def test_a_body_over_the_limit_is_refused_unread(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.views.transfer.MAX_BYTES", 1000)
    monkeypatch.setattr("bots.services.uploads.MOST_BYTES", 0)
    monkeypatch.setattr("bots.views.transfer._upload", lambda request: pytest.fail("the body was read"))

    response = page.post(reverse("import_bot"), {"file": file_of(b"x" * 2000)})

    assert response.status_code == 413
    assert "The file is larger than" in response.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "in line 1, column 2"),
        (b"[]", "the document: expected an object, found a list"),
        (b"\xff\xfe{}", "not encoded in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a number that cannot be read"),
    ],
)
def test_a_broken_file_gets_a_sentence_and_nothing_is_kept(
    page: Client, store: redis.Redis, data: bytes, sentence: str
) -> None:
    response = page.post(reverse("import_bot"), {"file": file_of(data)})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert [key for key in store.scan_iter() if b":rate:" not in key] == []


def test_a_wrong_shape_is_named_by_its_place(page: Client) -> None:
    document = parcel_bot.document()
    document["conversationMessage"][3]["content"] = "text"

    html = page.post(reverse("import_bot"), {"file": file_of(document)}).content.decode()

    assert "conversationMessage[3].content: expected an object, found a text" in html


def test_the_report_says_everything_before_anything_is_saved(page: Client, report_url: str) -> None:
    html = page.get(report_url).content.decode()

    assert "Parcel bot" in html
    assert "Need help" in html
    assert "somethingNew at the top of the file" in html
    assert not Bot.objects.exists()


def test_a_report_shows_what_the_file_says_as_text(page: Client) -> None:
    document = parcel_bot.document()
    document["conversationMessage"][0] |= {"name": "<script>alert(1)</script>", "interactionType": "<b>"}
    document["<img src=x onerror=alert(2)>"] = 1

    where = page.post(reverse("import_bot"), {"file": file_of(document, "<i>.json")})["Location"]

    html = page.get(where).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;img" in html


def test_importing_makes_the_bot_and_forgets_the_file(
    page: Client, report_url: str, organization: Organization, teammate: User, store: redis.Redis
) -> None:
    environment = Environment.objects.create(organization=organization, name="Test")
    credential = Credential.objects.create(organization=organization, name="Parcels key", kind="bearer")

    response = page.post(
        report_url, {"name": "Parcels", "environment": environment.pk, "credential-0": credential.pk}, follow=True
    )

    bot = Bot.objects.get()
    assert response.redirect_chain[-1][0] == reverse("bot", args=[bot.pk])
    assert (bot.name, bot.environment, bot.organization) == ("Parcels", environment, organization)
    assert bot.integrations.get().credential == credential
    assert AuditEntry.objects.filter(action="bot.imported", actor=teammate, subject="Parcels").exists()
    assert [key for key in store.scan_iter() if b":rate:" not in key] == []


def test_a_taken_name_is_asked_for_again_and_the_file_still_waits(
    page: Client, report_url: str, organization: Organization
) -> None:
    factories.make_bot(organization, name="Parcel bot")

    response = page.post(report_url, {"name": "Parcel bot"})

    assert "exists already" in response.content.decode()
    assert Bot.objects.count() == 1
    assert page.post(report_url, {"name": "Parcel bot 2"}).status_code == 302


def test_a_credential_of_another_organization_cannot_be_chosen(page: Client, report_url: str, stranger: User) -> None:
    theirs = Credential.objects.create(
        organization=Organization.objects.get(name="Elsewhere"), name="Key", kind="bearer"
    )

    response = page.post(report_url, {"name": "Parcels", "credential-0": theirs.pk})

    assert response.status_code == 200
    assert not Bot.objects.exists()


def test_somebody_elses_file_does_not_exist(report_url: str, client: Client, stranger: User) -> None:
    client.force_login(stranger)

    response = client.get(report_url, follow=True)

    assert response.redirect_chain[-1][0] == reverse("import_bot")
    assert "waits no longer" in response.content.decode()


def test_a_waiting_file_ends_by_itself(report_url: str, teammate: User, store: redis.Redis) -> None:
    assert 0 < store.ttl(uploads._key(teammate)) <= uploads.SECONDS


def test_without_redis_the_page_says_what_to_do(page: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    connections.client.cache_clear()

    response = page.post(reverse("import_bot"), {"file": file_of(parcel_bot.document())})

    assert "Try again in a minute" in response.content.decode()


def test_an_export_gives_the_file_back(page: Client, report_url: str) -> None:
    page.post(report_url, {"name": "Parcel bot"})

    response = page.get(reverse("export_bot", args=[Bot.objects.get().pk]))

    assert response["Content-Disposition"] == 'attachment; filename="parcel-bot.json"'
    assert response.content == json.dumps(parcel_bot.document(), indent=2, ensure_ascii=False).encode()


def test_a_stranger_cannot_export_the_bot(client: Client, stranger: User, bot: Bot) -> None:
    client.force_login(stranger)

    assert client.get(reverse("export_bot", args=[bot.pk])).status_code == 404


def test_exporting_is_a_link(page: Client, bot: Bot) -> None:
    assert page.post(reverse("export_bot", args=[bot.pk])).status_code == 405


@pytest.fixture
def large(page: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every file is a large one; what is ordered of the workers."""
    runs: list[str] = []
    settings.IMPORT_WORKER_FROM = 0
    monkeypatch.setattr("bots.tasks.send_import", runs.append)
    return runs


def send(page: Client, document: Any) -> str:
    response = page.post(reverse("import_bot"), {"file": file_of(document)})
    assert response.status_code == 302
    return str(response["Location"])


def test_a_large_file_is_read_by_a_worker_decided_on_stored_by_a_worker_and_taken_back(
    page: Client, large: list[str]
) -> None:
    address = send(page, parcel_bot.document())
    assert "Waiting for a worker" in page.get(address).content.decode()
    importing.carry_out(large.pop())
    assert page.get(f"{address}progress/")["HX-Redirect"] == address
    assert "What comes in" in page.get(address).content.decode()

    assert page.post(address, {"name": "Parcels"})["Location"] == address
    importing.carry_out(large.pop())
    done = page.get(address)

    bot = Bot.objects.get(name="Parcels")
    assert done["Location"] == reverse("bot", args=[bot.pk])
    token = page.session["deleted"][-1][0]
    page.post(reverse("undo", args=[bot.pk, token]))
    assert not Bot.objects.exists()


def test_a_large_import_that_was_refused_shows_the_field_and_what_was_typed(
    page: Client, large: list[str], organization: Organization
) -> None:
    address = send(page, parcel_bot.document())
    importing.carry_out(large.pop())
    page.post(address, {"name": "Parcels"})
    factories.make_bot(organization, name="Parcels")
    importing.carry_out(large.pop())

    html = page.get(address).content.decode()

    assert "exists already" in html
    assert 'value="Parcels"' in html


def test_a_large_file_that_is_no_export_gets_its_sentence_and_another_try(page: Client, large: list[str]) -> None:
    address = send(page, {"bot": []})
    importing.carry_out(large.pop())

    html = page.get(address).content.decode()

    assert "This is no Conversation Builder export" in html
    page.post(f"{address}again/")
    assert len(large) == 1


def test_a_large_import_is_cancelled_without_script(page: Client, large: list[str]) -> None:
    address = send(page, parcel_bot.document())

    assert page.post(f"{address}cancel/")["Location"] == address
    assert "Cancelled. Nothing was imported." in page.get(address).content.decode()


def test_a_large_import_of_another_user_is_not_found(
    page: Client, large: list[str], client: Client, owner: User
) -> None:
    address = send(page, parcel_bot.document())
    client.force_login(owner)

    assert client.post(f"{address}cancel/").status_code == 404
    assert client.get(address)["Location"] == reverse("import_bot")
