"""What was edited in an imported bot, and nothing else, is in its export."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from bots.engine import exportfile
from bots.models import Bot
from bots.services import authoring, bots, dialogs, rules, versions
from credentials.models import Organization
from tests import factories
from tests.samples import parcel_bot
from tests.services.importing import chain, exported, imported, tile


@pytest.fixture
def parcel(organization: Organization) -> Bot:
    return imported(parcel_bot.document(), organization)


def test_inserted_moved_and_deleted_interactions_change_the_chain(parcel: Bot, owner: User) -> None:
    dialog = parcel.dialogs.get(name="Parcels")
    authoring.insert(dialog.pk, user=owner, kind="text", at=1)
    authoring.delete(parcel.interactions.get(name="stops").pk, user=owner)
    authoring.move(parcel.interactions.get(name="enough").pk, user=owner, to=0)

    document = exported(parcel)

    names_now = list(dialog.interactions.values_list("name", flat=True))
    assert chain(document, parcel_bot.MAIN) == names_now
    assert "Text" in names_now and "stops" not in names_now
    ids = [one["id"] for one in document["conversationMessage"]]
    assert ids == sorted(ids)
    assert document["somethingNew"] == {"kept": True}


def test_an_interaction_moved_to_another_dialog_changes_both(parcel: Bot, owner: User) -> None:
    helping = parcel.dialogs.get(name="Help")
    authoring.move(parcel.interactions.get(name="missing").pk, user=owner, to=1, dialog_id=helping.pk)

    document = exported(parcel)

    assert chain(document, parcel_bot.HELP) == ["help", "missing", "call us"]
    assert "missing" not in chain(document, parcel_bot.MAIN)


def test_a_copy_takes_what_is_unknown_here_along(organization: Organization, owner: User) -> None:
    document = parcel_bot.document()
    document["conversationMessage"][0]["newKey"] = {"deep": [1.5, None]}
    name = document["conversationMessage"][0]["name"]
    bot = imported(document, organization)

    copy = authoring.duplicate(bot.interactions.get(name=name).pk, user=owner)

    assert tile(exported(bot), copy.name)["newKey"] == {"deep": [1.5, None]}
    assert tile(exported(bot), copy.name)["id"] == copy.key


def test_a_changed_rule_keeps_what_is_unknown_in_it(organization: Organization, owner: User) -> None:
    document = parcel_bot.document()
    number = next(one for one in document["conversationMessage"] if one["name"] == "ask number")
    number["responseMatches"][0]["conditions"][0]["newKey"] = 7
    bot = imported(document, organization)
    row = bot.interactions.get(name="ask number")
    rule = rules.of(row)[0]

    changed = replace(rule, condition=replace(rule.condition, values=("*1*",)))
    rules.change(row.pk, user=owner, rule=changed)

    condition = tile(exported(bot), "ask number")["responseMatches"][0]["conditions"][0]
    assert condition == {
        "matchType": "PATTERN", "patternMatch": {"patterns": ["*1*"], "excludeKeywords": []}, "newKey": 7,
    }  # fmt: skip


def test_dialogs_added_deleted_and_renamed_arrive(parcel: Bot, owner: User) -> None:
    added = dialogs.add(parcel.pk, user=owner, name="More")
    type(added).objects.filter(pk=added.pk).update(key="0-more")
    added.refresh_from_db()
    dialogs.delete(parcel.dialogs.get(name="Help").pk, user=owner)
    dialogs.change(parcel.dialogs.get(name="Fallback").pk, user=owner, values={"name": "Else", "description": "Last"})

    document = exported(parcel)

    assert {group["id"]: group["name"] for group in document["groups"]} == {
        parcel_bot.MAIN: "Parcels", parcel_bot.LAST: "Else", str(added.key): "More",
    }  # fmt: skip
    assert [group["id"] for group in document["groups"]] == sorted(group["id"] for group in document["groups"])
    assert exportfile.read(document).dialogs[-1].name == "More"
    assert chain(document, str(added.key)) == ["More starter"]


def test_settings_and_global_functions_arrive(parcel: Bot, owner: User) -> None:
    bots.change(parcel.pk, user=owner, values={"name": "Parcels 2", "session_seconds": 90, "debug": True})
    bots.change_global_functions(parcel.pk, user=owner, source="// none")

    document = exported(parcel)

    assert document["bot"]["name"] == "Parcels 2"
    assert document["bot"]["botAttributes"]["ENABLE_DEBUG"] == "true"
    assert document["globalFunctions"] == {"chatBotId": parcel_bot.BOT, "methods": "// none"}
    assert exportfile.read(document).session_seconds == 90


def test_a_copied_bot_and_a_restored_version_still_know_the_document(parcel: Bot, owner: User) -> None:
    versions.publish(parcel.pk, user=owner)
    authoring.delete(parcel.interactions.get(name="stops").pk, user=owner)
    versions.restore(parcel.pk, user=owner, number=1)
    assert exported(parcel) == parcel_bot.document()

    copy = bots.duplicate(parcel.pk, user=owner)

    assert exported(copy) == {**parcel_bot.document(), "bot": {**parcel_bot.document()["bot"], "name": copy.name}}


def test_a_second_fallback_dialog_does_not_become_the_fallback_when_the_first_goes(
    organization: Organization, owner: User
) -> None:
    document = parcel_bot.document()
    document["groups"].append({**document["groups"][2], "id": "second", "name": "Second"})
    bot = imported(document, organization)
    assert exported(bot) == document

    dialogs.delete(bot.dialogs.get(name="Fallback").pk, user=owner)

    kinds = {dialog.name: dialog.kind for dialog in exportfile.read(exported(bot)).dialogs}
    assert kinds == {"Help": "standard", "Parcels": "standard", "Second": "standard"}


def test_a_row_that_is_switched_off_or_described_comes_back_so(organization: Organization) -> None:
    bot = factories.make_bot(organization)
    rows = [
        {"key": "shop", "value": "12", "enabled": False, "note": "What the shop calls it"},
        {"key": "lang", "value": "en", "enabled": True, "note": "Two letters"},
    ]
    factories.make_integration(bot, name="Stores", parameters=rows, headers=rows, fields=rows)

    document = exported(bot)
    bot.delete()
    again = imported(document, organization)

    made = again.integrations.get(name="Stores")
    assert made.parameters == made.headers == made.fields == rows
