"""The back office of bots: each list opens in few queries, nothing is changed there, no digest is shown."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.models import Bot, ChannelKey
from bots.services import versions
from tests import factories


@pytest.fixture
def office(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    return client


@pytest.mark.parametrize("model", ["bot", "version", "channelkey"])
def test_each_list_costs_the_same_for_many_rows(
    model: str, office: Client, owner: User, bot: Bot, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        each = factories.make_bot(bot.organization)
        versions.publish(each.pk, user=owner)
        ChannelKey.objects.create(bot=each, digest=f"digest-{number}")

    with django_assert_max_num_queries(15):
        assert office.get(reverse(f"admin:bots_{model}_changelist"), {"q": "o"}).status_code == 200


def test_a_bot_is_shown_and_not_changed(office: Client, bot: Bot) -> None:
    address = reverse("admin:bots_bot_change", args=[bot.pk])

    assert office.get(address).status_code == 200
    assert office.post(address, {"name": "Changed"}).status_code == 403
    assert office.post(reverse("admin:bots_bot_delete", args=[bot.pk]), {"post": "yes"}).status_code == 403


def test_no_digest_of_a_key_is_shown(office: Client, bot: Bot) -> None:
    key = ChannelKey.objects.create(bot=bot, digest="d1ge5t")

    assert "d1ge5t" not in office.get(reverse("admin:bots_channelkey_change", args=[key.pk])).content.decode()
