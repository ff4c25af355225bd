"""Finding words anywhere in a bot."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot, Interaction
from bots.services import search, specs
from tests import factories
from tests.web import pages


@pytest.fixture
def row(bot: Bot) -> Interaction:
    dialog = factories.make_dialog(bot, name="Orders", description="About parcels")
    rule = {"key": "k", "name": "Yes", "condition": {"kind": "regex", "values": ["^(teal|red)$"]}, "variables": []}
    rule["variables"] = [{"name": "shade", "value": "{$userMessage}"}]
    return factories.make_interaction(
        dialog,
        name="Ask colour",
        kind="text_question",
        content={"text": "Which colour do you like?"},
        rules=[rule],
        pre_process="botContext.printDebugMessage('violet');",
        comment="Agreed with Ada",
    )


def found(bot: Bot, words: str) -> list[tuple[str, str, str]]:
    hits = search.search(bot, draft=specs.draft(bot), words=words, among=search.rows(bot))
    return [(hit.owner, hit.part, hit.found) for hit in hits]


@pytest.mark.parametrize(
    ("words", "hit"),
    [
        ("COLOUR do", ("Ask colour", "Text", "colour do")),
        ("teal", ("Ask colour", "Rules", "teal")),
        ("shade", ("Ask colour", "Rules", "shade")),
        ("violet", ("Ask colour", "Pre-Process Code", "violet")),
        ("ada", ("Ask colour", "Comment", "Ada")),
        ("parcels", ("Orders", "Description", "parcels")),
        ("/balance", ("Balance", "URL", "/balance")),
        ("x-trace", ("Balance", "Request Headers", "X-Trace")),
        ("helper", ("Global functions", "Script", "helper")),
        ("find anything", ("Settings", "Failure text", "find anything")),
    ],
)
def test_every_part_of_a_bot_is_searched(words: str, hit: Any, bot: Bot, row: Interaction) -> None:
    headers = [{"key": "X-Trace", "value": "1"}]
    factories.make_integration(bot, name="Balance", url="https://api.example.test/balance", headers=headers)
    bot.global_functions = "function helper() {}"
    bot.save()

    assert found(bot, words) == [hit]


def test_what_is_no_word_of_an_author_is_not_searched(bot: Bot, row: Interaction) -> None:
    assert found(bot, "session") == found(bot, row.key) == found(bot, "   ") == []


def test_a_hit_leads_to_the_part_that_holds_it(client: Client, owner: User, bot: Bot, row: Interaction) -> None:
    client.force_login(owner)

    page = client.get(reverse("search", args=[bot.pk]), {"q": "violet"})

    address = f"{reverse('interaction_by_key', args=[bot.pk, row.key])}?tab=code"
    assert address in page.content.decode()
    assert client.get(address).headers["Location"] == f"{reverse('interaction', args=[bot.pk, row.pk])}?tab=code"


def test_typing_fetches_the_hits_alone(client: Client, owner: User, bot: Bot, row: Interaction) -> None:
    client.force_login(owner)

    answer = client.get(reverse("search", args=[bot.pk]), {"q": "<b>"}, headers={"HX-Request": "true"})

    assert pages.root_id(answer) == "hits"
    assert "Nothing holds “<b>”" in pages.text_of(answer)


def test_a_stranger_finds_nothing(client: Client, stranger: User, bot: Bot) -> None:
    client.force_login(stranger)

    assert client.get(reverse("search", args=[bot.pk]), {"q": "a"}).status_code == 404


def test_intents_and_tests_are_found_with_a_link(client: Client, owner: User, bot: Bot) -> None:
    intent = bot.intents.create(name="Greet", phrases=["Good morning to you"], patterns=["*morning*"])
    test = bot.saved_tests.create(name="Rises", transcript="says: morning")
    client.force_login(owner)

    page = client.get(reverse("search", args=[bot.pk]), {"q": "morning"}).text

    assert {("Greet", "Example phrases", "morning"), ("Greet", "Patterns", "morning")} <= set(found(bot, "morning"))
    assert reverse("intent", args=[bot.pk, intent.pk]) in page
    assert reverse("test", args=[bot.pk, test.pk]) in page
