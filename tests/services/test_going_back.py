"""Going back: every save and every deletion leads back and forth, and nothing is taken back over others."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from bots.models import Interaction
from bots.services import (
    authoring,
    dialogs,
    histories,
    names,
    restoring,
    revised,
    snapshots,
)  # fmt: skip
from credentials import kinds
from credentials.services import vault
from integrations.models import Integration, Revision
from integrations.services import definitions, revisions
from tests import factories
from tests.services import revised_items


@pytest.mark.parametrize("kind", revised_items.SAVES)
def test_a_save_is_one_revision_with_its_author_that_leads_back_and_forth(
    kind: str, items: revised_items.Items, owner: User, teammate: User
) -> None:
    before = items.state()

    revised_items.SAVES[kind](items, teammate)

    after = items.state()
    revision = Revision.objects.get()
    assert (revision.author, revision.author_name, revision.what) == (teammate, "teammate", "changed")
    assert revised_items.words(revision)
    restoring.restore(revision, user=owner)
    assert items.state() == before
    assert (revised_items.newest().author, revised_items.newest().what) == (owner, "changed")
    restoring.take_back(revised_items.newest(), user=owner)
    assert items.state() == after


@pytest.mark.parametrize("kind", revised_items.DELETIONS)
def test_what_was_deleted_is_put_back_as_it_was_and_deleted_again(
    kind: str, items: revised_items.Items, owner: User
) -> None:
    before = items.state()
    revised_items.DELETIONS[kind](items, owner)
    after = items.state()
    assert after != before

    restoring.take_back(revised_items.newest(), user=owner)

    assert items.state() == before
    back = Revision.objects.filter(what="back", kind=kind).latest("pk")
    restoring.take_back(back, user=owner)
    assert items.state() == after


@pytest.mark.parametrize("kind", revised_items.DELETIONS)
def test_what_is_back_is_not_put_back_twice(kind: str, items: revised_items.Items, owner: User) -> None:
    revised_items.DELETIONS[kind](items, owner)
    deleted = revised_items.newest()
    restoring.restore(deleted, user=owner)

    with pytest.raises(names.Refused, match="back already"):
        restoring.restore(deleted, user=owner)


def test_a_name_that_was_taken_meanwhile_gives_way(items: revised_items.Items, owner: User) -> None:
    deleted = definitions.delete(items.call, actor=owner)
    factories.make_integration(items.bot, name="Stores")

    restoring.take_back(deleted, user=owner)

    assert sorted(items.bot.integrations.values_list("name", flat=True)) == ["Stores", "Stores_2"]


def test_nothing_is_taken_back_over_the_work_of_others(tile: Interaction, owner: User, teammate: User) -> None:
    revised_items.say(tile, "Mine", owner)
    mine = revised_items.newest()
    revised_items.say(tile, "Theirs", teammate)

    with pytest.raises(names.Refused, match="Ask was changed since, by teammate"):
        restoring.take_back(mine, user=owner)

    tile.refresh_from_db()
    assert tile.content["text"] == "Theirs"


def test_any_state_of_an_item_can_be_reached_from_any_later_one(tile: Interaction, owner: User, teammate: User) -> None:
    for number, user in enumerate([owner, teammate, owner]):
        revised_items.say(tile, f"Text {number}", user)
        authoring.change(tile.pk, user=user, values={"comment": f"Comment {number}"})
    revision = Revision.objects.order_by("pk")[2]  # in which the teammate began

    restoring.restore(revision, user=owner)

    tile.refresh_from_db()
    assert (tile.content["text"], tile.comment) == ("Text 0", "Comment 0")


def test_going_back_is_a_revision_of_its_own_however_soon(tile: Interaction, owner: User) -> None:
    revised_items.say(tile, "Two", owner)
    restoring.restore(revised_items.newest(), user=owner)
    assert Revision.objects.count() == 2

    restoring.take_back(revised_items.newest(), user=owner)

    tile.refresh_from_db()
    assert tile.content["text"] == "Two"


def test_a_credential_that_is_gone_stays_away(stores: Integration, owner: User) -> None:
    values = {"user_name": "ann", "password": "x"}
    made = vault.create(stores.bot.organization, actor=owner, name="Shop", kind=kinds.ALL["basic"], values=values)
    stores.credential = made
    definitions.save(stores, actor=owner)
    deleted = definitions.delete(stores, actor=owner)
    made.delete()

    restoring.take_back(deleted, user=owner)

    assert Integration.objects.get().credential is None


def test_nobody_goes_back_in_the_bots_of_others(tile: Interaction, owner: User, stranger: User) -> None:
    revised_items.say(tile, "Other", owner)

    with pytest.raises(names.Refused, match="kept no longer"):
        restoring.find(revised_items.newest().pk, user=stranger)


def test_a_deleted_interaction_whose_dialog_is_gone_says_so(items: revised_items.Items, owner: User) -> None:
    authoring.delete(items.tile.pk, user=owner)
    deleted = revised_items.newest()
    dialogs.delete(items.tile.dialog_id, user=owner)

    with pytest.raises(names.Refused, match="stood in is gone"):
        restoring.take_back(deleted, user=owner)


def test_every_kind_of_item_has_a_way_back() -> None:
    assert set(restoring._RESTORERS) == set(revised.KINDS) == set(histories.KINDS)
    assert set(restoring._MAKERS) == set(restoring._REMOVERS) == set(revised.KINDS) - {"settings", "global_functions"}
    assert set(snapshots.TILE) <= set(revised.INTERACTION.columns) | {"key", "source"}
    assert revisions.MASK
