"""A row that another program left in a form that cannot be read: told by name, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import versions
from tests import factories
from tests.web import pages

RULES = [{"action": 7}]
WAYS = [
    ("get", "export_bot"), ("get", "variables"), ("get", "intents"), ("post", "duplicate_bot"), ("post", "try_intents"),
]  # fmt: skip


@pytest.fixture
def shop(bot: Bot, owner: User, client: Client) -> Bot:
    """A bot with one version that can be read, and a draft that cannot."""
    tile = factories.make_interaction(factories.make_dialog(bot), name="Greeting", content={"text": "Good day"})
    versions.publish(bot.pk, user=owner)
    type(tile).objects.filter(pk=tile.pk).update(rules=RULES)
    client.force_login(owner)
    return bot


def asked(client: Client, way: str, name: str, bot: Bot, data: Any = None, **options: Any) -> Any:
    return getattr(client, way)(reverse(name, args=[bot.pk]), data, **options)


@pytest.mark.parametrize(("way", "name"), WAYS, ids=[name for _, name in WAYS])
def test_what_needs_the_draft_names_the_damaged_part_and_the_mend(
    way: str, name: str, shop: Bot, client: Client
) -> None:
    answer = asked(client, way, name, shop, {"message": "hello"})

    assert answer.status_code == 409
    assert "the interaction “Greeting”: " in pages.text_of(answer)
    assert "make a version the draft again" in pages.text_of(answer)
    assert reverse("versions", args=[shop.pk]) in answer.content.decode()
    assert Bot.objects.count() == 1


def test_what_htmx_asks_leaves_the_page_and_says_it_in_a_corner(shop: Bot, client: Client) -> None:
    answer = asked(client, "post", "try_intents", shop, {"message": "hello"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Reswap"]) == (409, "none")
    assert "the interaction \\u201cGreeting\\u201d" in answer["HX-Trigger"]


def test_publishing_says_what_is_damaged_instead_of_breaking(shop: Bot, client: Client) -> None:
    for answer in (asked(client, "get", "publish", shop), asked(client, "post", "publish", shop, {"note": "Now"})):
        text = pages.text_of(answer)
        assert "the interaction “Greeting”: " in text
        assert "Until then it cannot be published" in text

    assert "It was not published" in text
    assert shop.versions.count() == 1


def test_a_version_mends_a_damaged_draft_and_says_that_there_is_no_way_back(shop: Bot, client: Client) -> None:
    answer = client.post(reverse("restore_version", args=[shop.pk, 1]), follow=True)

    assert "The draft is version 1 again" in pages.text_of(answer)
    assert "Undo" not in pages.text_of(answer)
    assert "cannot be read" not in pages.text_of(asked(client, "get", "problems", shop))


@pytest.mark.parametrize("name", ["duplicate_interaction", "add_rule"])
def test_a_damaged_interaction_is_not_copied_nor_given_rules(name: str, shop: Bot, client: Client) -> None:
    tile = shop.interactions.get()

    answer = client.post(reverse(name, args=[shop.pk, tile.pk]))

    assert (answer.status_code, shop.interactions.count()) == (409, 1)
    assert "Nothing was changed" in pages.text_of(answer)


def test_damaged_rows_of_an_integration_are_named(bot: Bot, owner: User, client: Client) -> None:
    row = factories.make_integration(bot, name="Balance", headers=[{"key": 7}])
    client.force_login(owner)

    shown = client.get(reverse("integration", args=[bot.pk, row.pk]))
    problem = asked(client, "get", "problems", bot)

    assert shown.status_code == 409
    for answer in (shown, problem):
        assert "the headers of the integration “Balance”: " in pages.text_of(answer)


def test_a_damaged_version_is_named_and_does_not_stop_the_next(shop: Bot, client: Client, owner: User) -> None:
    shop.interactions.update(rules=[])
    shop.versions.update(spec={"format": 7, "name": 7})

    compared = asked(client, "get", "compare_versions", shop, {"from": "1", "to": "draft"})
    published = asked(client, "post", "publish", shop, {"note": "Whole again"}, follow=True)

    assert compared.status_code == 409
    assert "version 1: " in pages.text_of(compared)
    assert "Version 2 is live" in pages.text_of(published)


@pytest.mark.usefixtures("store")
def test_the_api_answers_with_a_problem_document(shop: Bot, client: Client) -> None:
    begun = client.post(reverse("api_begin", args=[shop.key]), {"draft": True}, content_type="application/json")

    assert begun.status_code == 409
    assert "the interaction “Greeting”: " in begun.json()["detail"]
