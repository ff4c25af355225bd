"""The pages of environments."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.models import Bot
from credentials.models import Organization
from integrations.models import Environment
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}


@pytest.fixture
def environment(organization: Organization) -> Environment:
    return Environment.objects.create(organization=organization, name="Test", values={"base": "http://a"})


def rows(*pairs: tuple[str, str], **more: str) -> dict[str, Any]:
    keys, values = [key for key, _ in pairs], [value for _, value in pairs]
    return {"name": "Test", "description": "", "values.key": keys, "values.value": values, **more}


def test_a_new_environment_opens(client: Client, owner: User, organization: Organization) -> None:
    client.force_login(owner)

    response = client.post(reverse("environments"), {"name": "Production", "description": "The real thing"})

    assert response.headers["Location"] == reverse("environment", args=[Environment.objects.get().pk])


def test_a_name_in_use_is_told_and_the_text_stays(client: Client, owner: User, environment: Environment) -> None:
    client.force_login(owner)

    response = client.post(reverse("environments"), {"name": "test", "description": "Kept"})

    assert "exists already" in pages.beside(response, "id_name")
    assert pages.value_of(response, "description") == "Kept"


def test_rows_are_saved_while_they_are_typed(client: Client, owner: User, environment: Environment) -> None:
    client.force_login(owner)
    address = reverse("environment_save", args=[environment.pk])

    response = client.post(address, rows(("key", "1"), ("base", "http://b"), ("", "")), headers=HTMX)

    environment.refresh_from_db()
    assert list(environment.values.items()) == [("key", "1"), ("base", "http://b")]
    assert pages.root_id(response) == "save-state"


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        ([("a", "1"), ("a", "2")], "stands there twice"),
        ([("a-b", "1")], "cannot be a key"),
        ([("", "1")], "Row 1: Key is missing"),
    ],
)
def test_a_wrong_row_is_told_and_nothing_is_saved(
    pairs: list[tuple[str, str]], sentence: str, client: Client, owner: User, environment: Environment
) -> None:
    client.force_login(owner)

    response = client.post(reverse("environment_save", args=[environment.pk]), rows(*pairs))

    environment.refresh_from_db()
    assert sentence in pages.beside(response, "id_values")
    assert f'value="{pairs[0][1]}"' in response.content.decode()
    assert environment.values == {"base": "http://a"}


def test_many_lines_are_added_at_once(client: Client, owner: User, environment: Environment) -> None:
    client.force_login(owner)
    address = reverse("environment_lines", args=[environment.pk])

    refused = client.post(address, {"lines": "a=1\nb"})
    assert "Line 2 has no" in pages.beside(refused, "id_lines")
    assert pages.value_of(refused, "lines") == "a=1\nb"

    client.post(address, {"lines": "a=1\nb=2"})
    environment.refresh_from_db()
    assert environment.values == {"base": "http://a", "a": "1", "b": "2"}


def test_the_export_is_a_csv_file(client: Client, owner: User, environment: Environment) -> None:
    client.force_login(owner)

    response = client.get(reverse("environment_export", args=[environment.pk]))

    assert response.content.decode().splitlines() == ["key,value", "base,http://a"]
    assert response.headers["Content-Disposition"] == 'attachment; filename="test.csv"'


def test_deleting_one_in_use_is_refused_with_the_bots(
    client: Client, owner: User, environment: Environment, bot: Bot
) -> None:
    bot.environment = environment
    bot.save()
    client.force_login(owner)

    response = client.post(reverse("environment_delete", args=[environment.pk]), follow=True)

    assert "Account balance still uses it" in pages.text_of(response)
    assert Environment.objects.exists()


def test_the_list_costs_the_same_for_many(
    client: Client, owner: User, organization: Organization, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        row = Environment.objects.create(organization=organization, name=f"E{number}")
        factories.make_bot(organization, environment=row)
    client.force_login(owner)

    with django_assert_max_num_queries(15):
        client.get(reverse("environments"))


def test_a_stranger_gets_404(client: Client, stranger: User, environment: Environment) -> None:
    client.force_login(stranger)

    for name in ("environment", "environment_export"):
        assert client.get(reverse(name, args=[environment.pk])).status_code == 404
    for name in ("environment_save", "environment_lines", "environment_delete"):
        assert client.post(reverse(name, args=[environment.pk]), rows()).status_code == 404
    assert Environment.objects.filter(values={"base": "http://a"}).exists()


def test_pages_need_a_log_in(client: Client, environment: Environment) -> None:
    assert client.get(reverse("environment_export", args=[environment.pk])).status_code == 302
    assert client.post(reverse("environment_delete", args=[environment.pk])).status_code == 302
    assert Environment.objects.exists()


def test_each_key_leads_to_its_renaming_in_the_bots_that_read_it(
    client: Client, owner: User, bot: Bot, environment: Environment
) -> None:
    client.force_login(owner)
    address = f"{reverse('naming', args=[bot.pk])}?kind=env&amp;name=base"
    assert address not in client.get(reverse("environment", args=[environment.pk])).text

    bot.environment = environment
    bot.save()

    assert address in client.get(reverse("environment", args=[environment.pk])).text
    assert client.get(address.replace("&amp;", "&")).status_code == 200
