"""Undo: a move, an import, a restored version are taken back; what was worked on since is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import authoring, specs, versions
from integrations.services import uploads
from tests import factories
from tests.samples import parcel_bot
from tests.web.integration_forms import HTMX

pytestmark = pytest.mark.usefixtures("store")


def latest(client: Client) -> str:
    """The address that takes back what was done last."""
    token, snapshot = client.session["deleted"][-1]
    return reverse("undo", args=[snapshot["bot"], token])


def names(bot: Bot) -> list[list[str]]:
    return [[tile.name for tile in dialog.interactions] for dialog in specs.draft(bot).dialogs]


@pytest.fixture
def two(bot: Bot) -> list[Any]:
    """Two dialogs, of two tiles each."""
    found = [factories.make_dialog(bot, name=name) for name in "AB"]
    for dialog in found:
        for number in (1, 2):
            factories.make_interaction(dialog, name=f"{dialog.name}{number}")
    return found


def test_a_moved_interaction_is_put_back(author: Client, bot: Bot, two: list[Any]) -> None:
    tile = bot.interactions.get(name="A1")
    answer = author.post(reverse("move_interaction", args=[bot.pk, tile.pk, 1]), headers=HTMX)
    assert names(bot) == [["A2", "A1"], ["B1", "B2"]]
    assert json.loads(answer["HX-Trigger"])["toast"]["undo"] == latest(author)

    author.post(latest(author))

    assert names(bot) == [["A1", "A2"], ["B1", "B2"]]


def test_an_interaction_that_went_to_another_dialog_is_put_back(author: Client, bot: Bot, two: list[Any]) -> None:
    tile = bot.interactions.get(name="A1")
    author.post(reverse("move_interaction", args=[bot.pk, tile.pk, 1]), {"dialog": two[1].pk}, headers=HTMX)
    assert names(bot) == [["A2"], ["B1", "A1", "B2"]]

    author.post(latest(author))

    assert names(bot) == [["A1", "A2"], ["B1", "B2"]]


def test_a_moved_dialog_is_put_back(author: Client, bot: Bot, two: list[Any]) -> None:
    author.post(reverse("move_dialog", args=[bot.pk, two[0].pk, 1]))
    assert names(bot)[0] == ["B1", "B2"]

    author.post(latest(author))

    assert names(bot)[0] == ["A1", "A2"]


def test_what_is_gone_meanwhile_is_not_put_back_and_that_is_said(
    author: Client, teammate: User, bot: Bot, two: list[Any]
) -> None:
    tile = bot.interactions.get(name="A1")
    author.post(reverse("move_interaction", args=[bot.pk, tile.pk, 1]), headers=HTMX)
    authoring.delete(tile.pk, user=teammate)

    page = author.post(latest(author), follow=True)

    assert "cannot be put back" in page.text


def imported(author: Client) -> Bot:
    file = SimpleUploadedFile("b.json", json.dumps(parcel_bot.document()).encode(), content_type="application/json")
    report = author.post(reverse("import_bot"), {"file": file})["Location"]
    author.post(report, {"name": "Brought in"})
    found: Bot = Bot.objects.get(name="Brought in")
    return found


def test_an_import_is_taken_back_as_long_as_nobody_worked_on_it(author: Client) -> None:
    imported(author)

    assert author.post(latest(author))["Location"] == reverse("bots")

    assert not Bot.objects.filter(name="Brought in").exists()


def test_an_import_that_was_worked_on_stays(author: Client, teammate: User) -> None:
    bot = imported(author)
    authoring.insert(bot.dialogs.all()[0].pk, user=teammate, kind="text")

    page = author.post(latest(author), follow=True)

    assert "was worked on since it was imported" in page.text
    assert Bot.objects.filter(pk=bot.pk).exists()


def test_a_restored_version_is_taken_back(author: Client, teammate: User, bot: Bot, two: list[Any]) -> None:
    versions.publish(bot.pk, user=teammate)
    authoring.change(bot.interactions.get(name="A1").pk, user=teammate, values={"name": "Never published"})
    before = specs.draft(bot)
    author.post(reverse("restore_version", args=[bot.pk, 1]))
    assert specs.draft(bot) != before

    author.post(latest(author))

    assert specs.draft(bot) == before


def test_a_restore_is_not_taken_back_after_its_time(author: Client, teammate: User, bot: Bot, two: list[Any]) -> None:
    versions.publish(bot.pk, user=teammate)
    author.post(reverse("restore_version", args=[bot.pk, 1]))
    uploads.forget(teammate, purpose=f"draft-{bot.pk}")

    page = author.post(latest(author), follow=True)

    assert "is kept for half an hour, which is over" in page.text
