"""The comparison of two versions: in the words of the forms, without secrets, and of a long text only what changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from bots.engine import spec
from bots.models import Bot
from bots.services import changes, specs, versions
from credentials import kinds
from credentials.services import vault
from integrations.models import Integration
from tests import factories


def told(bot: Bot, before: spec.BotSpec) -> dict[str, tuple[str, str]]:
    (item,) = versions.differences(bot, old=before, new=specs.draft(Bot.objects.get(pk=bot.pk)))
    return {change.label: (change.before, change.after) for change in item.changes}


def test_an_integration_is_told_in_the_words_of_its_form(bot: Bot, owner: User) -> None:
    row = factories.make_integration(bot, name="Stores", url="https://a.example.test/")
    Integration.objects.filter(pk=row.pk).update(headers=[{"key": "X-Api-Key", "value": "first-word"}])
    before = specs.draft(bot)
    values = {"user_name": "u", "password": "p"}
    credential = vault.create(bot.organization, actor=owner, name="Shop", kind=kinds.ALL["basic"], values=values)
    headers = [{"key": "X-Api-Key", "value": "second-word"}, {"key": "Accept", "value": "*/*", "enabled": False}]
    Integration.objects.filter(pk=row.pk).update(headers=headers, credential=credential, url="https://a.example.test/b")

    found = told(bot, before)

    assert found == {
        "URL": ("https://a.example.test/", "https://a.example.test/b"),
        "Credential": ("–", "Shop"),
        "Request Headers": ("X-Api-Key: ••••", "X-Api-Key: •••• (another value)\nAccept: */* (off)"),
    }


def test_each_rule_that_changed_is_told_by_its_name(bot: Bot) -> None:
    condition = {"kind": "regex", "values": ["^a$"], "message": "No."}
    slot = {"name": "size", "value": "{$userMessage}", "scope": "session"}
    rules: list[dict[str, Any]] = [
        {"key": "k1", "name": "Yes", "condition": condition, "slot": slot, "action": {"kind": "end"}},
        {"key": "k2", "name": "Same", "action": {"kind": "repeat"}},
    ]
    row = factories.make_interaction(factories.make_dialog(bot), name="Ask", kind="text_question", rules=rules)
    before = specs.draft(bot)
    row.rules = [{**rules[0], "action": {"kind": "interaction", "target": row.key}, "slot": None}, rules[1]]
    row.save()

    assert told(bot, before) == {
        "Yes": (
            "Regex: ^a$\nMessage: No.\nSets the slot size = {$userMessage} (session)\nNext action: end interaction",
            "Regex: ^a$\nMessage: No.\nNext action: Ask",
        )
    }


@pytest.mark.parametrize("lines", [60, 3 * changes.MOST_COMPARED])
def test_of_a_long_script_only_what_is_around_its_changes_is_told(lines: int) -> None:
    old = [f"var a{number};" for number in range(lines)]
    new = [*old[:20], "var b;", *old[21:]]

    change = changes.change("Pre-Process Code", before="\n".join(old), after="\n".join(new))

    assert change.is_code
    assert change.before.split("\n") == ["… 19 lines", "var a19;", "var a20;", "var a21;", f"… {lines - 22} lines"]
    assert change.after.split("\n") == ["… 19 lines", "var a19;", "var b;", "var a21;", f"… {lines - 22} lines"]


def test_two_changes_far_apart_leave_out_what_is_between_them() -> None:
    old = [f"var a{number};" for number in range(40)]
    new = ["var first;", *old[1:38], old[39]]

    change = changes.change("Global functions", before="\n".join(old), after="\n".join(new))

    assert change.before.split("\n") == ["var a0;", "var a1;", "… 35 lines", "var a37;", "var a38;", "var a39;"]
    assert change.after.split("\n") == ["var first;", "var a1;", "… 35 lines", "var a37;", "var a39;"]
