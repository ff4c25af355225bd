"""The finder: anything of a bot by name or by its words, each with its address."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bots.models import Bot
from bots.services import finder, search, specs
from integrations.models import Environment
from tests import factories
from tests.web import crowd, pages


@pytest.fixture
def full(bot: Bot, owner: User) -> Bot:
    dialog = factories.make_dialog(bot, name="Orders")
    rule = {"key": "k", "name": "", "variables": [{"name": "parcelNumber", "value": "{$userMessage}"}]}
    factories.make_interaction(
        dialog, name="Ask parcel", kind="text_question", content={"text": "Which colour?"}, rules=[rule],
        pre_process="botContext.printDebugMessage('violet');",
    )  # fmt: skip
    fields = [{"key": "town", "value": "{$.api_Stores.town}"}]
    factories.make_integration(bot, name="Stores", url="https://api.example.test/shops", fields=fields)
    bot.intents.create(name="Cancel order")
    bot.saved_tests.create(name="Greets politely", transcript="")
    return bot


def find(bot: Bot, words: str) -> list[finder.Found]:
    return finder.find(bot, draft=specs.draft(bot), words=words, among=search.rows(bot))


@pytest.mark.parametrize(
    ("words", "kind", "label"),
    [
        ("orders", "dialog", "Orders"),
        ("ask par", "interaction", "Ask parcel"),
        ("ASK", "interaction", "Ask parcel"),
        ("stores", "integration", "Stores"),
        ("town", "variable", "Stores.town"),
        ("parcelnum", "variable", "parcelNumber"),
        ("cancel", "intent", "Cancel order"),
        ("polite", "test", "Greets politely"),
        ("version", "page", "Versions"),
        ("colour", "text", "Which colour?"),
        ("violet", "script", "botContext.printDebugMessage('violet');"),
        ("shops", "text", "https://api.example.test/shops"),
    ],
)
def test_everything_is_found_by_some_of_its_words(words: str, kind: str, label: str, full: Bot) -> None:
    first = find(full, words)[0]

    assert (first.kind, first.label) == (kind, label)


def test_what_begins_with_the_words_stands_before_what_holds_them(full: Bot) -> None:
    factories.make_dialog(full, name="Reorder")
    factories.make_dialog(full, name="Order")

    labels = [each.label for each in find(full, "order")]

    assert labels.index("Order") < labels.index("Orders") < labels.index("Reorder")


def test_every_entry_leads_to_a_page_that_is_there(client: Client, owner: User, full: Bot) -> None:
    client.force_login(owner)

    for words in ("", "o", "stores", "colour", "violet", "town", "cancel", "polite"):
        page = client.get(reverse("find", args=[full.pk]), {"q": words}).content.decode()
        addresses = [part.split('"')[0].replace("&amp;", "&") for part in page.split('<a href="')[1:]]
        assert addresses
        assert {client.get(address).status_code for address in addresses} == {200}


def test_nothing_found_is_said(client: Client, owner: User, full: Bot) -> None:
    client.force_login(owner)

    assert "holds “<zz>”" in pages.text_of(client.get(reverse("find", args=[full.pk]), {"q": "<zz>"}))


@pytest.mark.parametrize("words", ["", "a", "say", "value", "hello", "zz"])
def test_finding_takes_few_queries_and_not_one_more_in_a_larger_bot(
    words: str, client: Client, owner: User, full: Bot
) -> None:
    client.force_login(owner)
    crowd.grow(full, user=owner, by=1)
    full.environment = Environment.objects.create(organization=full.organization, name="Set", values={"value": "1"})
    full.save()
    few = cost(client, full, words)
    crowd.grow(full, user=owner, by=8)

    assert cost(client, full, words) == few
    assert few <= 15


def cost(client: Client, bot: Bot, words: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("find", args=[bot.pk]), {"q": words})
    return len(queries)


def test_a_stranger_finds_nothing_by_it(client: Client, stranger: User, full: Bot) -> None:
    client.force_login(stranger)

    assert client.get(reverse("find", args=[full.pk]), {"q": "o"}).status_code == 404
