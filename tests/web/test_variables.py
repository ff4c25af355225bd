"""The page of all variables: names as the engine reads them in texts, and as JavaScript reads them in scripts."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import problems, specs, variables
from tests import factories
from tests.web import pages

SCRIPT = """
// botContext.setBotVariable("commented", 1)
botContext . setBotVariable ( `town`, botContext.getBotVariable('old "town"'), true, false);
botContext.setBotVariable("slot.size", 1, true, false);
botContext.setBotVariable("built" + 1, 1, true, false);
botContext.sendMessage("Hello {$botContext.nickname}, {Stores.hours}");
/* botContext.getBotVariable("never") */
"""


@pytest.fixture
def scripted(bot: Bot) -> Bot:
    factories.make_interaction(factories.make_dialog(bot), name="Tidy up", kind="universal", pre_process=SCRIPT)
    return bot


def names(bot: Bot, attribute: str) -> set[tuple[str, str]]:
    listed = variables.listing(specs.draft(bot), environment={})
    return {(entry.kind, entry.name) for _, entries in listed for entry in entries if getattr(entry, attribute)}


def test_names_in_scripts_are_read_as_javascript_and_comments_name_nothing(scripted: Bot) -> None:
    assert names(scripted, "sets") == {("variable", "town"), ("slot", "size")}
    assert names(scripted, "reads") == {
        ("variable", 'old "town"'), ("variable", "nickname"), ("field", "Stores.hours"),
    }  # fmt: skip


def test_a_slow_call_message_and_the_texts_of_the_settings_read_variables_too(bot: Bot) -> None:
    factories.make_integration(bot, name="Stores", slow_message="One moment, {$botContext.nickname}")
    bot.error_text = "Sorry, {$botContext.slot.name}"
    bot.save()

    assert names(bot, "reads") == {("variable", "nickname"), ("slot", "name")}
    texts = [problem.text for problem in problems.of(bot)]
    assert "Stores: nothing sets the variable nickname." in texts
    assert "Settings: Default User-Friendly Response: nothing sets the variable slot.name." in texts


def test_a_problem_of_the_settings_leads_there(client: Client, owner: User, bot: Bot) -> None:
    bot.failure_text = "{$botContext.nobody}"
    bot.save()
    client.force_login(owner)

    page = client.get(reverse("problems", args=[bot.pk]))

    assert "nothing sets the variable nobody" in pages.text_of(page)
    assert f'<a href="{reverse("bot_settings", args=[bot.pk])}#id_failure_text">Settings: Failure text' in page.text
