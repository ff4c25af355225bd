"""Settings, channel keys, global functions, variables and problems of a bot."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot, ChannelKey
from integrations.models import Environment
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}


def typed(bot: Bot, **values: Any) -> dict[str, Any]:
    given = {
        "name": bot.name,
        "description": "",
        "language": "en-US",
        "environment": "",
        "session_seconds": "3600",
        "failure_text": "F",
        "error_text": "E",
        "fallback_text": "B",
        "split_long_texts": "on",
    }
    return {**given, **values}


def test_settings_are_saved_while_they_are_typed(client: Client, owner: User, bot: Bot) -> None:
    environment = Environment.objects.create(organization=bot.organization, name="Test")
    client.force_login(owner)

    response = client.post(
        reverse("save_bot_settings", args=[bot.pk]),
        typed(bot, name="Balance", environment=environment.pk, session_seconds="60"),
        headers=HTMX,
    )

    bot.refresh_from_db()
    assert (bot.name, bot.environment, bot.session_seconds, bot.debug) == ("Balance", environment, 60, False)
    assert pages.root_id(response) == "save-state"


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"session_seconds": "59"}, "id_session_seconds", "greater than or equal to 60"),
        ({"name": ""}, "id_name", "required"),
        ({"name": "other"}, "id_name", "exists already"),
        ({"failure_text": "x" * 401}, "id_failure_text", "at most 400"),
    ],
)
def test_a_wrong_setting_is_told_beside_it_and_what_was_typed_stays(
    values: dict[str, str], field: str, sentence: str, client: Client, owner: User, bot: Bot
) -> None:
    factories.make_bot(bot.organization, name="Other")
    client.force_login(owner)

    response = client.post(reverse("save_bot_settings", args=[bot.pk]), typed(bot, description="Kept", **values))

    assert sentence in pages.beside(response, field)
    assert pages.value_of(response, "description") == "Kept"
    bot.refresh_from_db()
    assert bot.description == ""


def test_an_environment_of_another_organization_is_no_choice(client: Client, owner: User, bot: Bot) -> None:
    foreign = Environment.objects.create(organization=factories.make_organization(), name="Theirs")
    client.force_login(owner)

    client.post(reverse("save_bot_settings", args=[bot.pk]), typed(bot, environment=foreign.pk), headers=HTMX)

    bot.refresh_from_db()
    assert bot.environment is None


def test_a_channel_key_is_shown_once_and_can_be_revoked(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    made = client.post(reverse("add_channel_key", args=[bot.pk]), {"label": "Shop"}, headers=HTMX)
    assert pages.root_id(made) == "channel-keys"
    assert "parley_" in pages.inside(made, "channel-keys")
    assert "parley_" not in client.get(reverse("bot_settings", args=[bot.pk])).content.decode()

    key = ChannelKey.objects.get()
    revoked = client.post(reverse("revoke_channel_key", args=[bot.pk, key.pk]), headers=HTMX)
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert "revoked" in pages.inside(revoked, "channel-keys")


def test_a_key_of_another_bot_is_not_revoked_here(client: Client, owner: User, bot: Bot) -> None:
    other = ChannelKey.objects.create(bot=factories.make_bot(bot.organization), digest="d")
    client.force_login(owner)

    assert client.post(reverse("revoke_channel_key", args=[bot.pk, other.pk])).status_code == 404


def test_global_functions_are_kept_even_when_they_do_not_parse(client: Client, owner: User, bot: Bot) -> None:
    client.force_login(owner)

    response = client.post(
        reverse("save_global_functions", args=[bot.pk]), {"source": "function a() {\n  return 1;\n"}, headers=HTMX
    )

    bot.refresh_from_db()
    assert bot.global_functions == "function a() {\n  return 1;\n"
    assert pages.inside(response, "save-state") == "Saved"
    assert "Line" in pages.inside(response, "script-error")
    assert "Line" in pages.inside(client.get(reverse("global_functions", args=[bot.pk])), "script-error")


def test_variables_show_who_sets_and_who_reads_them(client: Client, owner: User, bot: Bot) -> None:
    dialog = factories.make_dialog(bot)
    rule = {"key": "k", "variables": [{"name": "size"}], "slot": {"name": "city"}}
    factories.make_interaction(dialog, name="Ask", kind="text_question", rules=[rule])
    text = "{$botContext.size} in {$botContext.slot.city} at {$env.base}: {Balance.total}"
    factories.make_interaction(dialog, name="Tell", content={"text": text})
    factories.make_integration(bot, name="Balance", fields=[{"key": "total", "value": "{$.api_Balance.t}"}])
    factories.make_interaction(dialog, name="Code", pre_process="botContext.setBotVariable('made', '1', true, false);")
    client.force_login(owner)

    text = pages.text_of(client.get(reverse("variables", args=[bot.pk])))

    assert "{$botContext.size} Ask Tell" in text
    assert "{$botContext.slot.city} Ask Tell" in text
    assert "{$env.base} nothing Tell" in text
    assert "{Balance.total} Balance Tell" in text
    assert "{$botContext.made} Code: Pre-Process Code nothing" in text


def test_problems_link_to_where_they_are(client: Client, owner: User, bot: Bot) -> None:
    row = factories.make_interaction(factories.make_dialog(bot), kind="integration", name="Call")
    unused = factories.make_integration(bot, name="Balance")
    client.force_login(owner)

    page = client.get(reverse("problems", args=[bot.pk])).content.decode()

    assert reverse("interaction_by_key", args=[bot.pk, row.key]) in page
    assert reverse("integration_by_key", args=[bot.pk, unused.key]) in page


def test_a_damaged_row_is_a_problem_and_not_a_crash(client: Client, owner: User, bot: Bot) -> None:
    factories.make_interaction(factories.make_dialog(bot), rules=[{"action": 7}])
    client.force_login(owner)

    assert "cannot be read" in pages.text_of(client.get(reverse("problems", args=[bot.pk])))
    assert "1 problem" in pages.text_of(client.get(reverse("bots")))


@pytest.mark.parametrize("name", ["bot_settings", "global_functions", "variables", "problems"])
def test_a_stranger_gets_404_and_nobody_gets_in_without_log_in(
    name: str, client: Client, stranger: User, bot: Bot
) -> None:
    assert client.get(reverse(name, args=[bot.pk])).status_code == 302
    client.force_login(stranger)

    assert client.get(reverse(name, args=[bot.pk])).status_code == 404
    for write in ("save_bot_settings", "save_global_functions", "add_channel_key"):
        assert client.post(reverse(write, args=[bot.pk]), typed(bot)).status_code == 404
