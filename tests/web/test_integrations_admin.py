"""The back office of environments and integrations."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from integrations.models import Integration
from tests import factories


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("operator", password="correct horse battery"))
    return client


def test_integrations_are_found_by_their_credential_and_url(operator: Client, bot: Bot) -> None:
    factories.make_integration(bot, name="Order", url="https://shop.example.test/")
    factories.make_integration(bot, name="Weather", url="https://weather.example.test/")

    page = operator.get(reverse("admin:integrations_integration_changelist"), {"q": "shop.example"}).text

    assert "Order" in page
    assert "https://weather.example.test/" not in page


@pytest.mark.parametrize("name", ["integration", "environment"])
def test_a_long_list_needs_few_queries(
    operator: Client, bot: Bot, name: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        factories.make_integration(bot)
        bot.organization.environments.create(name=f"Environment {_}", values={"a": "1"})

    with django_assert_max_num_queries(12):
        answer = operator.get(reverse(f"admin:integrations_{name}_changelist"))

    assert answer.status_code == 200


def test_a_definition_is_shown_and_not_edited(operator: Client, bot: Bot) -> None:
    row = factories.make_integration(bot, name="Order")
    url = reverse("admin:integrations_integration_change", args=[row.pk])

    assert "https://" in operator.get(url).text or "http://" in operator.get(url).text
    assert operator.post(url, {"name": "Changed"}).status_code == 403
    assert Integration.objects.get().name == "Order"


def test_what_an_interaction_calls_is_not_deleted_here_either(operator: Client, bot: Bot) -> None:
    row = factories.make_integration(bot)
    caller = factories.make_interaction(factories.make_dialog(bot), kind="integration", integration=row)
    url = reverse("admin:integrations_integration_delete", args=[row.pk])

    assert operator.post(url, {"post": "yes"}).status_code == 403
    caller.delete()
    assert operator.post(url, {"post": "yes"}).status_code == 302
    assert not Integration.objects.exists()
