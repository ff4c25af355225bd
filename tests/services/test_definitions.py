"""Writing integrations down: what is stored, what is refused, and what the audit trail says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from bots.models import Bot
from credentials.models import AuditEntry, Credential
from credentials.services import vault
from integrations.engine.outcome import ReceivedResponse
from integrations.models import Environment, Integration
from integrations.services import definitions
from tests import factories


def actions() -> list[tuple[str, str]]:
    return [(entry.action, entry.subject) for entry in AuditEntry.objects.order_by("pk")]


def test_a_save_is_on_record_with_the_fields_that_changed_and_no_value(bot: Bot, teammate: User) -> None:
    row = Integration(bot=bot, name="Order", response_variable="Order", url="https://api.example.test/")

    definitions.save(row, actor=teammate)
    row.url, row.retries = "https://api.example.test/secret-path", 1
    definitions.save(row, actor=teammate)

    assert actions() == [("integration.created", "Order"), ("integration.changed", "Order")]
    latest = AuditEntry.objects.latest("pk")
    assert latest.actor == teammate
    assert latest.detail == {"bot": bot.name, "fields": ["URL", "Retries"]}


def test_a_save_that_changes_nothing_is_not_on_record(bot: Bot, teammate: User) -> None:
    row = factories.make_integration(bot)

    definitions.save(row, actor=teammate)

    assert actions() == []


def test_choosing_a_credential_is_on_record_as_a_grant(bot: Bot, teammate: User) -> None:
    row = factories.make_integration(bot, name="Order")
    row.credential = Credential.objects.create(organization=bot.organization, name="Shop key", kind="access_token")

    definitions.save(row, actor=teammate)
    definitions.save(row, actor=teammate)

    assert actions() == [("integration.changed", "Order"), ("credential.use_granted", "Shop key")]


def test_the_host_of_the_moment_is_noted_also_when_the_environment_holds_it(bot: Bot, teammate: User) -> None:
    values = {"base": "https://api.example.test"}
    bot.environment = Environment.objects.create(organization=bot.organization, name="Live", values=values)
    bot.save()
    row = factories.make_integration(bot, url="{$env.base}/orders")
    row.credential = Credential.objects.create(organization=bot.organization, name="Shop key", kind="access_token")

    definitions.save(row, actor=teammate)

    assert Credential.objects.get().attached_hosts == ["api.example.test"]


def test_editing_a_url_does_not_send_its_credential_elsewhere(bot: Bot, teammate: User) -> None:
    credential = Credential.objects.create(organization=bot.organization, name="Shop key", kind="access_token")
    row = Integration(bot=bot, name="Order", response_variable="Order", url="https://api.example.test/")
    row.credential = credential
    definitions.save(row, actor=teammate)

    row.url = "https://evil.test/"
    with pytest.raises(vault.HostNotCovered, match="Shop key may not be sent to evil"):
        definitions.save(row, actor=teammate)

    credential.refresh_from_db()
    assert Integration.objects.get().url == "https://api.example.test/"
    assert credential.attached_hosts == ["api.example.test"]


def test_a_definition_carries_its_credential_only_by_key(bot: Bot) -> None:
    credential = Credential.objects.create(organization=bot.organization, name="Shop key", kind="access_token")
    row = factories.make_integration(bot, credential=credential, headers=[{"key": "X-A", "value": "1"}])

    definition = definitions.to_spec(row)

    assert definition.credential == str(credential.key)
    assert definition.headers[0].enabled


def test_nobody_saves_over_a_change_that_they_have_not_seen(bot: Bot, teammate: User) -> None:
    row = factories.make_integration(bot)
    opened = definitions.revision(row)
    definitions.save(row, actor=teammate, seen=opened)

    with pytest.raises(definitions.Changed) as refusal:
        definitions.save(row, actor=teammate, seen=opened)

    assert refusal.value.revision == definitions.revision(Integration.objects.get())


def test_an_integration_that_is_called_is_not_deleted_and_one_that_is_only_read_is(bot: Bot, teammate: User) -> None:
    row = factories.make_integration(bot, name="Order")
    dialog = factories.make_dialog(bot)
    reader = factories.make_interaction(dialog, content={"text": "It costs {Order.total}"})
    caller = factories.make_interaction(dialog, kind="integration", integration=row)

    with pytest.raises(definitions.InUse) as refusal:
        definitions.delete(row, actor=teammate)
    caller.delete()
    uses = definitions.uses(row)
    definitions.delete(row, actor=teammate)

    assert [use.key for use in refusal.value.uses] == [caller.key]
    assert [(use.key, use.calls) for use in uses] == [(reader.key, False)]
    assert actions() == [("integration.deleted", "Order")]


def test_fields_of_another_integration_with_a_longer_name_are_no_use(bot: Bot) -> None:
    row = factories.make_integration(bot, name="Order")
    factories.make_interaction(factories.make_dialog(bot), content={"text": "{OrderList.total} {Order}"})

    assert definitions.uses(row) == ()


def test_a_pinned_response_comes_back_as_it_was(bot: Bot, teammate: User) -> None:
    row = factories.make_integration(bot, name="Order")
    response = ReceivedResponse(200, (("Content-Type", "application/json"),), '{"total": 1.10}', 15)

    definitions.pin(row, response=response, actor=teammate)

    stored = Integration.objects.get()
    assert definitions.pinned(stored) == response
    definitions.unpin(stored, actor=teammate)
    assert definitions.pinned(Integration.objects.get()) is None
    assert [action for action, _ in actions()] == ["integration.response_pinned", "integration.response_unpinned"]


def test_a_copy_leaves_what_was_pinned_or_imported_with_the_original(bot: Bot, teammate: User) -> None:
    row = factories.make_integration(bot, name="x" * 100, pinned_response={"status": 200}, source={"id": 1})

    copy = definitions.duplicate(row, actor=teammate)

    assert len(copy.name) <= 100
    assert (copy.pinned_response, copy.source) == (None, None)
    assert copy.url == row.url


def test_a_saved_or_deleted_integration_counts_as_an_edit_of_its_bot(bot: Bot, owner: User) -> None:
    long_ago = timezone.now() - timedelta(days=3)

    def edited(act: Callable[[], object]) -> bool:
        Bot.objects.filter(pk=bot.pk).update(updated_at=long_ago)
        act()
        return bool(Bot.objects.get(pk=bot.pk).updated_at > long_ago)

    made = Integration(bot=bot, name="Balance", response_variable="Balance", url="https://api.example.test/")
    assert edited(lambda: definitions.save(made, actor=owner))
    assert not edited(lambda: definitions.save(made, actor=owner))  # nothing in it changed
    assert edited(lambda: definitions.delete(made, actor=owner))
