"""Revisions: every save is one, bounded, in words, and without secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from bots.engine import spec
from bots.models import Bot, Interaction
from bots.services import (
    authoring,
    bots,
    intents,
    names,
    restoring,
    rules,
    transfer,
    versions,
)  # fmt: skip
from credentials import kinds
from credentials.models import Organization
from credentials.services import vault
from integrations.models import Integration, Revision
from integrations.services import definitions
from tests import factories
from tests.services import revised_items


def test_typing_on_in_one_field_is_one_revision_and_another_field_is_another(tile: Interaction, owner: User) -> None:
    for text in ("O", "On", "One more"):
        revised_items.say(tile, text, owner)
    authoring.change(tile.pk, user=owner, values={"comment": "Why"})

    assert [revised_items.words(each) for each in Revision.objects.order_by("pk")] == [
        [("Text", "One", "One more")],
        [("Comment", "–", "Why")],
    ]
    revised_items.age()
    authoring.change(tile.pk, user=owner, values={"comment": "Why not"})
    assert Revision.objects.count() == 3


def test_what_was_typed_and_taken_out_again_at_once_is_no_revision(tile: Interaction, owner: User) -> None:
    for text in ("One!", "One"):
        revised_items.say(tile, text, owner)

    assert not Revision.objects.exists()


def test_a_save_that_changes_nothing_is_no_revision(tile: Interaction, stores: Integration, owner: User) -> None:
    revised_items.say(tile, "One", owner)
    definitions.save(stores, actor=owner)

    assert not Revision.objects.exists()


def test_a_save_that_is_refused_leaves_no_revision(tile: Interaction, owner: User) -> None:
    factories.make_interaction(tile.dialog, name="Taken")

    with pytest.raises(names.Refused):
        authoring.change(tile.pk, user=owner, values={"name": "Taken"})

    assert not Revision.objects.exists()


def test_an_item_keeps_as_many_revisions_as_the_settings_say(tile: Interaction, owner: User, settings: Any) -> None:
    settings.HISTORY_REVISIONS = 3
    for number in range(6):
        revised_items.say(tile, f"Text {number}", owner)
        revised_items.age()

    assert [revised_items.words(each)[0][2] for each in Revision.objects.all()] == ["Text 5", "Text 4", "Text 3"]
    assert {each.name for each in Revision.objects.all()} == {"Ask"}


def test_what_is_older_than_the_settings_say_goes_with_the_next_save_of_anything(
    items: revised_items.Items, owner: User, settings: Any
) -> None:
    settings.HISTORY_DAYS = 30
    revised_items.say(items.tile, "Old", owner)
    Revision.objects.update(at=timezone.now() - timedelta(days=31))

    revised_items.SAVES["environment"](items, owner)

    assert [each.kind for each in Revision.objects.all()] == ["environment"]


def test_a_secret_in_a_header_is_in_no_revision_and_stays_where_it_was(stores: Integration, owner: User) -> None:
    stores.headers = [{"key": "X-Api-Key", "value": "s3cr3t-canary", "enabled": True, "note": ""}]
    definitions.save(stores, actor=owner)
    first = revised_items.newest()
    revised_items.age()
    stores.headers = [*stores.headers, {"key": "Accept", "value": "text/plain", "enabled": True, "note": ""}]
    definitions.save(stores, actor=owner)

    assert "canary" not in str(list(Revision.objects.values()))
    restoring.restore(revised_items.newest(), user=owner)
    stores.refresh_from_db()
    assert [(row["key"], row["value"]) for row in stores.headers] == [("X-Api-Key", "s3cr3t-canary")]
    deleted = definitions.delete(stores, actor=owner)
    assert "canary" not in str(list(Revision.objects.values()))
    done = restoring.take_back(deleted, user=owner)[0]
    assert "without the value of X-Api-Key" in done.said
    assert first.pk < deleted.pk


def test_a_credential_is_named_and_never_shown(stores: Integration, owner: User) -> None:
    values = {"user_name": "ann", "password": "s3cr3t-canary"}
    made = vault.create(stores.bot.organization, actor=owner, name="Shop", kind=kinds.ALL["basic"], values=values)
    stores.credential = made
    definitions.save(stores, actor=owner)

    assert revised_items.words(revised_items.newest()) == [("Credential", "–", "Shop")]
    assert "canary" not in str(list(Revision.objects.values()))


def test_a_restored_version_is_in_the_history_of_each_item_that_it_changed(
    items: revised_items.Items, owner: User
) -> None:
    versions.publish(items.bot.pk, user=owner)
    revised_items.say(items.tile, "Later", owner)
    authoring.insert(items.other.pk, user=owner, kind="text")
    intents.delete(items.intent.pk, user=owner)
    revised_items.age()
    start = revised_items.newest().pk

    versions.restore(items.bot.pk, user=owner, number=1)

    done = Revision.objects.filter(pk__gt=start)
    assert sorted((each.kind, each.what) for each in done) == [
        ("intent", "created"),
        ("interaction", "changed"),
        ("interaction", "deleted"),
    ]
    assert len({each.together for each in done}) == 1
    restoring.restore(done.get(what="deleted"), user=owner)
    assert items.other.interactions.count() == 1


def test_a_bot_that_is_imported_or_copied_brings_no_history_and_exports_the_same(
    items: revised_items.Items, owner: User, organization: Organization
) -> None:
    before = transfer.export_bot(items.bot)
    revised_items.say(items.tile, "Other", owner)
    restoring.take_back(revised_items.newest(), user=owner)
    items.bot.refresh_from_db()

    assert transfer.export_bot(items.bot) == before
    copy = bots.duplicate(items.bot.pk, user=owner)
    assert not copy.revisions.exists()


def test_the_history_goes_with_its_bot(tile: Interaction, bot: Bot, owner: User) -> None:
    revised_items.say(tile, "Other", owner)

    bots.delete(bot.pk, user=owner, typed_name=bot.name)

    assert not Revision.objects.exists()


def test_where_an_item_went_is_said_by_names(items: revised_items.Items, owner: User) -> None:
    revised_items.SAVES["moved"](items, owner)
    assert revised_items.words(revised_items.newest()) == [("Dialog", "Orders", "Second")]
    target = spec.Action(kind="interaction", target=items.tile.key)
    rules.set_next_action(items.tile.pk, user=owner, action=target)
    ((label, before, after),) = revised_items.words(revised_items.newest())
    assert (label, before) == ("Rule 1", "–")
    assert "Ask" in after


def test_of_a_long_text_only_what_changed_is_shown(bot: Bot, owner: User) -> None:
    lines = [f"var a{number};" for number in range(40)]
    bots.change_global_functions(bot.pk, user=owner, source="\n".join(lines))
    revised_items.age()
    lines[20] = "var changed;"
    bots.change_global_functions(bot.pk, user=owner, source="\n".join(lines))

    ((_, before, after),) = revised_items.words(revised_items.newest())
    assert before.split("\n") == ["… 19 lines", "var a19;", "var a20;", "var a21;", "… 18 lines"]
    assert after.split("\n") == ["… 19 lines", "var a19;", "var changed;", "var a21;", "… 18 lines"]
