"""Intents and tests on their way: out with an export and in again, and with a copy of the bot."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from bots.models import Bot
from bots.services import bots, intents, specs, transfer
from credentials.models import Organization
from tests import factories
from tests.samples import parcel_bot

pytestmark = pytest.mark.django_db
LISTED = [
    {"id": "i-1", "name": "late", "displayName": "Late parcel", "extra": 1},
    {"id": "i-2", "name": "bye"},
    {"id": "k" * 201, "name": "too long to keep"},
]


@pytest.fixture
def imported(organization: Organization, teammate: User) -> Bot:
    document = parcel_bot.document() | {"associatedIntents": LISTED}
    read = transfer.read(json.dumps(document, indent=2).encode())
    return transfer.import_bot(read, organization=organization, actor=teammate)


def export(bot: Bot) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(transfer.export_bot(bot))
    return found


def test_phrases_and_patterns_come_back_with_the_export(
    imported: Bot, organization: Organization, teammate: User
) -> None:
    row = imported.intents.get(key="i-1")
    intents.change(row.pk, user=teammate, name=row.name, phrases=["Where is it?"], patterns=["*late*"])

    read = transfer.read(transfer.export_bot(imported).encode())
    again = transfer.import_bot(
        read, organization=organization, actor=teammate, decisions=transfer.Decisions("Again", None, {})
    )

    assert specs.draft(again).intent_examples == specs.draft(imported).intent_examples
    assert again.intents.get(key="i-1").phrases == ["Where is it?"]


def test_the_phrases_of_a_bot_that_was_made_here_are_in_its_export(bot: Bot, teammate: User) -> None:
    row = intents.create(bot.pk, user=teammate, name="Greet")
    intents.change(row.pk, user=teammate, name="Greet", phrases=["Hello there"], patterns=[])

    read = transfer.read(transfer.export_bot(bot).encode())

    assert read.authored.spec.intent_examples == specs.draft(bot).intent_examples
    assert read.authored.spec.intents == specs.draft(bot).intents


def test_renamed_new_and_deleted_intents_are_in_the_export_and_the_rest_stays(imported: Bot, teammate: User) -> None:
    late, bye = imported.intents.get(key="i-1"), imported.intents.get(key="i-2")
    intents.change(late.pk, user=teammate, name="Very late", phrases=[], patterns=[])
    intents.delete(bye.pk, user=teammate)
    made = intents.create(imported.pk, user=teammate, name="New")

    assert export(imported)["associatedIntents"] == [
        {"id": "i-1", "name": "Very late", "displayName": "Very late", "extra": 1},
        LISTED[2],
        {"id": str(made.key), "name": "New", "displayName": "New"},
    ]


def test_an_import_that_nobody_changed_goes_out_as_it_came(imported: Bot) -> None:
    document = parcel_bot.document() | {"associatedIntents": LISTED}

    assert transfer.export_bot(imported) == json.dumps(document, indent=2)


def test_phrases_taken_away_leave_nothing_behind(imported: Bot, teammate: User) -> None:
    row = imported.intents.get(key="i-1")
    before = transfer.export_bot(imported)
    intents.change(row.pk, user=teammate, name=row.name, phrases=["Where?"], patterns=[])
    intents.change(row.pk, user=teammate, name=row.name, phrases=[], patterns=[])

    assert transfer.export_bot(imported) == before


def test_a_copy_of_a_bot_has_its_tests(bot: Bot, teammate: User) -> None:
    factories.make_dialog(bot)
    bot.saved_tests.create(name="One", transcript="scenarios: []", answers="routes: []", last_ok=True)

    copy = bots.duplicate(bot.pk, user=teammate)

    [test] = copy.saved_tests.all()
    assert (test.name, test.transcript, test.answers, test.last_ok) == ("One", "scenarios: []", "routes: []", None)
    assert bot.saved_tests.count() == 1
