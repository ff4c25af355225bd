"""The chips under a text: what each placeholder stands for, and the one step that makes an unknown one known."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import placeholders, specs
from credentials.models import Organization
from integrations.models import Environment
from tests import factories
from tests.web import pages

ENVIRONMENT = {"baseUrl": "https://x.example.test", "apiToken": "t0p", "later": ""}


@pytest.fixture
def full(bot: Bot, organization: Organization) -> Bot:
    dialog = factories.make_dialog(bot)
    rule = {"key": "k", "name": "", "variables": [{"name": "parcel", "value": "{$userMessage}"}]}
    factories.make_interaction(dialog, kind="text_question", rules=[rule])
    factories.make_integration(bot, name="Stores", fields=[{"key": "town", "value": "{$.api_Stores.town}"}])
    bot.environment = Environment.objects.create(organization=organization, name="Live", values=ENVIRONMENT)
    bot.save()
    return bot


def look(bot: Bot, text: str) -> placeholders.Look:
    ((found,),) = placeholders.look([text], draft=specs.draft(bot), environment=ENVIRONMENT)
    return found


@pytest.mark.parametrize(
    ("written", "state", "fix"),
    [
        ("{$botContext.parcel}", "known", ""),
        ("{$botContext.parcel.weight}", "known", ""),
        ("{$botContext.nobody}", "unknown", "variable"),
        ("{$botContext.slot.size}", "unknown", ""),
        ("{Stores.town}", "known", ""),
        ("{Stores.town.count}", "known", ""),
        ("{Stores.$status}", "known", ""),
        ("{Stores.street}", "unknown", "field"),
        ("{Shops.town}", "unknown", ""),
        ("{$env.baseUrl}", "known", ""),
        ("{$env.apiToken}", "secret", ""),
        ("{$env.later}", "empty", ""),
        ("{$env.never}", "unknown", ""),
        ("{$userMessage}", "known", ""),
        ("{$location.city}", "known", ""),
        ("{$userMesage}", "unknown", ""),
    ],
)
def test_each_kind_of_placeholder_is_told(written: str, state: str, fix: str, full: Bot) -> None:
    found = look(full, f"Hello {written}!")

    assert (found.written, found.state, found.fix) == (written, state, fix)
    assert bool(found.why) == (state != "known")


def test_what_was_probably_meant_is_suggested(full: Bot) -> None:
    assert look(full, "{Stores.twon}").suggestions[0] == "{Stores.town}"
    assert look(full, "{$botContext.parcle}").suggestions[0] == "{$botContext.parcel}"
    assert look(full, "{$botContext.somethingElseAltogether}").suggestions == ()


def test_braces_of_json_and_paths_are_no_placeholders(full: Bot) -> None:
    text = '{"a": {"b": 1}} {$.api_Stores.town}'

    assert placeholders.look([text], draft=specs.draft(full), environment={}) == [[]]


def test_a_created_variable_is_known_and_an_initialization_is_kept(full: Bot, owner: User) -> None:
    full.global_functions = "function __initConversation() {\n  helper();\n}\n"
    full.save()

    placeholders.create_variable(full.pk, user=owner, name="nobody")

    full.refresh_from_db()
    assert full.global_functions == (
        'function __initConversation() {\n  botContext.setBotVariable("nobody", "", true, false);\n  helper();\n}\n'
    )
    assert look(full, "{$botContext.nobody}").state == "known"


def test_a_created_variable_goes_into_the_initialization_that_runs(full: Bot, owner: User) -> None:
    plain, underscored = "function initConversation() {\n}\n", "function __initConversation() {\n}\n"
    line = '\n  botContext.setBotVariable("nobody", "", true, false);'

    for source in (plain, plain + underscored):
        full.global_functions = source
        full.save()
        placeholders.create_variable(full.pk, user=owner, name="nobody")
        full.refresh_from_db()
        runs = underscored if underscored in source else plain
        assert full.global_functions == source.replace(runs, runs.replace("{\n", "{" + line + "\n"))


def test_create_variable_answers_a_script_with_a_toast_and_a_page_with_its_place(
    client: Client, owner: User, full: Bot
) -> None:
    client.force_login(owner)
    address = reverse("create_variable", args=[full.pk])

    answer = client.post(address, {"written": "{$botContext.one}"}, headers={"HX-Request": "true"})
    page = client.post(address, {"written": "{$botContext.two}"})

    assert answer.status_code == 204
    assert "placeholders-mended" in answer.headers["HX-Trigger"]
    assert page.headers["Location"] == reverse("global_functions", args=[full.pk])
    full.refresh_from_db()
    assert full.global_functions.count("setBotVariable") == 2
    assert full.global_functions.count("function __initConversation") == 1


@pytest.mark.parametrize("written", ['{$botContext.a"); evil(("}', "{$botContext.}", "{}", ""])
def test_no_text_becomes_script_by_way_of_a_name(written: str, client: Client, owner: User, full: Bot) -> None:
    client.force_login(owner)

    client.post(reverse("create_variable", args=[full.pk]), {"written": written})

    full.refresh_from_db()
    assert full.global_functions == ""


def test_a_missing_field_is_added_once_to_its_integration(client: Client, owner: User, full: Bot) -> None:
    client.force_login(owner)
    stores = full.integrations.get()

    for _ in range(2):
        page = client.post(reverse("add_missing_field", args=[full.pk]), {"written": "{Stores.street.count}"})

    stores.refresh_from_db()
    assert [row["key"] for row in stores.fields] == ["town", "street"]
    assert page.headers["Location"] == f"{reverse('integration', args=[full.pk, stores.pk])}#part-fields"
    assert look(full, "{Stores.street}").state == "known"


def test_a_field_of_an_integration_that_is_not_there_is_refused(client: Client, owner: User, full: Bot) -> None:
    client.force_login(owner)

    page = client.post(reverse("add_missing_field", args=[full.pk]), {"written": "{Shops.street}"}, follow=True)

    assert "There is no integration Shops" in pages.text_of(page)


def test_the_chips_are_text_and_never_tell_a_value(client: Client, owner: User, full: Bot) -> None:
    client.force_login(owner)

    texts = ["{$env.apiToken} {$botContext.x} <b>{", "nothing", "{Stores.town}"]
    answer = client.post(reverse("placeholders", args=[full.pk]), {"text": texts})

    text = answer.content.decode()
    first, second, third = (each for each in text.split("<div>") if each.strip())
    assert "{$env.apiToken}" in first and "{Stores.town}" in third and "chip" not in second
    assert "{$env.apiToken}" in text and "Create variable" in text
    assert "t0p" not in text and "<b>" not in text


@pytest.mark.parametrize("name", ["placeholders", "create_variable", "add_missing_field"])
def test_a_stranger_gets_nothing_here(name: str, client: Client, stranger: User, full: Bot) -> None:
    client.force_login(stranger)

    assert client.post(reverse(name, args=[full.pk]), {"text": "x", "written": "{Stores.x}"}).status_code == 404
