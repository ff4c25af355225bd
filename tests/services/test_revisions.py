"""Revisions: every save of every kind of item is one, and every one of them leads back."""

from __future__ import annotations

from collections.abc import Callable
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
    dialogs,
    histories,
    intents,
    names,
    restoring,
    revised,
    rules,
    savedtests,
    snapshots,
    specs,
    transfer,
    versions,
)  # fmt: skip
from credentials import kinds
from credentials.models import Organization
from credentials.services import vault
from integrations.models import Environment, Integration, Revision
from integrations.services import definitions, environments, revisions
from tests import factories

LATER = timedelta(minutes=2)


@pytest.fixture
def tile(bot: Bot) -> Interaction:
    return factories.make_interaction(factories.make_dialog(bot, name="Orders"), name="Ask", content={"text": "One"})


@pytest.fixture
def call(bot: Bot) -> Integration:
    return factories.make_integration(bot, name="Stores", url="https://a.example.test/")


def age(by: timedelta = LATER) -> None:
    """Let all revisions be older, so that a further save is one of its own."""
    for each in Revision.objects.all():
        Revision.objects.filter(pk=each.pk).update(at=each.at - by)


def newest() -> Revision:
    return Revision.objects.latest("pk")


def words(revision: Revision) -> list[tuple[str, str, str]]:
    entries, _ = histories.page(Revision.objects.filter(pk=revision.pk))
    return [(change.label, change.before, change.after) for change in entries[0].changes]


def say(tile: Interaction, text: str, user: User) -> None:
    authoring.change(tile.pk, user=user, values={"content": spec.Content(text=text)})


SAVES: dict[str, Callable[[Any, User], Any]] = {
    "dialog": lambda it, user: dialogs.change(it.tile.dialog_id, user=user, values={"description": "About"}),
    "interaction": lambda it, user: authoring.change(it.tile.pk, user=user, values={"name": "Other", "delay_ms": 5}),
    "rules": lambda it, user: rules.add(it.tile.pk, user=user),
    "moved": lambda it, user: authoring.move(it.tile.pk, user=user, to=0, dialog_id=it.other.pk),
    "integration": lambda it, user: definitions.save(_with(it.call, url="https://b.example.test/"), actor=user),
    "intent": lambda it, user: intents.change(it.intent.pk, user=user, name="Bye", phrases=["ciao"], patterns=[]),
    "test": lambda it, user: savedtests.change(
        it.test.pk, user=user, text=savedtests.Text("T2", savedtests.EMPTY.replace("Hello", "Hi"))
    ),
    "settings": lambda it, user: bots.change(it.bot.pk, user=user, values={"description": "D", "environment": it.set}),
    "functions": lambda it, user: bots.change_global_functions(it.bot.pk, user=user, source="var b;"),
    "environment": lambda it, user: environments.change(
        it.set.pk, user=user, written=environments.Written("Set", "", {"base": "b", "more": "c"})
    ),
}


def _with(row: Any, **values: Any) -> Any:
    fresh = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    return fresh


class Items:
    """One of each kind."""

    def __init__(self, bot: Bot, tile: Interaction, call: Integration) -> None:
        self.bot, self.tile, self.call = bot, tile, call
        self.other = factories.make_dialog(bot, name="Second")
        self.intent = bot.intents.create(name="Greet", phrases=["hello"], patterns=["hi"])
        self.test = bot.saved_tests.create(name="T", transcript=savedtests.EMPTY)
        self.set = Environment.objects.create(organization=bot.organization, name="Set", values={"base": "a"})

    def state(self) -> Any:
        draft = specs.draft(Bot.objects.get(pk=self.bot.pk))
        tests = list(self.bot.saved_tests.values_list("pk", "name", "transcript", "answers"))
        sets = list(Environment.objects.values_list("pk", "name", "description", "values"))
        people = list(self.bot.dialogs.values_list("description")), list(self.bot.interactions.values_list("comment"))
        settings = Bot.objects.values("description", "environment_id").get(pk=self.bot.pk)
        return draft, tests, sets, people, settings


@pytest.fixture
def items(bot: Bot, tile: Interaction, call: Integration) -> Items:
    return Items(bot, tile, call)


@pytest.mark.parametrize("kind", SAVES)
def test_a_save_is_one_revision_with_its_author_that_leads_back_and_forth(
    kind: str, items: Items, owner: User, teammate: User
) -> None:
    before = items.state()

    SAVES[kind](items, teammate)

    after = items.state()
    revision = Revision.objects.get()
    assert (revision.author, revision.author_name, revision.what) == (teammate, "teammate", "changed")
    assert words(revision)
    restoring.restore(revision, user=owner)
    assert items.state() == before
    assert (newest().author, newest().what) == (owner, "changed")
    restoring.take_back(newest(), user=owner)
    assert items.state() == after


