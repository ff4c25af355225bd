"""Two authors at the same thing: a later save of an older state asks first, and says whose work is in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.engine import spec
from bots.models import Bot, Interaction
from bots.services import authoring, bots, rules
from integrations.models import Environment
from integrations.services import environments
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}
LISTS = ("variable_conditions.name", "variables.name", "slot.name")


@pytest.fixture
def ask(bot: Bot) -> Interaction:
    return factories.make_interaction(factories.make_dialog(bot, name="Orders"), name="Ask", kind="text_question")


def settings_of(bot: Bot, **values: Any) -> dict[str, Any]:
    given = {"name": bot.name, "language": "en-US", "session_seconds": "3600", "failure_text": "F", **values}
    return {**given, "seen": bots.revision(bot, aspect="settings")}


def test_settings_that_a_colleague_changed_are_not_overwritten(
    client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    mine = settings_of(bot, description="Mine")
    bots.change(bot.pk, user=teammate, values={"description": "Theirs"})
    client.force_login(owner)

    response = client.post(reverse("save_bot_settings", args=[bot.pk]), mine, headers=HTMX)

    bot.refresh_from_db()
    assert bot.description == "Theirs"
    assert "teammate changed this" in pages.text_of(response)
    assert {"Theirs", "Mine"} <= set(pages.text_of(response).split())
    assert pages.value_of(response, "description") == "Mine"
    assert response.headers["HX-Retarget"] == "[data-versioned]"

    kept = {**mine, "seen": pages.value_of(response, "seen"), "keep": "mine"}
    done = client.post(reverse("save_bot_settings", args=[bot.pk]), kept, headers=HTMX)
    bot.refresh_from_db()
    assert bot.description == "Mine"
    assert "changed this" not in pages.text_of(done)


def test_settings_saved_again_and_again_by_one_author_never_conflict(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)
    address, seen = reverse("save_bot_settings", args=[bot.pk]), bots.revision(bot, aspect="settings")

    for text in ("One", "Two", "Three"):
        response = client.post(address, {**settings_of(bot, description=text), "seen": seen}, headers=HTMX)
        seen = pages.value_of(response, "seen")
        assert pages.inside(response, "save-state") == "Saved"

    bot.refresh_from_db()
    assert bot.description == "Three"


def test_other_settings_do_not_stand_in_the_way_of_global_functions(
    client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    seen = bots.revision(bot, aspect="global_functions")
    bots.change(bot.pk, user=teammate, values={"description": "Theirs"})
    client.force_login(owner)

    client.post(reverse("save_global_functions", args=[bot.pk]), {"source": "var a;", "seen": seen}, headers=HTMX)

    bot.refresh_from_db()
    assert (bot.global_functions, bot.description) == ("var a;", "Theirs")


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["by script", "without script"])
def test_global_functions_of_a_colleague_are_shown_beside_ones_own(
    headers: dict[str, str], client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    seen = bots.revision(bot, aspect="global_functions")
    bots.change_global_functions(bot.pk, user=teammate, source="var theirs;")
    client.force_login(owner)

    response = client.post(
        reverse("save_global_functions", args=[bot.pk]), {"source": "var mine;", "seen": seen}, headers=headers
    )

    bot.refresh_from_db()
    assert bot.global_functions == "var theirs;"
    assert pages.value_of(response, "source") == "var mine;"
    assert "teammate changed this" in pages.text_of(response)
    assert "var theirs;" in pages.text_of(response)


def test_an_environment_that_a_colleague_changed_is_not_overwritten(
    client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    row = Environment.objects.create(organization=bot.organization, name="Test", values={"base": "a"})
    seen = environments.revision(row)
    environments.change(row.pk, user=teammate, written=environments.Written("Test", "", {"base": "theirs"}))
    client.force_login(owner)
    mine = {"name": "Test", "description": "", "values.key": ["base"], "values.value": ["mine"], "seen": seen}

    response = client.post(reverse("environment_save", args=[row.pk]), mine, headers=HTMX)

    row.refresh_from_db()
    assert row.values == {"base": "theirs"}
    assert "teammate changed this" in pages.text_of(response)
    kept = {**mine, "seen": pages.value_of(response, "seen"), "keep": "mine"}
    client.post(reverse("environment_save", args=[row.pk]), kept, headers=HTMX)
    row.refresh_from_db()
    assert row.values == {"base": "mine"}


def test_the_name_is_that_of_who_changed_this_part_of_the_interaction(
    client: Client, owner: User, teammate: User, ask: Interaction
) -> None:
    seen = authoring.revision(ask, aspect="content")
    authoring.change(ask.pk, user=teammate, values={"name": "Theirs"})
    authoring.change(ask.pk, user=owner, values={"pre_process": "var a;"})
    client.force_login(owner)
    address = reverse("save_interaction", args=[ask.bot_id, ask.pk, "content"])

    response = client.post(address, {"name": "Mine", "text": "", "seen": seen}, headers=HTMX)

    assert "teammate changed this" in pages.text_of(response)


def test_ones_own_other_window_is_called_that(client: Client, owner: User, ask: Interaction) -> None:
    seen = authoring.revision(ask, aspect="content")
    authoring.change(ask.pk, user=owner, values={"name": "There"})
    client.force_login(owner)
    address = reverse("save_interaction", args=[ask.bot_id, ask.pk, "content"])

    response = client.post(address, {"name": "Here", "text": "", "seen": seen}, headers=HTMX)

    assert "You, in another window, changed this" in pages.text_of(response)


def test_a_colleague_at_another_rule_is_not_in_the_way(
    client: Client, owner: User, teammate: User, ask: Interaction
) -> None:
    first, second = (rules.add(ask.pk, user=owner, condition="pattern") for _ in range(2))
    seen = rules.revision(Interaction.objects.get(pk=ask.pk), key=first.key)
    rules.change(ask.pk, user=teammate, rule=replace(second, name="Theirs"))
    client.force_login(owner)
    mine = {"name": "Mine", "condition": "pattern", "action": "next", "seen": seen, **{name: [""] for name in LISTS}}

    client.post(reverse("save_rule", args=[ask.bot_id, ask.pk, first.key]), mine, headers=HTMX)

    ask.refresh_from_db()
    assert [rule.name for rule in rules.of(ask)] == ["Mine", "Theirs"]


def test_a_rule_that_a_colleague_changed_is_not_overwritten(
    client: Client, owner: User, teammate: User, ask: Interaction
) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    seen = rules.revision(Interaction.objects.get(pk=ask.pk), key=made.key)
    rules.change(ask.pk, user=teammate, rule=replace(made, condition=spec.Condition("pattern", ("theirs",))))
    client.force_login(owner)
    mine = {
        "condition": "pattern",
        "patterns": "mine",
        "action": "next",
        "seen": seen,
        **{name: [""] for name in LISTS},
    }

    response = client.post(reverse("save_rule", args=[ask.bot_id, ask.pk, made.key]), mine, headers=HTMX)

    ask.refresh_from_db()
    assert rules.of(ask)[0].condition == spec.Condition("pattern", ("theirs",))
    assert "teammate changed this" in pages.text_of(response)
    assert {"theirs", "mine"} <= set(pages.text_of(response).split())
