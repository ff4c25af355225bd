"""Who changed which field since a form was opened: theirs and mine are chosen already, what both changed asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from bots.models import Bot, Dialog
from bots.services import authoring, bots, dialogs, intents, savedtests
from integrations.models import Environment, Integration
from integrations.services import definitions, environments
from tests import factories
from tests.web import pages
from tests.web.integration_forms import HTMX, form_data

pytestmark = pytest.mark.usefixtures("store")


def chosen(page: Any) -> dict[str, str]:
    """What stands chosen for each field of a conflict; nothing where the author must choose."""
    found: dict[str, str] = {}
    for name, value, rest in re.findall(r'name="take\.([\w.-]+)" value="(theirs|mine)"([^>]*)>', page.text):
        found[name] = value if "checked" in rest else found.get(name, "")
    return found


def asked(page: Any) -> list[str]:
    return re.findall(r'name="choose" value="([\w.-]+)"', page.text)


@pytest.fixture
def row(bot: Bot) -> Dialog:
    return factories.make_dialog(bot, name="Orders")


def opened(client: Client, address: str) -> str:
    return pages.value_of(client.get(address), "seen")


def both_changed(client: Client, row: Dialog, teammate: User) -> tuple[str, dict[str, str]]:
    """Return where the settings are posted, and what an author posts whose page is older than a teammate's save."""
    address = reverse("dialog_settings", args=[row.bot_id, row.pk])
    mine = {"name": "Mine", "description": "", "kind": "standard", "seen": opened(client, address)}
    dialogs.change(row.pk, user=teammate, values={"name": "Theirs", "description": "Theirs"})
    return address, mine


def test_what_only_one_changed_is_chosen_and_what_both_changed_is_asked(
    client: Client, owner: User, teammate: User, row: Dialog
) -> None:
    client.force_login(owner)
    address, mine = both_changed(client, row, teammate)

    page = client.post(address, mine)

    assert "teammate changed this" in pages.text_of(page)
    assert chosen(page) == {"name": "", "description": "theirs", "enabled": "mine"}
    assert asked(page) == ["name"]
    row.refresh_from_db()
    assert (row.name, row.enabled) == ("Theirs", True)


def test_nothing_is_saved_before_all_that_both_changed_is_chosen(
    client: Client, owner: User, teammate: User, row: Dialog
) -> None:
    client.force_login(owner)
    address, mine = both_changed(client, row, teammate)
    first = client.post(address, mine)
    mine |= {"seen": pages.value_of(first, "seen"), "choose": "name", "keep": "mine"}
    mine |= {"take.description": "theirs", "take.enabled": "mine"}

    again = client.post(address, mine)

    assert "Choose one of the two for Name." in pages.text_of(again)
    row.refresh_from_db()
    assert row.name == "Theirs"
    done = client.post(address, mine | {"seen": pages.value_of(again, "seen"), "take.name": "mine"})
    assert done.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.description, row.enabled) == ("Mine", "Theirs", False)


def test_a_third_save_in_between_leaves_who_changed_what_as_it_was(
    client: Client, owner: User, teammate: User, row: Dialog
) -> None:
    client.force_login(owner)
    address = reverse("dialog_settings", args=[row.bot_id, row.pk])
    mine = {"name": "Orders", "description": "Mine", "kind": "standard", "enabled": "on"}
    mine["seen"] = opened(client, address)
    dialogs.change(row.pk, user=teammate, values={"name": "Theirs"})
    mine["seen"] = pages.value_of(client.post(address, mine), "seen")
    dialogs.change(row.pk, user=teammate, values={"name": "Theirs again"})

    assert chosen(client.post(address, mine)) == {"name": "theirs", "description": "mine"}


def _interaction(bot: Bot, teammate: User) -> tuple[list[Any], Callable[[], Any], dict[str, Any]]:
    tile = factories.make_interaction(factories.make_dialog(bot), name="Ask", kind="text", content={"text": "One"})
    return [bot.pk, tile.pk], lambda: authoring.change(tile.pk, user=teammate, values={"name": "Theirs"}), {
        "name": "Ask", "text": "Mine",
    }  # fmt: skip


def _intent(bot: Bot, teammate: User) -> tuple[list[Any], Callable[[], Any], dict[str, Any]]:
    intent = bot.intents.create(name="Greet", phrases=["hello"], patterns=["hi"])
    values = {"name": "Theirs", "phrases": ["hello"], "patterns": ["hi"]}
    return [bot.pk, intent.pk], lambda: intents.change(intent.pk, user=teammate, **values), {
        "name": "Greet", "phrases": "mine", "patterns": "hi",
    }  # fmt: skip


