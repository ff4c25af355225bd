"""Builders of rows and of engine data for tests: plain functions with the least that is needed."""

from __future__ import annotations

import itertools
from typing import Any

from django.contrib.auth.models import User

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction
from credentials.models import Membership, Organization, Role
from integrations.engine.spec import IntegrationSpec
from integrations.models import Integration

_count = itertools.count(1)


def make_user(username: str = "") -> User:
    return User.objects.create_user(username or f"user{next(_count)}", password="correct horse battery")


def make_organization(*, administrator: User | None = None, author: User | None = None, name: str = "") -> Organization:
    organization = Organization.objects.create(name=name or f"Organization {next(_count)}")
    for user, role in ((administrator, Role.ADMINISTRATOR), (author, Role.AUTHOR)):
        if user:
            Membership.objects.create(organization=organization, user=user, role=role)
    return organization


def make_bot(organization: Organization | None = None, **values: Any) -> Bot:
    values.setdefault("name", f"Bot {next(_count)}")
    return Bot.objects.create(organization=organization or make_organization(), **values)


def make_dialog(bot: Bot, **values: Any) -> Dialog:
    values.setdefault("name", f"Dialog {next(_count)}")
    values.setdefault("position", bot.dialogs.count())
    return Dialog.objects.create(bot=bot, **values)


def make_interaction(dialog: Dialog, **values: Any) -> Interaction:
    values.setdefault("name", f"Interaction {next(_count)}")
    values.setdefault("kind", "text")
    values.setdefault("position", dialog.interactions.count())
    return Interaction.objects.create(bot=dialog.bot, dialog=dialog, **values)


def make_integration(bot: Bot, **values: Any) -> Integration:
    name = values.setdefault("name", f"Integration{next(_count)}")
    values.setdefault("response_variable", name)
    values.setdefault("url", "http://127.0.0.1:1/nothing")
    return Integration.objects.create(bot=bot, **values)


def bot_spec(*dialogs: spec.Dialog, **values: Any) -> spec.BotSpec:
    values.setdefault("integrations", ())
    return spec.BotSpec(key="bot-1", name="Bot", dialogs=dialogs, **values)


def integration_spec(name: str = "Balance", **values: Any) -> IntegrationSpec:
    values.setdefault("url", "https://api.example.test/balance")
    return IntegrationSpec(key=values.pop("key", f"key-{name}"), name=name, response_variable=name, **values)
