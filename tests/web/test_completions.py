"""What fields offer after a brace: all that a bot knows, each with where it comes from."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.engine import spec
from bots.forms import content
from bots.models import Bot
from bots.services import rules
from integrations.models import Environment
from tests import factories


@pytest.fixture
def filled(bot: Bot, owner: User) -> Bot:
    """A bot with a variable, a slot, a field with many values and an environment."""
    bot.environment = Environment.objects.create(organization=bot.organization, name="Test", values={"base": "x"})
    bot.save()
    ask = factories.make_interaction(factories.make_dialog(bot, name="Orders"), name="Ask", kind="text_question")
    ask.pre_process = 'botContext.setBotVariable("fromScript", 1, true, false);'
    ask.save()
    made = rules.add(ask.pk, user=owner, condition="regex")
    sets = (spec.SetVariable(name="city", value="{$userMessage}"),)
    slot = spec.SetVariable(name="order", value="{$userMessage}")
    rules.change(ask.pk, user=owner, rule=spec.Rule(key=made.key, condition=made.condition, variables=sets, slot=slot))
    many = {"key": "names", "value": "{$.api_Store.list[i].name}", "enabled": True}
    factories.make_integration(bot, name="Store", response_variable="Store", fields=[many])
    return bot


def offered(client: Client, bot: Bot) -> dict[str, str]:
    answer = client.get(reverse("completions", args=[bot.pk])).json()
    return {each["written"]: each["origin"] for each in answer["offers"]}


def test_everything_that_has_a_value_is_offered_with_its_origin(client: Client, owner: User, filled: Bot) -> None:
    client.force_login(owner)

    found = offered(client, filled)

    assert found["{$botContext.city}"] == "Bot variable, set by Ask"
    assert found["{$botContext.fromScript}"] == "Bot variable, set by Ask: Pre-Process Code"
    assert found["{$botContext.slot.order}"] == "Slot, set by Ask"
    assert found["{$env.base}"] == "Environment key, from the linked environment"
    assert found["{Store.names}"] == "Integration field, set by Store"
    assert {"{Store.names.count}", "{Store.$status}", "{$userMessage}", "{$conversationId}"} <= found.keys()


def test_what_nothing_sets_is_not_offered(client: Client, owner: User, filled: Bot) -> None:
    dialog = filled.dialogs.get()
    factories.make_interaction(dialog, name="Tell", content={"text": "{$botContext.mistyped}"})
    client.force_login(owner)

    assert "{$botContext.mistyped}" not in offered(client, filled)


def test_a_draft_that_cannot_be_read_offers_nothing(client: Client, owner: User, filled: Bot) -> None:
    filled.interactions.update(content={"text": 7})
    client.force_login(owner)

    assert offered(client, filled) == {}


def test_a_stranger_learns_nothing(client: Client, stranger: User, filled: Bot) -> None:
    client.force_login(stranger)

    assert client.get(reverse("completions", args=[filled.pk])).status_code == 404


TAKING = {"text", "fallback_text", "url", "skill", "agent", "rich_json"}


@pytest.mark.parametrize("kind", sorted(content.FORMS))
def test_every_field_of_an_interaction_that_takes_variables_offers_them(kind: str) -> None:
    form = content.FORMS[kind](content=spec.Content(text="x"))

    offering = {name for name, field in form.fields.items() if "data-completes" in field.widget.attrs}

    assert offering == TAKING & form.fields.keys()


def test_every_field_of_an_integration_and_of_the_settings_that_takes_variables_offers_them(
    client: Client, owner: User, filled: Bot
) -> None:
    client.force_login(owner)
    integration = client.get(reverse("integration", args=[filled.pk, filled.integrations.get().pk])).text
    settings = client.get(reverse("bot_settings", args=[filled.pk])).text

    for page, name in (
        *((integration, name) for name in ("url", "body", "slow_message", "parameters.value", "headers.value")),
        *((settings, name) for name in ("failure_text", "error_text", "fallback_text")),
    ):
        assert re.search(rf'<(input|textarea)[^>]* name="{re.escape(name)}"[^>]* data-completes', page), name
