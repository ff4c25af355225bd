"""The lists of a rule's form, and what a new rule holds."""

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
def ask(bot: Bot) -> Interaction:
    return factories.make_interaction(factories.make_dialog(bot, name="Orders"), name="Ask", kind="text_question")


def at(name: str, row: Interaction, *more: object) -> str:
    return reverse(name, args=[row.bot_id, row.pk, *more])


def test_a_list_that_holds_all_it_may_offers_no_empty_row(client: Client, owner: User, ask: Interaction) -> None:
    ask.rules = [{"key": "k", "slot": {"name": "size", "value": "1", "scope": "session"}}]
    ask.save()
    client.force_login(owner)

    page = client.get(f"{at('interaction', ask)}?tab=rules&rule=k").content.decode()

    assert page.count('name="slot.name"') == 2  # the row, and the one that the page's script copies
    assert 'data-list="slot" data-most="1" data-full' in page
    assert page.count('name="variables.name"') == 2  # the empty row, and the one to copy


def test_two_rows_where_one_is_possible_are_refused_in_a_sentence(
    client: Client, owner: User, ask: Interaction
) -> None:
    ask.rules = [{"key": "k"}]
    ask.save()
    client.force_login(owner)
    two = {"condition": "", "action": "next", "slot.name": ["a", "b"], "slot.value": ["1", "2"]}

    response = client.post(at("save_rule", ask, "k"), two | {"slot.scope": ["session", "session"]}, headers=HTMX)

    assert "There are 2 rows; 1 is possible." in response.content.decode()


def test_the_first_rule_of_an_integration_holds_what_its_form_shows(
    client: Client, owner: User, ask: Interaction
) -> None:
    call = factories.make_interaction(ask.dialog, name="Call", kind="integration")
    client.force_login(owner)

    response = client.post(at("add_rule", call), headers=HTMX)

    call.refresh_from_db()
    assert call.rules[0]["condition"]["values"] == ["SUCCESS"]
    assert "SUCCESS" in pages.inside(response, f"tile-{call.pk}")