DELETIONS: dict[str, Callable[[Items, User], Any]] = {
    "dialog": lambda it, user: dialogs.delete(it.tile.dialog_id, user=user),
    "interaction": lambda it, user: authoring.delete(it.tile.pk, user=user),
    "integration": lambda it, user: definitions.delete(Integration.objects.get(pk=it.call.pk), actor=user),
    "intent": lambda it, user: intents.delete(it.intent.pk, user=user),
    "test": lambda it, user: savedtests.delete(it.test.pk, user=user),
    "environment": lambda it, user: environments.delete(it.set.pk, user=user),
}


@pytest.mark.parametrize("kind", DELETIONS)
def test_what_was_deleted_is_put_back_as_it_was_and_deleted_again(kind: str, items: Items, owner: User) -> None:
    before = items.state()
    DELETIONS[kind](items, owner)
    after = items.state()
    assert after != before

    restoring.take_back(newest(), user=owner)

    assert items.state() == before
    back = Revision.objects.filter(what="back", kind=kind).latest("pk")
    restoring.take_back(back, user=owner)
    assert items.state() == after


@pytest.mark.parametrize("kind", DELETIONS)
def test_what_is_back_is_not_put_back_twice(kind: str, items: Items, owner: User) -> None:
    DELETIONS[kind](items, owner)
    deleted = newest()
    restoring.restore(deleted, user=owner)

    with pytest.raises(names.Refused, match="back already"):
        restoring.restore(deleted, user=owner)


def test_a_name_that_was_taken_meanwhile_gives_way(items: Items, owner: User) -> None:
    deleted = definitions.delete(items.call, actor=owner)
    factories.make_integration(items.bot, name="Stores")

    restoring.take_back(deleted, user=owner)

    assert sorted(items.bot.integrations.values_list("name", flat=True)) == ["Stores", "Stores_2"]


def test_nothing_is_taken_back_over_the_work_of_others(tile: Interaction, owner: User, teammate: User) -> None:
    say(tile, "Mine", owner)
    mine = newest()
    say(tile, "Theirs", teammate)

    with pytest.raises(names.Refused, match="Ask was changed since, by teammate"):
        restoring.take_back(mine, user=owner)

    tile.refresh_from_db()
    assert tile.content["text"] == "Theirs"


def test_any_state_of_an_item_can_be_reached_from_any_later_one(tile: Interaction, owner: User, teammate: User) -> None:
    for number, user in enumerate([owner, teammate, owner]):
        say(tile, f"Text {number}", user)
        authoring.change(tile.pk, user=user, values={"comment": f"Comment {number}"})
    revision = Revision.objects.order_by("pk")[2]  # in which the teammate began

    restoring.restore(revision, user=owner)

    tile.refresh_from_db()
    assert (tile.content["text"], tile.comment) == ("Text 0", "Comment 0")


def test_typing_on_in_one_field_is_one_revision_and_another_field_is_another(tile: Interaction, owner: User) -> None:
    for text in ("O", "On", "One more"):
        say(tile, text, owner)
    authoring.change(tile.pk, user=owner, values={"comment": "Why"})

    assert [words(each) for each in Revision.objects.order_by("pk")] == [
        [("Text", "One", "One more")],
        [("Comment", "–", "Why")],
    ]
    age()
    authoring.change(tile.pk, user=owner, values={"comment": "Why not"})
    assert Revision.objects.count() == 3


def test_what_was_typed_and_taken_out_again_at_once_is_no_revision(tile: Interaction, owner: User) -> None:
    for text in ("One!", "One"):
        say(tile, text, owner)

    assert not Revision.objects.exists()


def test_going_back_is_a_revision_of_its_own_however_soon(tile: Interaction, owner: User) -> None:
    say(tile, "Two", owner)
    restoring.restore(newest(), user=owner)
    assert Revision.objects.count() == 2

    restoring.take_back(newest(), user=owner)

    tile.refresh_from_db()
    assert tile.content["text"] == "Two"


def test_a_save_that_changes_nothing_is_no_revision(tile: Interaction, call: Integration, owner: User) -> None:
    say(tile, "One", owner)
    definitions.save(call, actor=owner)

    assert not Revision.objects.exists()


def test_a_save_that_is_refused_leaves_no_revision(tile: Interaction, owner: User) -> None:
    factories.make_interaction(tile.dialog, name="Taken")

    with pytest.raises(names.Refused):
        authoring.change(tile.pk, user=owner, values={"name": "Taken"})

    assert not Revision.objects.exists()


def test_an_item_keeps_as_many_revisions_as_the_settings_say(tile: Interaction, owner: User, settings: Any) -> None:
    settings.HISTORY_REVISIONS = 3
    for number in range(6):
        say(tile, f"Text {number}", owner)
        age()

    assert [words(each)[0][2] for each in Revision.objects.all()] == ["Text 5", "Text 4", "Text 3"]
    assert {each.name for each in Revision.objects.all()} == {"Ask"}


def test_what_is_older_than_the_settings_say_goes_with_the_next_save_of_anything(
    items: Items, owner: User, settings: Any
) -> None:
    settings.HISTORY_DAYS = 30
    say(items.tile, "Old", owner)
    Revision.objects.update(at=timezone.now() - timedelta(days=31))

    SAVES["environment"](items, owner)

    assert [each.kind for each in Revision.objects.all()] == ["environment"]


