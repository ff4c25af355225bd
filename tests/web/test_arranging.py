"""Dragging tiles and dialogs: what the server does when one is dropped."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot, Interaction
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}


@pytest.fixture
def row(bot: Bot) -> Interaction:
    return factories.make_interaction(factories.make_dialog(bot, name="Orders"), name="Tell")


def at(name: str, row: Interaction, *more: object) -> str:
    return reverse(name, args=[row.bot_id, row.pk, *more])


def test_a_tile_dropped_on_another_dialog_goes_to_its_end(client: Client, owner: User, row: Interaction) -> None:
    other = factories.make_dialog(row.bot, name="Other")
    factories.make_interaction(other, name="There before")
    client.force_login(owner)

    response = client.post(at("move_interaction", row, 10000), {"dialog": other.pk}, headers=HTMX)

    assert list(other.interactions.values_list("name", flat=True)) == ["There before", "Tell"]
    assert f"tile-{row.pk}" not in pages.ids_of(response)
    assert "Moved Tell to Other." in response.headers["HX-Trigger"]


def test_a_tile_cannot_be_dropped_on_a_dialog_of_another_bot(client: Client, owner: User, row: Interaction) -> None:
    foreign = factories.make_dialog(factories.make_bot(row.bot.organization))
    client.force_login(owner)

    assert client.post(at("move_interaction", row, 0), {"dialog": foreign.pk}, headers=HTMX).status_code == 404


def test_a_dropped_dialog_leaves_the_one_in_view_marked(client: Client, owner: User, row: Interaction) -> None:
    other = factories.make_dialog(row.bot, name="Other")
    client.force_login(owner)

    response = client.post(
        reverse("move_dialog", args=[row.bot_id, other.pk, 0]), {"current": row.dialog_id}, headers=HTMX
    )

    assert list(row.bot.dialogs.values_list("name", flat=True)) == ["Other", "Orders"]
    assert f"dialog-menu-{row.dialog_id}" in pages.ids_of(response)
    assert f"dialog-menu-{other.pk}" not in pages.ids_of(response)
