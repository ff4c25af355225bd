"""The list of bots, new, copy, delete; logging in and out; the frame."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.models import Bot
from bots.services import templates
from credentials.models import Organization
from tests import factories
from tests.web import pages


def test_the_list_shows_name_state_and_problems(client: Client, owner: User, bot: Bot) -> None:
    factories.make_interaction(factories.make_dialog(bot), kind="integration")
    client.force_login(owner)

    text = pages.text_of(client.get(reverse("bots")))

    assert "Account balance" in text
    assert "Draft" in text
    assert "2 problems" in text


def test_the_list_costs_the_same_for_many_bots(
    client: Client, owner: User, organization: Organization, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        factories.make_interaction(factories.make_dialog(factories.make_bot(organization)))
    client.force_login(owner)

    with django_assert_max_num_queries(15):
        client.get(reverse("bots"))


def test_search_answers_htmx_with_the_list_alone(client: Client, owner: User, organization: Organization) -> None:
    factories.make_bot(organization, name="Orders")
    factories.make_bot(organization, name="Returns", description="of parcels")
    client.force_login(owner)

    response = client.get(reverse("bots"), {"q": "PARCEL"}, headers={"HX-Request": "true"})

    assert pages.root_id(response) == "bot-list"
    assert "Returns" in response.content.decode()
    assert "Orders" not in response.content.decode()


def test_an_empty_list_offers_the_first_step(client: Client, owner: User, organization: Organization) -> None:
    client.force_login(owner)

    assert reverse("new_bot") in client.get(reverse("bots")).content.decode()


def test_a_new_bot_opens_on_its_dialogs(client: Client, owner: User, organization: Organization) -> None:
    client.force_login(owner)

    response = client.post(reverse("new_bot"), {"name": "Orders", "language": "de-DE", "template": ""})

    made = Bot.objects.get(name="Orders")
    assert response.headers["Location"] == reverse("bot", args=[made.pk])
    assert made.language == "de-DE"


def test_a_new_bot_may_begin_from_a_template(client: Client, owner: User, organization: Organization) -> None:
    client.force_login(owner)

    client.post(reverse("new_bot"), {"name": "Balance", "language": "en-US", "template": "account_balance"})

    assert Bot.objects.get(name="Balance").integrations.exists()


def test_a_name_in_use_is_told_beside_the_field_and_the_text_stays(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    response = client.post(reverse("new_bot"), {"name": bot.name, "description": "Kept", "language": "en-US"})

    assert "exists already" in pages.beside(response, "id_name")
    assert pages.value_of(response, "description") == "Kept"


def test_a_copy_is_made_and_opened(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    response = client.post(reverse("duplicate_bot", args=[bot.pk]))

    assert response.headers["Location"] == reverse("bot", args=[Bot.objects.get(name="Account balance (copy)").pk])


def test_deleting_asks_for_the_name(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    refused = client.post(reverse("delete_bot", args=[bot.pk]), {"typed_name": "account balance"})
    assert "exactly" in pages.beside(refused, "id_typed_name")
    assert Bot.objects.filter(pk=bot.pk).exists()

    client.post(reverse("delete_bot", args=[bot.pk]), {"typed_name": bot.name})
    assert not Bot.objects.filter(pk=bot.pk).exists()


@pytest.mark.parametrize("name", ["duplicate_bot", "delete_bot", "bot", "bot_settings", "versions", "publish"])
def test_a_stranger_gets_404(name: str, client: Client, stranger: User, bot: Bot) -> None:
    client.force_login(stranger)

    assert client.post(reverse(name, args=[bot.pk])).status_code in (404, 405)
    assert client.get(reverse(name, args=[bot.pk])).status_code in (404, 405)
    assert Bot.objects.filter(pk=bot.pk).exists()


@pytest.mark.parametrize("name", ["bots", "new_bot", "environments"])
def test_pages_need_a_log_in(name: str, client: Client, db: None) -> None:
    response = client.get(reverse(name))

    assert response.headers["Location"] == f"{reverse('login')}?next={reverse(name)}"


def test_logging_in_with_a_wrong_password_says_so(client: Client, owner: User) -> None:
    response = client.post(reverse("login"), {"username": "owner", "password": "wrong"})

    assert "correct username and password" in response.content.decode()
    assert pages.value_of(response, "username") == "owner"


def test_a_fragment_that_meets_a_log_out_does_not_get_the_log_in_form(client: Client, db: None) -> None:
    response = client.get(reverse("login"), headers={"HX-Request": "true"})

    assert response.content == b""
    assert response.headers["HX-Reswap"] == "none"
    assert "logged out" in response.headers["HX-Trigger"]


def test_logging_out_is_a_post(client: Client, owner: User) -> None:
    client.force_login(owner)

    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert client.get(reverse("bots")).status_code == 302


def test_an_error_page_tells_nothing_about_the_server(client: Client, db: None) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "/nothing/here" not in response.content.decode()


def test_no_page_holds_an_inline_script_or_style(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    text = client.get(reverse("bot", args=[bot.pk])).content.decode()

    assert " style=" not in text
    assert "<style" not in text
    assert " onclick=" not in text
    assert "<script>" not in text


def test_an_address_that_only_takes_forms_says_so_to_people(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    response = client.get(reverse("unpublish", args=[bot.pk]), headers={"accept": "text/html"})

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "what you pressed before was not done" in pages.text_of(response)


def test_a_new_bot_may_begin_with_each_template_and_says_what_it_is(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    text = pages.text_of(client.get(reverse("new_bot")))

    assert all(label in text and about in text for _, label, about in templates.choices())