def test_a_secret_in_a_header_is_in_no_revision_and_stays_where_it_was(call: Integration, owner: User) -> None:
    call.headers = [{"key": "X-Api-Key", "value": "s3cr3t-canary", "enabled": True, "note": ""}]
    definitions.save(call, actor=owner)
    first = newest()
    age()
    call.headers = [*call.headers, {"key": "Accept", "value": "text/plain", "enabled": True, "note": ""}]
    definitions.save(call, actor=owner)

    assert "canary" not in str(list(Revision.objects.values()))
    restoring.restore(newest(), user=owner)
    call.refresh_from_db()
    assert [(row["key"], row["value"]) for row in call.headers] == [("X-Api-Key", "s3cr3t-canary")]
    deleted = definitions.delete(call, actor=owner)
    assert "canary" not in str(list(Revision.objects.values()))
    done = restoring.take_back(deleted, user=owner)[0]
    assert "without the value of X-Api-Key" in done.done
    assert first.pk < deleted.pk


def test_a_credential_is_named_and_never_shown(call: Integration, owner: User) -> None:
    values = {"user_name": "ann", "password": "s3cr3t-canary"}
    made = vault.create(call.bot.organization, actor=owner, name="Shop", kind=kinds.ALL["basic"], values=values)
    call.credential = made
    definitions.save(call, actor=owner)

    assert words(newest()) == [("Credential", "–", "Shop")]
    assert "canary" not in str(list(Revision.objects.values()))


def test_a_credential_that_is_gone_stays_away(call: Integration, owner: User) -> None:
    values = {"user_name": "ann", "password": "x"}
    made = vault.create(call.bot.organization, actor=owner, name="Shop", kind=kinds.ALL["basic"], values=values)
    call.credential = made
    definitions.save(call, actor=owner)
    deleted = definitions.delete(call, actor=owner)
    made.delete()

    restoring.take_back(deleted, user=owner)

    assert Integration.objects.get().credential is None


def test_a_restored_version_is_in_the_history_of_each_item_that_it_changed(items: Items, owner: User) -> None:
    versions.publish(items.bot.pk, user=owner)
    say(items.tile, "Later", owner)
    authoring.insert(items.other.pk, user=owner, kind="text")
    intents.delete(items.intent.pk, user=owner)
    age()
    start = newest().pk

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
    items: Items, owner: User, organization: Organization
) -> None:
    before = transfer.export_bot(items.bot)
    say(items.tile, "Other", owner)
    restoring.take_back(newest(), user=owner)
    items.bot.refresh_from_db()

    assert transfer.export_bot(items.bot) == before
    copy = bots.duplicate(items.bot.pk, user=owner)
    assert not copy.revisions.exists()


def test_the_history_goes_with_its_bot(tile: Interaction, bot: Bot, owner: User) -> None:
    say(tile, "Other", owner)

    bots.delete(bot.pk, user=owner, typed_name=bot.name)

    assert not Revision.objects.exists()


def test_nobody_goes_back_in_the_bots_of_others(tile: Interaction, owner: User, stranger: User) -> None:
    say(tile, "Other", owner)

    with pytest.raises(names.Refused, match="kept no longer"):
        restoring.find(newest().pk, user=stranger)


def test_where_an_item_went_is_said_by_names(items: Items, owner: User) -> None:
    SAVES["moved"](items, owner)
    assert words(newest()) == [("Dialog", "Orders", "Second")]
    target = spec.Action(kind="interaction", target=items.tile.key)
    rules.set_next_action(items.tile.pk, user=owner, action=target)
    ((label, before, after),) = words(newest())
    assert (label, before) == ("Rule 1", "–")
    assert "Ask" in after


def test_of_a_long_text_only_what_changed_is_shown(bot: Bot, owner: User) -> None:
    lines = [f"var a{number};" for number in range(40)]
    bots.change_global_functions(bot.pk, user=owner, source="\n".join(lines))
    age()
    lines[20] = "var changed;"
    bots.change_global_functions(bot.pk, user=owner, source="\n".join(lines))

    ((_, before, after),) = words(newest())
    assert before.split("\n") == ["… 19 lines", "var a19;", "var a20;", "var a21;", "… 18 lines"]
    assert after.split("\n") == ["… 19 lines", "var a19;", "var changed;", "var a21;", "… 18 lines"]


def test_a_deleted_interaction_whose_dialog_is_gone_says_so(items: Items, owner: User) -> None:
    authoring.delete(items.tile.pk, user=owner)
    deleted = newest()
    dialogs.delete(items.tile.dialog_id, user=owner)

    with pytest.raises(names.Refused, match="stood in is gone"):
        restoring.take_back(deleted, user=owner)


def test_every_kind_of_item_has_a_way_back() -> None:
    assert set(restoring._RESTORERS) == set(revised.KINDS) == set(histories.KINDS)
    assert set(restoring._MAKERS) == set(restoring._REMOVERS) == set(revised.KINDS) - {"settings", "global_functions"}
    assert set(snapshots.TILE) <= set(revised.INTERACTION.columns) | {"key", "source"}
    assert revisions.MASK
