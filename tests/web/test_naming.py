"""The page that says where a name is used, and renames it after showing each change."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot, Interaction
from tests import factories
from tests.web import pages

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def tile(bot: Bot) -> Interaction:
    return factories.make_interaction(
        factories.make_dialog(bot),
        name="Say",
        content={"text": "<b>{$botContext.order}</b>"},
        pre_process="log('order')",
    )


def address(bot: Bot, **query: str) -> str:
    return f"{reverse('naming', args=[bot.pk])}?{urlencode({'kind': 'variable', 'name': 'order'} | query)}"


def ids(page: Any) -> list[str]:
    return [each.removeprefix("use-") for each in pages.ids_of(page) if each.startswith("use-")]


def rename(client: Client, bot: Bot, **values: Any) -> Any:
    data = {"kind": "variable", "name": "order", "to": "parcel"} | values
    return client.post(reverse("rename", args=[bot.pk]), data)


def test_the_page_links_to_each_use_on_its_tab(author: Client, bot: Bot, tile: Interaction) -> None:
    page = author.get(address(bot)).text
    link = reverse("interaction_by_key", args=[bot.pk, tile.key])

    assert f"{link}?tab=content" in page
    assert f"{link}?tab=code" in page
    assert "&lt;b&gt;{$botContext.<mark>order</mark>" in page
    assert 'name="use"' not in page


def test_each_change_is_shown_before_it_is_made(author: Client, bot: Bot, tile: Interaction) -> None:
    page = author.get(address(bot, to="parcel"))

    assert "<del>order</del> <ins>parcel</ins>" in page.text
    assert len(ids(page)) == 2
    assert page.text.count('name="use"') == 2
    assert page.text.count(" checked aria-label") == 1
    tile.refresh_from_db()
    assert tile.content == {"text": "<b>{$botContext.order}</b>"}


def test_the_chosen_changes_are_made_and_can_be_undone(author: Client, bot: Bot, tile: Interaction) -> None:
    chosen = ids(author.get(address(bot, to="parcel")))

    answer = rename(author, bot, use=chosen)

    tile.refresh_from_db()
    assert (tile.content["text"], tile.pre_process) == ("<b>{$botContext.parcel}</b>", "log('parcel')")
    assert answer["Location"] == address(bot, name="parcel")
    page = author.get(answer["Location"]).text
    assert "order is parcel now, in 2 places." in page
    [token] = [key for key, _ in author.session["deleted"]]
    author.post(reverse("undo", args=[bot.pk, token]))
    tile.refresh_from_db()
    assert (tile.content["text"], tile.pre_process) == ("<b>{$botContext.order}</b>", "log('order')")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"to": ""}, "Use letters, digits"),
        ({"to": "a}"}, "Use letters, digits"),
        ({}, "Choose at least one place."),
        ({"use": ["0" * 20]}, "The bot was changed in between."),
    ],
)
def test_a_rename_that_cannot_be_done_says_why(
    author: Client, bot: Bot, tile: Interaction, values: dict[str, Any], said: str
) -> None:
    answer = rename(author, bot, **values)

    assert answer.status_code == 409
    assert said in pages.text_of(answer)
    tile.refresh_from_db()
    assert tile.content == {"text": "<b>{$botContext.order}</b>"}


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nothing"},
        {"name": ""},
        {"name": "skipPreviousDialog"},
        {"kind": "integration", "name": "Nobody", "key": "x"},
        {"kind": "field", "name": "a", "key": "x"},
        {"kind": "dialog", "name": "order", "key": ""},
    ],
)
def test_what_does_not_exist_is_404(author: Client, bot: Bot, query: dict[str, str]) -> None:
    assert author.get(address(bot, **query)).status_code == 404
    assert rename(author, bot, **query).status_code == 404


def test_a_stranger_sees_and_changes_nothing(client: Client, stranger: User, bot: Bot, tile: Interaction) -> None:
    client.force_login(stranger)

    assert client.get(address(bot)).status_code == 404
    assert rename(client, bot).status_code == 404


def test_renaming_a_thing_whose_own_name_was_not_chosen_leads_to_the_bot(author: Client, bot: Bot) -> None:
    integration = factories.make_integration(bot, name="Order")
    factories.make_interaction(factories.make_dialog(bot), content={"text": "{Order.sum}"})
    query = {"kind": "integration", "name": "Order", "key": str(integration.key)}
    first, *_ = ids(author.get(address(bot, **query, to="Parcel")))

    answer = rename(author, bot, **query, to="Parcel", use=[first])

    assert answer["Location"] == reverse("bot", args=[bot.pk])


def test_variables_integrations_and_menus_lead_to_the_page(author: Client, bot: Bot, tile: Interaction) -> None:
    integration = factories.make_integration(bot, name="Order")
    base = reverse("naming", args=[bot.pk])

    variables = author.get(reverse("variables", args=[bot.pk])).text
    form = author.get(reverse("integration", args=[bot.pk, integration.pk])).text
    dialogs = author.get(reverse("dialog", args=[bot.pk, tile.dialog_id])).text

    assert f"{base}?kind=variable&amp;name=order" in variables
    assert f"{base}?kind=integration&amp;name=Order&amp;key={integration.key}" in form
    assert f"{base}?kind=interaction&amp;name=Say&amp;key={tile.key}" in dialogs
    assert f"{base}?kind=dialog&amp;name=" in dialogs


def test_a_key_that_is_shared_offers_to_keep_the_old_one(author: Client, bot: Bot) -> None:
    factories.make_interaction(factories.make_dialog(bot), content={"text": "{$env.key}"})

    page = author.get(address(bot, kind="env", name="key", to="apiKey")).text

    assert 'name="keep_old"' in page


def test_the_page_asks_the_database_no_more_for_many_uses(
    author: Client, bot: Bot, tile: Interaction, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        factories.make_integration(bot, name=f"I{number}", url="https://a.example/{$botContext.order}")

    with django_assert_max_num_queries(15):
        page = author.get(address(bot, to="parcel"))

    assert len(ids(page)) == 22
