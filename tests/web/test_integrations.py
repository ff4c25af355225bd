"""The list and the form of API integrations."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from credentials import kinds
from credentials.models import Credential
from credentials.services import standins, vault
from integrations.models import Integration
from tests import factories
from tests.web.integration_forms import HTMX, create, form_data, rows, save
from tests.web.pages import text_of

pytestmark = pytest.mark.usefixtures("store")


def test_the_list_shows_every_integration_with_its_method(author: Client, integration: Integration) -> None:
    page = author.get(reverse("integrations", args=[integration.bot_id]))

    assert "Balance" in page.text
    assert "https://api.example.test/balance" in page.text


def test_an_empty_list_says_what_an_integration_is_for(author: Client, bot: Bot) -> None:
    page = author.get(reverse("integrations", args=[bot.pk]))

    assert "No integration yet" in page.text
    assert reverse("integration_new", args=[bot.pk]) in page.text


@pytest.mark.parametrize("name", ["integrations", "integration_new", "integration_list"])
def test_pages_of_a_bot_need_a_log_in_and_are_not_there_for_a_stranger(
    client: Client, stranger: User, bot: Bot, name: str
) -> None:
    url = reverse(name, args=[bot.pk])

    assert client.get(url).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert client.get(url).status_code == 404


def test_an_integration_needs_a_log_in_and_is_not_there_for_a_stranger(
    client: Client, stranger: User, integration: Integration
) -> None:
    url = reverse("integration", args=[integration.bot_id, integration.pk])

    assert client.get(url).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("action", ["integration_save", "integration_duplicate", "integration_delete"])
def test_a_stranger_can_change_nothing(client: Client, stranger: User, integration: Integration, action: str) -> None:
    client.force_login(stranger)

    answer = client.post(reverse(action, args=[integration.bot_id, integration.pk]), form_data())

    assert answer.status_code == 404
    assert Integration.objects.get().name == "Balance"


def test_the_form_has_every_field_under_its_label(author: Client, bot: Bot) -> None:
    page = author.get(reverse("integration_new", args=[bot.pk])).text

    labels = (
        "Integration Name", "Response Data Variable Name", "Integration Type", "Method", "URL", "Credential",
        "Use default headers", "Request Headers", "Request Parameters", "Post Body", "Transform Result Script",
        "Custom Data Fields", "Timeout", "Retries", "Follow redirects",
    )  # fmt: skip
    places = [page.find(f">{label}") for label in labels]
    assert -1 not in places
    assert places == sorted(places)


def test_creating_stores_every_field(author: Client, bot: Bot) -> None:
    answer = create(
        author,
        bot,
        method="POST",
        body='{"id": {$botContext.order}}',
        timeout_seconds="30",
        retries="1",
        slow_message="One moment",
        **rows("headers", ("X-Trace", "{$conversationId}"), ("X-Off", "1"), off=(2,)),
        **rows("parameters", ("q", "a"), ("q", "b")),
        **rows("fields", ("total", "{$.api_Order.total}")),
    )

    row = Integration.objects.get()
    assert answer.url == reverse("integration", args=[bot.pk, row.pk])
    assert (row.method, row.timeout_seconds, row.retries, row.slow_message) == ("POST", 30, 1, "One moment")
    assert [(h["key"], h["enabled"]) for h in row.headers] == [("X-Trace", True), ("X-Off", False)]
    assert [(p["key"], p["value"]) for p in row.parameters] == [("q", "a"), ("q", "b")]
    assert row.fields == [{"key": "total", "value": "{$.api_Order.total}", "enabled": True, "note": ""}]


def test_creating_without_a_page_load_leads_to_the_new_page(author: Client, bot: Bot) -> None:
    answer = author.post(reverse("integration_new", args=[bot.pk]), form_data(), headers=HTMX)

    assert answer.headers["HX-Redirect"] == reverse("integration", args=[bot.pk, Integration.objects.get().pk])


def test_saving_without_a_page_load_gives_the_form_back(author: Client, integration: Integration) -> None:
    answer = save(author, integration, url="https://api.example.test/new")

    assert answer.status_code == 200
    assert 'id="integration-form"' in answer.text
    assert "<html" not in answer.text
    assert "Saved" in answer.text
    assert "integration-saved" in answer.headers["HX-Trigger"]
    assert Integration.objects.get().url == "https://api.example.test/new"


def test_pasted_lines_become_rows_in_their_order(author: Client, integration: Integration) -> None:
    lines = "Accept: text/plain\nX-A=1\nX-B\tc\n\nX-URL: http://x/?a=b"
    save(author, integration, **rows("headers", ("First", "0")), **{"headers.lines": lines})

    pairs = [(row["key"], row["value"]) for row in Integration.objects.get().headers]
    assert pairs == [
        ("First", "0"), ("Accept", "text/plain"), ("X-A", "1"), ("X-B", "c"), ("X-URL", "http://x/?a=b"),
    ]  # fmt: skip


BAD = {
    "a name with a blank": ({"name": "My order"}, "Begin with a letter or _"),
    "a name that begins with a digit": ({"response_variable": "1st"}, "Begin with a letter or _"),
    "no URL": ({"url": ""}, "This field is required"),
    "a URL without scheme": ({"url": "api.example.test/orders"}, "http:// or https://"),
    "another scheme": ({"url": "ftp://api.example.test/"}, "http:// or https://"),
    "the consumer's words as URL": ({"url": "{$userMessage}/orders"}, "which the consumer can choose"),
    "a password in the URL": ({"url": "https://me:secret@api.example.test/"}, "Use a credential"),
    "a timeout over a minute": ({"timeout_seconds": "61"}, "less than or equal to 60"),
    "too many retries": ({"retries": "4"}, "less than or equal to 3"),
    "a header name with a blank": (rows("headers", ("X Trace", "1")), "no valid name"),
    "a header that is set for everybody": (rows("headers", ("Content-Length", "1")), "it is set for you"),
    "a value without a key": (rows("parameters", ("", "1")), "Row 1 has a value but no key."),
    "a path that cannot be read": (rows("fields", ("total", "{$.api_Order..total}")), "cannot be read at character"),
    "a path without its end": (rows("fields", ("total", "{$.api_Order.total")), "Is a brace missing?"),
}


@pytest.mark.parametrize(("values", "sentence"), BAD.values(), ids=BAD.keys())
def test_a_bad_form_keeps_what_was_typed_and_says_why(
    author: Client, integration: Integration, values: dict[str, Any], sentence: str
) -> None:
    answer = save(author, integration, body="what I typed", **values)

    assert answer.status_code == 200
    assert sentence in answer.text
    assert "what I typed" in answer.text
    assert 'id="integration-form"' in answer.text
    assert Integration.objects.get().body == ""


def test_a_script_that_does_not_parse_is_refused_with_its_line(author: Client, integration: Integration) -> None:
    answer = save(author, integration, transform_script="var a = 1;\nvar b = ;\n")

    assert "Line 2" in answer.text
    assert Integration.objects.get().transform_script == ""


def test_two_integrations_of_a_bot_cannot_have_one_name(author: Client, integration: Integration) -> None:
    answer = create(author, integration.bot, name="Balance")

    assert "Another integration of this bot has this name" in answer.text
    assert Integration.objects.count() == 1


def test_an_imported_name_that_breaks_the_rule_is_kept_and_flagged(author: Client, bot: Bot) -> None:
    row = factories.make_integration(bot, name="get balance", response_variable="balance")

    answer = save(author, row)

    assert Integration.objects.get().name == "get balance"
    assert "This imported name is kept" in answer.text


def test_only_the_organizations_credentials_can_be_chosen(author: Client, integration: Integration) -> None:
    own = Credential.objects.create(organization=integration.bot.organization, name="Ours", kind="basic")
    foreign = Credential.objects.create(organization=factories.make_organization(), name="Theirs", kind="basic")

    page = author.get(reverse("integration", args=[integration.bot_id, integration.pk])).text
    refused = save(author, integration, credential=str(foreign.pk))
    save(author, integration, credential=str(own.pk))

    assert "Ours" in page
    assert "Theirs" not in page
    assert "Select a valid choice" in refused.text
    assert Integration.objects.get().credential == own


def test_a_field_that_reads_another_response_is_saved_with_a_warning(author: Client, integration: Integration) -> None:
    answer = save(author, integration, **rows("fields", ("total", "{$.api_Other.total}")))

    assert "total reads api_Other, but the response of this call is api_Balance." in answer.text
    assert Integration.objects.get().fields[0]["key"] == "total"


def test_a_body_that_is_no_json_is_saved_with_a_warning(author: Client, integration: Integration) -> None:
    answer = save(author, integration, method="POST", body='{"a": {$botContext.a}, "b": "x{$userMessage}",}')

    assert "This is not JSON" in answer.text


def test_a_body_with_variables_inside_and_outside_of_strings_is_json(author: Client, integration: Integration) -> None:
    answer = save(author, integration, method="POST", body='{"a": {$botContext.a}, "b": "x {$userMessage}"}')

    assert "This is not JSON" not in answer.text


def test_a_save_over_somebody_elses_change_is_refused_once(author: Client, integration: Integration) -> None:
    opened_at = integration.updated_at.isoformat()
    integration.url = "https://api.example.test/theirs"
    integration.save()

    refused = save(author, integration, seen=opened_at, url="https://api.example.test/mine")
    stored = Integration.objects.get()

    assert "Somebody else changed this since you opened it." in refused.text
    assert stored.url == "https://api.example.test/theirs"
    assert stored.updated_at.isoformat() in refused.text
    save(author, stored, url="https://api.example.test/mine")
    assert Integration.objects.get().url == "https://api.example.test/mine"


def test_an_author_sees_of_a_credential_its_name_its_type_and_how_it_is(
    author: Client, integration: Integration, owner: User
) -> None:
    values = {"access_token": "t0ken-of-the-shop", "token_type": "Bearer"}
    team, kind = integration.bot.organization, kinds.ALL["access_token"]
    shop, old = (vault.create(team, actor=owner, name=name, kind=kind, values=values) for name in ("Shop", "Old"))
    vault.set_disabled(shop, actor=owner, disabled=True)
    standins.begin(old, by=shop, actor=owner)

    shown = text_of(author.get(reverse("integration", args=[integration.bot_id, integration.pk])))

    assert "Shop · Access Token · Disabled" in shown
    assert "Old ·" not in shown


def test_an_author_is_told_when_the_new_urls_host_is_not_the_credentials(
    author: Client, integration: Integration, bot: Bot
) -> None:
    credential = Credential.objects.create(organization=bot.organization, name="Shop key", kind="access_token")
    save(author, integration, url="https://api.example.test/", credential=credential.pk)
    integration.refresh_from_db()

    refused = save(author, integration, url="https://evil.test/", credential=credential.pk)

    assert "The credential Shop key may not be sent to evil.test. Ask an administrator" in refused.text
    assert Integration.objects.get().url == "https://api.example.test/"


def test_a_duplicate_that_its_credential_does_not_cover_is_refused_in_words(
    author: Client, integration: Integration, bot: Bot
) -> None:
    credential = Credential.objects.create(
        organization=bot.organization, name="Shop key", kind="access_token", allowed_hosts=["elsewhere.test"]
    )
    Integration.objects.filter(pk=integration.pk).update(credential=credential)

    answer = author.post(reverse("integration_duplicate", args=[integration.bot_id, integration.pk]), follow=True)

    assert "It was not duplicated. The credential Shop key may not be sent to api.example.test." in answer.text
    assert Integration.objects.count() == 1
