"""Two people at one thing: each field is chosen for itself, whatever kind of field it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from bots.engine import spec
from bots.forms.authoring import BotSettingsForm
from bots.models import Bot, Interaction
from bots.services import authoring, intents, savedtests, specs
from bots.views.workspace import content_form
from integrations.forms import conflicts, submitted
from integrations.forms.integrations import IntegrationForm
from integrations.models import Environment, Integration
from integrations.services import definitions, environments
from tests import factories
from tests.web import pages
from tests.web.integration_forms import HTMX, form_data, rows

pytestmark = pytest.mark.usefixtures("store")
CONTENTS = {
    "text": spec.Content(text='One\nTwo <b> & "quotes"'),
    "quick_reply": spec.Content(text="?", quick_replies=(spec.Chip("Yes", "y"), spec.Chip("No"))),
    "multiple_choice": spec.Content(text="?", choices=("A", "B"), display="quick_replies", text_style="letters"),
    "button": spec.Content(text="?", buttons=(spec.Button("Go", "web_url", "https://a.example", "blank"),)),
    "structured": spec.Content(tiles=(spec.Tile("T", "S", "i", (spec.Button("B", "postback", "b"),)), spec.Tile("U"))),
    "universal": spec.Content(rich_json='{"a": 1}', waits=True),
    "starter": spec.Content(patterns=("hi", "(a|b) *"), exclude_keywords=("no",)),
}


def post(pairs: list[tuple[str, str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for key, value in pairs:
        data.appendlist(key, value)
    return data


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_a_form_shows_is_what_it_would_submit(bot: Bot, kind: str) -> None:
    stored = authoring.stored_content(CONTENTS[kind])
    row = factories.make_interaction(factories.make_dialog(bot), kind=kind, content=stored)
    shown = content_form(row)

    again = content_form(row, post([pair for name in shown.fields for pair in submitted.pairs(shown[name])]))

    assert again.is_valid(), again.errors
    assert again.content() == specs.interaction(row).content


def test_rows_are_submitted_with_their_switches_and_notes(integration: Integration) -> None:
    integration.headers = [
        {"key": "A", "value": "1", "enabled": False, "note": "why"},
        {"key": "B", "value": "", "enabled": True, "note": ""},
    ]
    shown = IntegrationForm(instance=integration)

    again = IntegrationForm(post(submitted.pairs(shown["headers"])), instance=integration)

    assert again["headers"].data == integration.headers


def test_nothing_chosen_leaves_the_data_alone(bot: Bot) -> None:
    data = post([("name", "Mine"), ("take.name", "mine")])

    assert conflicts.merged(data, theirs=BotSettingsForm(instance=bot)) is data
    assert conflicts.merged(data, theirs=None) is data


def test_one_field_of_an_interaction_is_taken_and_another_kept(
    client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    stored = authoring.stored_content(CONTENTS["quick_reply"])
    row = factories.make_interaction(factories.make_dialog(bot), name="Ask", kind="quick_reply", content=stored)
    seen = authoring.revision(row, aspect="content")
    theirs = spec.Content(text="Theirs?", quick_replies=(spec.Chip("Maybe"),))
    authoring.change(row.pk, user=teammate, values={"content": theirs})
    client.force_login(owner)
    shown = content_form(Interaction.objects.get(pk=row.pk))
    mine = post([pair for name in shown.fields for pair in submitted.pairs(shown[name])])
    mine["text"], mine["seen"] = "Mine?", seen
    mine.setlist("quick_replies.title", ["Never", "", ""])
    address = reverse("save_interaction", args=[bot.pk, row.pk, "content"])

    refused = client.post(address, mine.urlencode(), content_type=FORM, headers=HTMX)
    assert 'name="take.text"' in refused.text
    mine["seen"], mine["keep"], mine["take.quick_replies"] = pages.value_of(refused, "seen"), "mine", "theirs"
    client.post(address, mine.urlencode(), content_type=FORM, headers=HTMX)

    row.refresh_from_db()
    content = specs.interaction(row).content
    assert (content.text, [chip.title for chip in content.quick_replies]) == ("Mine?", ["Maybe"])


FORM = "application/x-www-form-urlencoded"


def test_an_integration_shows_both_versions_and_takes_what_is_chosen(
    author: Client, owner: User, integration: Integration
) -> None:
    opened = integration.updated_at.isoformat()
    integration.url = "https://api.example.test/theirs"
    integration.headers = [{"key": "X-Theirs", "value": "1", "enabled": True, "note": ""}]
    definitions.save(integration, actor=owner)
    mine: dict[str, Any] = form_data(name="Balance", url="https://api.example.test/mine", seen=opened)
    mine |= rows("headers", ("X-Mine", "2"))
    address = reverse("integration_save", args=[integration.bot_id, integration.pk])

    refused = author.post(address, mine, headers=HTMX)
    text = pages.text_of(refused)
    assert "owner changed this since you opened it." in text
    assert "https://api.example.test/theirs" in text
    assert "X-Theirs · 1" in text
    assert pages.value_of(refused, "url") == "https://api.example.test/mine"
    mine |= {"seen": pages.value_of(refused, "seen"), "take.headers": "theirs", "take.url": "mine", "keep": "mine"}
    author.post(address, mine, headers=HTMX)

    integration.refresh_from_db()
    assert integration.url == "https://api.example.test/mine"
    assert [row["key"] for row in integration.headers] == ["X-Theirs"]


def test_an_environment_takes_what_is_chosen(client: Client, owner: User, teammate: User, bot: Bot) -> None:
    row = Environment.objects.create(organization=bot.organization, name="Test", values={"base": "a"})
    written = environments.Written("Theirs", "", {"base": "theirs"})
    environments.change(row.pk, user=teammate, written=written)
    row.refresh_from_db()
    client.force_login(owner)
    mine = {"name": "Mine", "description": "", "values.key": ["base"], "values.value": ["mine"]}
    choice = {"seen": environments.revision(row), "keep": "mine", "take.values": "theirs"}

    client.post(reverse("environment_save", args=[row.pk]), mine | choice, headers=HTMX)

    row.refresh_from_db()
    assert (row.name, row.values) == ("Mine", {"base": "theirs"})


def test_an_intent_that_a_colleague_changed_is_shown_and_taken_field_by_field(
    client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    row = intents.create(bot.pk, user=owner, name="Greet")
    seen = intents.revision(row)
    intents.change(row.pk, user=teammate, name="Hello", phrases=["theirs"], patterns=[])
    client.force_login(owner)
    mine = {"name": "Mine", "phrases": "mine", "patterns": "", "seen": seen}
    address = reverse("save_intent", args=[bot.pk, row.pk])

    refused = client.post(address, mine, headers=HTMX)
    assert "teammate changed this" in pages.text_of(refused)
    row.refresh_from_db()
    assert row.name == "Hello"
    choice = {"seen": pages.value_of(refused, "seen"), "keep": "mine", "take.phrases": "theirs"}
    client.post(address, mine | choice, headers=HTMX)

    row.refresh_from_db()
    assert (row.name, row.phrases) == ("Mine", ["theirs"])


def test_a_saved_test_that_a_colleague_changed_is_shown_and_taken_field_by_field(
    client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    first = savedtests.Text("One", savedtests.EMPTY)
    row = savedtests.create(bot.pk, user=owner, text=first)
    seen = savedtests.revision(row)
    theirs = savedtests.EMPTY.replace("Hello!", "Theirs")
    savedtests.change(row.pk, user=teammate, text=savedtests.Text("One", theirs))
    client.force_login(owner)
    mine = {"name": "Mine", "transcript": savedtests.EMPTY, "answers": "", "seen": seen}
    address = reverse("test", args=[bot.pk, row.pk])

    refused = client.post(address, mine)
    assert "teammate changed this" in pages.text_of(refused)
    choice = {"seen": pages.value_of(refused, "seen"), "keep": "mine", "take.transcript": "theirs"}
    assert client.post(address, mine | choice).status_code == 302

    row.refresh_from_db()
    assert (row.name, row.transcript) == ("Mine", theirs)
