"""The preview's page, its panel, and the way to a conversation's bot log."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import conversations
from integrations.services import streams
from tests import factories

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def author(client: Client, teammate: User) -> Client:
    client.force_login(teammate)
    return client


def test_the_page_knows_where_its_conversation_begins(author: Client, bot: Bot) -> None:
    page = author.get(reverse("preview", args=[bot.pk])).text

    assert f'data-begin="{reverse("api_begin", args=[bot.pk])}"' in page
    assert 'role="log"' in page
    assert "<html" in page


def test_the_panel_is_the_same_without_the_frame(author: Client, bot: Bot) -> None:
    panel = author.get(reverse("preview", args=[bot.pk]), headers={"HX-Request": "true"}).text

    assert "data-preview" in panel
    assert "data-close" in panel
    assert "<html" not in panel


def test_every_page_of_a_bot_leads_to_its_preview(author: Client, bot: Bot) -> None:
    for name in ("bot", "integrations", "bot_settings"):
        assert reverse("preview", args=[bot.pk]) in author.get(reverse(name, args=[bot.pk])).text


def test_the_preview_needs_a_log_in_and_is_not_there_for_a_stranger(client: Client, stranger: User, bot: Bot) -> None:
    url = reverse("preview", args=[bot.pk])

    assert client.get(url).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert client.get(url).status_code == 404


def test_an_author_gets_a_ticket_for_the_bot_log(author: Client, bot: Bot) -> None:
    begun = conversations.begin(bot, draft=True)

    answer = author.get(reverse("preview_log", args=[bot.pk, begun.id]))

    ticket = answer.json()["url"].removeprefix("/api/v1/streams/")
    holder = author.cookies["sessionid"].value
    assert begun.id in streams.redeem(ticket, holder=holder)
    assert streams.redeem(ticket, holder=holder).endswith("log")


def test_a_stranger_gets_no_ticket(client: Client, stranger: User, bot: Bot) -> None:
    begun = conversations.begin(bot, draft=True)
    url = reverse("preview_log", args=[bot.pk, begun.id])

    assert client.get(url).url.startswith(reverse("login"))
    client.force_login(stranger)
    assert client.get(url).status_code == 404


def test_a_conversation_of_another_bot_or_none_gives_no_ticket(author: Client, bot: Bot) -> None:
    begun = conversations.begin(factories.make_bot(bot.organization), draft=True)

    assert author.get(reverse("preview_log", args=[bot.pk, begun.id])).status_code == 404
    assert author.get(reverse("preview_log", args=[bot.pk, "nonsense"])).status_code == 404
