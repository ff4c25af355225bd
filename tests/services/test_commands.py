"""How commands find a bot, and what they say when there is none."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bots.management import lookup
from bots.management.commands import chat
from bots.models import Bot
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_bot_is_found_by_name_key_and_number(bot: Bot) -> None:
    assert [lookup.bot(named) for named in (bot.name, str(bot.key), str(bot.pk))] == [bot] * 3


def test_an_unknown_bot_is_answered_with_those_that_there_are(bot: Bot) -> None:
    with pytest.raises(CommandError, match=r"There is no bot 'Nobody'. Bots here: Account balance\."):
        lookup.bot("Nobody")


def test_a_name_that_two_organizations_use_asks_for_the_key(bot: Bot) -> None:
    factories.make_bot(factories.make_organization(name="Elsewhere"), name=bot.name)

    with pytest.raises(CommandError, match="Several bots"):
        lookup.bot(bot.name)


def test_a_key_for_an_unpublished_bot_comes_with_a_note(bot: Bot, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("channel_key", bot.name)

    printed = capsys.readouterr()
    assert printed.out.startswith("parley_")
    assert "is not published yet" in printed.err
    assert bot.channel_keys.count() == 1


def test_the_terminal_shows_all_that_a_message_offers() -> None:
    message = {
        "kind": "tiles",
        "text": "Choose",
        "tiles": [{"title": "Shirt", "subtitle": "blue", "buttons": [{"label": "Buy"}]}],
        "quick_replies": [{"title": "Yes"}],
        "choices": ["One"],
        "buttons": [{"label": "Site", "type": "web_url", "value": "https://example.test"}],
    }

    shown = list(chat.lines(message))

    assert shown == [
        "Choose", "  (Yes)", "  - One", "  [Shirt] blue", "    [Buy]", "  [Site] https://example.test",
    ]  # fmt: skip
