"""The dialogs page, and what is done to dialogs there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.engine import spec
from bots.models import Bot, Dialog
from bots.services import rules
from tests import factories
from tests.web import pages


@pytest.fixture
def dialog(bot: Bot) -> Dialog:
    return factories.make_dialog(bot, name="Orders")


def at(name: str, dialog: Dialog, *more: object) -> str:
    return reverse(name, args=[dialog.bot_id, dialog.pk, *more])


def test_the_page_shows_tiles_with_text_rules_and_problems(client: Client, owner: User, dialog: Dialog) -> None:
    ask = factories.make_interaction(dialog, name="Ask", kind="text_question", content={"text": "Hi {$botContext.who}"})
    show = factories.make_interaction(dialog, name="Show", content={"text": "<b>Done</b>"})
    made = rules.add(ask.pk, user=owner, condition="pattern")
    condition = spec.Condition("pattern", ("yes*",))
    rules.change(
        ask.pk, user=owner, rule=spec.Rule(made.key, "", condition, action=spec.Action("interaction", show.key))
    )
    client.force_login(owner)

    response = client.get(reverse("bot", args=[dialog.bot_id]))

    tile = pages.inside(response, f"tile-{ask.pk}")
    assert "Hi {$botContext.who}" in tile
    assert "Pattern yes*Show" in tile
    assert "Nothing sets the variable who" in tile
    assert "<b>" not in pages.inside(response, f"tile-{show.pk}")


def test_the_page_costs_the_same_for_many_interactions(
    client: Client, owner: User, dialog: Dialog, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    integration = factories.make_integration(dialog.bot)
    rows = [factories.make_interaction(dialog, kind="integration", integration=integration) for _ in range(15)]
    client.force_login(owner)

    with django_assert_max_num_queries(16):
        client.get(reverse("bot", args=[dialog.bot_id]))
    with django_assert_max_num_queries(16):
        client.get(reverse("interaction", args=[dialog.bot_id, rows[0].pk]))


def test_author_text_is_never_markup(client: Client, owner: User, dialog: Dialog) -> None:
    factories.make_interaction(dialog, name="<script>x</script>", content={"text": "<img src=x onerror=alert(1)>"})
    client.force_login(owner)

    text = client.get(reverse("bot", args=[dialog.bot_id])).content.decode()

    assert "<script>x" not in text
    assert "<img src=x" not in text


def test_a_dialog_is_added_with_its_starter(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    response = client.post(reverse("add_dialog", args=[bot.pk]), {"name": "Returns"})

    made = bot.dialogs.get(name="Returns")
    assert response.headers["Location"] == at("dialog", made)
    assert made.interactions.get().kind == "starter"


def test_a_dialog_name_in_use_is_told(client: Client, owner: User, dialog: Dialog) -> None:
    client.force_login(owner)

    response = client.post(reverse("add_dialog", args=[dialog.bot_id]), {"name": "orders"}, follow=True)

    assert "exists already" in pages.text_of(response)


def test_settings_say_what_is_wrong_and_keep_what_was_typed(client: Client, owner: User, dialog: Dialog) -> None:
    factories.make_dialog(dialog.bot, name="Other", kind="fallback")
    client.force_login(owner)

    response = client.post(
        at("dialog_settings", dialog), {"name": "Orders", "description": "Kept", "kind": "fallback", "enabled": "on"}
    )

    assert "already has a fallback dialog" in pages.beside(response, "id_kind")
    assert pages.value_of(response, "description") == "Kept"


def test_moving_and_switching_off_answer_with_the_list(client: Client, owner: User, dialog: Dialog) -> None:
    second = factories.make_dialog(dialog.bot, name="Second")
    client.force_login(owner)

    moved = client.post(at("move_dialog", second, 0), headers={"HX-Request": "true"})
    switched = client.post(at("toggle_dialog", second), headers={"HX-Request": "true"})

    assert pages.root_id(moved) == pages.root_id(switched) == "dialog-list"
    assert list(dialog.bot.dialogs.values_list("name", flat=True)) == ["Second", "Orders"]
    assert not dialog.bot.dialogs.get(name="Second").enabled


def test_without_script_the_same_actions_go_back_to_the_page(client: Client, owner: User, dialog: Dialog) -> None:
    client.force_login(owner)

    assert client.post(at("toggle_dialog", dialog)).headers["Location"] == at("dialog", dialog)


def test_a_deleted_dialog_can_be_taken_back(client: Client, owner: User, dialog: Dialog) -> None:
    factories.make_interaction(dialog, name="Ask")
    client.force_login(owner)

    page = client.post(at("delete_dialog", dialog), follow=True).content.decode()
    assert not dialog.bot.dialogs.exists()

    undo = page.split('action="')[1:]
    address = next(part.split('"')[0] for part in undo if "/undo/" in part.split('"')[0])
    client.post(address)

    assert dialog.bot.dialogs.get().interactions.get().name == "Ask"
    assert "taken back already" in client.post(address, follow=True).text


def test_what_one_user_deleted_another_cannot_take_back(
    client: Client, owner: User, teammate: User, dialog: Dialog
) -> None:
    client.force_login(owner)
    page = client.post(at("delete_dialog", dialog), follow=True).content.decode()
    address = next(part.split('"')[0] for part in page.split('action="')[1:] if "/undo/" in part.split('"')[0])

    client.force_login(teammate)
    said = client.post(address, follow=True).text

    assert "taken back already" in said
    assert not dialog.bot.dialogs.exists()


@pytest.mark.parametrize(
    ("name", "more"), [("duplicate_dialog", ()), ("toggle_dialog", ()), ("delete_dialog", ()), ("move_dialog", (0,))]
)
def test_a_stranger_gets_404(name: str, more: tuple[int, ...], client: Client, stranger: User, dialog: Dialog) -> None:
    client.force_login(stranger)

    assert client.post(at(name, dialog, *more)).status_code == 404
    assert client.get(at("dialog", dialog)).status_code == 404


def test_a_dialog_of_another_bot_is_not_found_under_this_one(client: Client, owner: User, dialog: Dialog) -> None:
    other = factories.make_bot(dialog.bot.organization)
    client.force_login(owner)

    assert client.get(reverse("dialog", args=[other.pk, dialog.pk])).status_code == 404


def test_a_damaged_interaction_is_shown_as_such_and_can_be_deleted(client: Client, owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, name="Broken", rules=[{"action": 7}])
    client.force_login(owner)

    page = client.get(reverse("interaction", args=[dialog.bot_id, row.pk]), follow=True)
    assert "cannot be read" in pages.inside(page, f"tile-{row.pk}")

    client.post(reverse("delete_interaction", args=[dialog.bot_id, row.pk]))
    assert not dialog.interactions.exists()


def test_only_the_place_at_the_end_invites_in_words_whichever_tile_is_open(
    client: Client, owner: User, bot: Bot
) -> None:
    dialog = factories.make_dialog(bot, name="Orders")
    rows = [factories.make_interaction(dialog, name=name) for name in ("First", "Second", "Third")]
    client.force_login(owner)

    pages_of_each = [client.get(reverse("interaction", args=[bot.pk, row.pk])).content.decode() for row in rows]

    assert [page.count('class="insert last"') for page in pages_of_each] == [1, 1, 1]
