"""One item of each kind that has a history, what saves and what deletes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from bots.engine import spec
from bots.models import Bot, Interaction
from bots.services import (
    authoring,
    bots,
    dialogs,
    histories,
    intents,
    rules,
    savedtests,
    specs,
)  # fmt: skip
from integrations.models import Environment, Integration, Revision
from integrations.services import definitions, environments
from tests import factories

LATER = timedelta(minutes=2)


@pytest.fixture
def tile(bot: Bot) -> Interaction:
    return factories.make_interaction(factories.make_dialog(bot, name="Orders"), name="Ask", content={"text": "One"})


@pytest.fixture
def stores(bot: Bot) -> Integration:
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
def items(bot: Bot, tile: Interaction, stores: Integration) -> Items:
    return Items(bot, tile, stores)


DELETIONS: dict[str, Callable[[Items, User], Any]] = {
    "dialog": lambda it, user: dialogs.delete(it.tile.dialog_id, user=user),
    "interaction": lambda it, user: authoring.delete(it.tile.pk, user=user),
    "integration": lambda it, user: definitions.delete(Integration.objects.get(pk=it.call.pk), actor=user),
    "intent": lambda it, user: intents.delete(it.intent.pk, user=user),
    "test": lambda it, user: savedtests.delete(it.test.pk, user=user),
    "environment": lambda it, user: environments.delete(it.set.pk, user=user),
}
