"""What the history says: nothing of a secret but that it changed, and of the bot only what is the bot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import bots
from integrations.models import Revision
from integrations.services import environments
from tests.web import pages

pytestmark = pytest.mark.usefixtures("store")


def test_the_history_of_an_environment_says_of_a_secret_only_that_it_changed(
    author: Client, owner: User, bot: Bot
) -> None:
    row = environments.create(bot.organization_id, user=owner, name="Set")
    for values in ({"apiKey": "first-word"}, {"apiKey": "second-word"}, {}):
        environments.change(row.pk, user=owner, written=environments.Written("Set", str(len(values)), values))
        Revision.objects.update(at=F("at") - timedelta(minutes=2))
    address = reverse("environment_history", args=[row.pk])

    text = pages.text_of(author.get(address))

    assert "-word" not in text
    assert "apiKey – ••••" in text
    assert "apiKey •••• •••• (another value)" in text
    assert "apiKey •••• –" in text
    author.post(reverse("restore_revision", args=[Revision.objects.latest("pk").pk]))
    row.refresh_from_db()
    assert row.values == {"apiKey": "second-word"}


@pytest.mark.parametrize(
    ("save", "sentence"),
    [
        (
            lambda bot, user: bots.change(bot.pk, user=user, values={"failure_text": "Sorry."}),
            "The settings of {} are as they were.",
        ),
        (
            lambda bot, user: bots.change_global_functions(bot.pk, user=user, source="var mine;"),
            "The global functions of {} are as they were.",
        ),
    ],
)
def test_what_a_bot_has_once_is_not_taken_for_the_bot(
    save: Any, sentence: str, author: Client, owner: User, bot: Bot
) -> None:
    save(bot, owner)
    revision = Revision.objects.get()

    done = author.post(reverse("restore_revision", args=[revision.pk]), follow=True)

    assert sentence.format(bot.name) in pages.text_of(done)
    late = pages.text_of(author.post(reverse("take_back", args=[revision.pk]), follow=True))
    assert f"of {bot.name} were changed since, by you." in late
    same = pages.text_of(author.post(reverse("restore_revision", args=[revision.pk]), follow=True))
    assert sentence.format(bot.name).removesuffix(".") + " before this already." in same
