"""The map of a dialog and of the whole bot, as the server draws it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.engine import spec
from bots.models import Bot, Dialog
from bots.services import maps, rules
from tests import factories
from tests.web import pages


@pytest.fixture
def dialog(bot: Bot, owner: User) -> Dialog:
    dialog = factories.make_dialog(bot, name="Orders")
    other = factories.make_dialog(bot, name="Goodbye")
    factories.make_interaction(dialog, name="Start", kind="starter", content={"patterns": ["order*"]})
    ask = factories.make_interaction(dialog, name="Ask", kind="text_question", content={"text": "Hi {$botContext.who}"})
    factories.make_interaction(dialog, name="<b>Last</b>")
    for name, action in (("Yes", spec.Action("dialog", other.key)), ("No", spec.Action("interaction", "gone"))):
        made = rules.add(ask.pk, user=owner, condition="pattern")
        rule = spec.Rule(made.key, name, spec.Condition("pattern", ("x",)), action=action)
        rules.change(ask.pk, user=owner, rule=rule)
    return dialog


def test_each_box_links_to_what_it_stands_for_and_says_where_it_leads(
    client: Client, owner: User, dialog: Dialog
) -> None:
    client.force_login(owner)

    page = client.get(reverse("dialog_map", args=[dialog.bot_id, dialog.pk])).content.decode()

    ask = dialog.interactions.get(name="Ask")
    other = dialog.bot.dialogs.get(name="Goodbye")
    assert f'href="{reverse("interaction", args=[dialog.bot_id, ask.pk])}"' in page
    assert f'href="{reverse("dialog", args=[dialog.bot_id, other.pk])}"' in page
    assert "leads to Goodbye (Yes), Deleted target (No)" in page


def test_problems_are_told_in_words_and_author_text_is_never_markup(
    client: Client, owner: User, dialog: Dialog
) -> None:
    client.force_login(owner)

    response = client.get(reverse("dialog_map", args=[dialog.bot_id, dialog.pk]))

    assert "3 problems" in pages.text_of(response)
    assert "<b>Last" not in response.content.decode()


def test_the_whole_bot_is_drawn_too(client: Client, owner: User, dialog: Dialog) -> None:
    client.force_login(owner)

    response = client.get(reverse("bot_map", args=[dialog.bot_id]))

    assert "Orders" in pages.text_of(response)
    assert reverse("dialog_map", args=[dialog.bot_id, dialog.pk]) in response.content.decode()


def test_an_empty_dialog_and_an_empty_bot_say_what_to_do(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)
    empty = factories.make_dialog(bot)

    assert "no interaction" in pages.text_of(client.get(reverse("dialog_map", args=[bot.pk, empty.pk])))
    empty.delete()
    assert "no dialog" in pages.text_of(client.get(reverse("bot_map", args=[bot.pk])))


def test_a_map_costs_the_same_for_many_interactions(
    client: Client, owner: User, dialog: Dialog, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(owner)
    for _ in range(40):
        factories.make_interaction(dialog)

    with django_assert_max_num_queries(15):
        client.get(reverse("dialog_map", args=[dialog.bot_id, dialog.pk]))
    with django_assert_max_num_queries(15):
        client.get(reverse("bot_map", args=[dialog.bot_id]))


def test_a_stranger_sees_no_map(client: Client, stranger: User, dialog: Dialog) -> None:
    client.force_login(stranger)

    assert client.get(reverse("dialog_map", args=[dialog.bot_id, dialog.pk])).status_code == 404
    assert client.get(reverse("bot_map", args=[dialog.bot_id])).status_code == 404


@pytest.mark.parametrize("problems", [1, 30, 1_330])
def test_the_detail_of_a_box_ends_before_its_number_of_problems(problems: int) -> None:
    said = f"{problems:,} problems"

    letters = len(said) + maps.detail_room(problems)

    assert letters * maps.LETTER <= maps.DETAIL + maps.LETTER