def _test(bot: Bot, teammate: User) -> tuple[list[Any], Callable[[], Any], dict[str, Any]]:
    test = bot.saved_tests.create(name="T", transcript=savedtests.EMPTY)
    text = savedtests.Text("Theirs", savedtests.EMPTY)
    return [bot.pk, test.pk], lambda: savedtests.change(test.pk, user=teammate, text=text), {
        "name": "T", "transcript": savedtests.EMPTY.replace("Hello", "Mine"), "answers": "",
    }  # fmt: skip


def _environment(bot: Bot, teammate: User) -> tuple[list[Any], Callable[[], Any], dict[str, Any]]:
    found = Environment.objects.create(organization=bot.organization, name="Set", values={"a": "b"})
    written = environments.Written("Theirs", "", {"a": "b"})
    return [found.pk], lambda: environments.change(found.pk, user=teammate, written=written), {
        "name": "Set", "description": "", "values.key": ["a"], "values.value": ["mine"],
    }  # fmt: skip


def _settings(bot: Bot, teammate: User) -> tuple[list[Any], Callable[[], Any], dict[str, Any]]:
    values = {"name": "Theirs"}
    return [bot.pk], lambda: bots.change(bot.pk, user=teammate, values=values), {
        "name": bot.name, "description": "mine", "language": "en-US", "session_seconds": "3600", "debug": "on",
        "failure_text": bot.failure_text, "error_text": bot.error_text, "fallback_text": bot.fallback_text,
        "split_long_texts": "on",
    }  # fmt: skip


def _integration(bot: Bot, teammate: User) -> tuple[list[Any], Callable[[], Any], dict[str, Any]]:
    call = factories.make_integration(bot, name="Stores", url="https://api.example.test/")

    def change() -> None:
        fresh = Integration.objects.get(pk=call.pk)
        fresh.name = "Theirs"
        definitions.save(fresh, actor=teammate)

    return (
        [bot.pk, call.pk],
        change,
        form_data(name="Stores", response_variable="Stores", url="https://api.example.test/mine"),
    )


FORMS: dict[str, tuple[str, str, Callable[[Bot, User], Any], str]] = {
    "interaction": ("interaction", "save_interaction", _interaction, "text"),
    "intent": ("intent", "save_intent", _intent, "phrases"),
    "test": ("test", "test", _test, "transcript"),
    "environment": ("environment", "environment_save", _environment, "values"),
    "settings": ("bot_settings", "save_bot_settings", _settings, "description"),
    "integration": ("integration", "integration_save", _integration, "url"),
}


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_tells_an_untouched_field_from_ones_own(
    kind: str, client: Client, owner: User, teammate: User, bot: Bot
) -> None:
    page, save, build, field = FORMS[kind]
    arguments, change, mine = build(bot, teammate)
    client.force_login(owner)
    seen = opened(client, reverse(page, args=arguments))
    change()
    address = reverse(save, args=[*arguments, "content"] if kind == "interaction" else arguments)

    conflict = client.post(address, mine | {"seen": seen}, headers={} if kind == "test" else HTMX)

    assert chosen(conflict) == {"name": "theirs", field: "mine"}
    assert asked(conflict) == []
    assert "teammate changed this" in pages.text_of(conflict)
    body = QueryDict(mutable=True)
    body.update({**{k: v for k, v in mine.items() if not isinstance(v, list)}})
    for key, values in mine.items():
        if isinstance(values, list):
            body.setlist(key, values)
    body.update({"seen": pages.value_of(conflict, "seen"), "keep": "mine", "take.name": "theirs"})
    body[f"take.{field}"] = "mine"
    done = client.post(address, body.urlencode(), content_type="application/x-www-form-urlencoded", headers=HTMX)
    assert "changed this since" not in done.text
    assert opened(client, reverse(page, args=arguments))
    assert "Theirs" in client.get(reverse(page, args=arguments)).text


def test_a_save_that_is_refused_does_not_forget_what_was_seen(
    client: Client, owner: User, teammate: User, row: Dialog
) -> None:
    client.force_login(owner)
    address = reverse("dialog_settings", args=[row.bot_id, row.pk])
    mine = {"name": "", "description": "Mine", "kind": "standard", "enabled": "on", "seen": opened(client, address)}
    dialogs.change(row.pk, user=teammate, values={"description": "Theirs"})
    refused = client.post(address, mine)
    assert "changed this since" not in refused.text

    mine |= {"name": "Orders", "seen": pages.value_of(refused, "seen")}
    page = client.post(address, mine)

    assert chosen(page) == {"description": ""}
    row.refresh_from_db()
    assert row.description == "Theirs"
