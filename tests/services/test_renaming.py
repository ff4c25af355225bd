"""Renaming through the rows of a bot: all chosen places at once, undone again, exported right."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from bots.engine import exportfile
from bots.engine.naming import Target
from bots.models import Bot, Interaction
from bots.services import names, problems, renaming, specs, transfer, versions
from credentials.models import AuditEntry, Organization
from integrations.models import Environment
from tests import factories
from tests.samples import parcel_bot

pytestmark = pytest.mark.django_db


def rename(bot: Bot, user: User, target: Target, new: str, **options: Any) -> Any:
    """Rename at every place that is sure."""
    chosen = [use.id for use in renaming.uses(bot, target=target).sure]
    return renaming.rename(bot, user=user, target=target, new=new, chosen=chosen, **options)


@pytest.fixture
def tile(bot: Bot) -> Interaction:
    integration = factories.make_integration(
        bot,
        name="Order",
        url="https://api.example.test/{$botContext.order}?k={$env.key}",
        fields=[{"key": "sum", "value": "{$.api_Order.sum}", "enabled": True, "note": ""}],
    )
    return factories.make_interaction(
        factories.make_dialog(bot),
        name="Ask",
        kind="integration",
        integration=integration,
        content={"text": "{$botContext.order}: {Order.sum}"},
        rules=[{"key": "r", "variables": [{"name": "order"}], "action": {"kind": "next"}}],
        post_process="botContext.setBotVariable('order', 1); x('order'); botContext.getEnvVariable('key')",
    )


def test_a_variable_is_renamed_at_all_places_and_everything_else_stays(
    bot: Bot, teammate: User, tile: Interaction
) -> None:
    before = specs.draft(bot)

    rename(bot, teammate, Target("variable", "order"), "parcel")

    tile.refresh_from_db()
    assert tile.content == {"text": "{$botContext.parcel}: {Order.sum}"}
    assert tile.rules[0]["variables"] == [{"name": "parcel"}]
    assert "setBotVariable('parcel', 1); x('order')" in tile.post_process
    assert bot.integrations.get().url == "https://api.example.test/{$botContext.parcel}?k={$env.key}"
    assert set(tile.editors) == {"content", "rules", "code"}
    assert len(specs.draft(bot).dialogs) == len(before.dialogs)
    entry = AuditEntry.objects.get(action="bot.renamed_name")
    assert (entry.detail["before"], entry.detail["after"]) == ("order", "parcel")


def test_only_the_chosen_places_change(bot: Bot, teammate: User, tile: Interaction) -> None:
    target = Target("variable", "order")
    [doubtful] = [use for use in renaming.uses(bot, target=target).unsure if use.changeable]

    renaming.rename(bot, user=teammate, target=target, new="n", chosen=[doubtful.id])

    tile.refresh_from_db()
    assert "setBotVariable('order', 1); x('n')" in tile.post_process
    assert tile.content == {"text": "{$botContext.order}: {Order.sum}"}


@pytest.mark.parametrize(
    ("target", "new"),
    [
        (Target("variable", "order"), "parcel"),
        (Target("integration", "Order"), "Parcel"),
        (Target("field", "sum", owner="Order"), "total"),
        (Target("response", "Order"), "Parcel"),
        (Target("interaction", "Ask"), "Ask more"),
    ],
)
def test_a_rename_can_be_taken_back(bot: Bot, teammate: User, tile: Interaction, target: Target, new: str) -> None:
    key = tile.key if target.kind == "interaction" else str(bot.integrations.get().key)
    target = Target(target.kind, target.name, target.owner, key)
    before = specs.draft(bot)

    done = json.loads(json.dumps(rename(bot, teammate, target, new)))  # as a session keeps it
    changed = specs.draft(bot)
    renaming.take_back(done, user=teammate)

    assert changed != before
    assert problems.of(bot) is not None
    assert specs.draft(bot) == before


def test_what_was_changed_since_is_not_taken_back(bot: Bot, teammate: User, tile: Interaction) -> None:
    done = rename(bot, teammate, Target("variable", "order"), "parcel")
    Interaction.objects.filter(pk=tile.pk).update(content={"text": "New words"})
    before = specs.draft(bot)

    with pytest.raises(names.Refused):
        renaming.take_back(done, user=teammate)

    assert specs.draft(bot) == before


def test_a_text_that_changed_after_it_was_shown_refuses_the_whole(bot: Bot, teammate: User, tile: Interaction) -> None:
    target = Target("variable", "order")
    chosen = [use.id for use in renaming.uses(bot, target=target).sure]
    Interaction.objects.filter(pk=tile.pk).update(content={"text": "Now {$botContext.order}"})
    before = specs.draft(bot)

    with pytest.raises(names.Refused, match="changed in between"):
        renaming.rename(bot, user=teammate, target=target, new="n", chosen=chosen)

    assert specs.draft(bot) == before


def test_an_environment_key_is_renamed_in_every_linked_bot(
    bot: Bot, teammate: User, tile: Interaction, organization: Organization
) -> None:
    environment = Environment.objects.create(organization=organization, name="Test", values={"key": "1", "b": "2"})
    other = factories.make_bot(organization, environment=environment)
    apart = factories.make_bot(organization)
    for each in (other, apart):
        factories.make_interaction(factories.make_dialog(each), content={"text": "{$env.key}"})
    bot.environment = environment
    bot.save()

    done = rename(bot, teammate, Target("env", "key"), "apiKey", keep_old=False)

    environment.refresh_from_db()
    assert environment.values == {"apiKey": "1", "b": "2"}
    assert bot.integrations.get().url.endswith("?k={$env.apiKey}")
    assert other.interactions.get().content == {"text": "{$env.apiKey}"}
    assert apart.interactions.get().content == {"text": "{$env.key}"}
    renaming.take_back(done, user=teammate)
    environment.refresh_from_db()
    assert environment.values == {"key": "1", "b": "2"}
    assert other.interactions.get().content == {"text": "{$env.key}"}


def test_published_versions_keep_the_name_and_the_old_key(
    bot: Bot, teammate: User, tile: Interaction, organization: Organization
) -> None:
    bot.environment = Environment.objects.create(organization=organization, name="Test", values={"key": "1"})
    bot.save()
    version = versions.publish(bot.pk, user=teammate)

    rename(bot, teammate, Target("env", "key"), "apiKey")

    assert bot.environment.values == {"key": "1"}
    bot.environment.refresh_from_db()
    assert bot.environment.values == {"key": "1", "apiKey": "1"}
    assert versions.read(version).integrations[0].url.endswith("?k={$env.key}")


@pytest.mark.parametrize(
    ("target", "new", "said"),
    [
        (Target("variable", "order"), "order", "its name already"),
        (Target("variable", "order"), "a}b", "Use letters, digits"),
        (Target("variable", "order"), "skipPreviousDialog", "Use letters, digits"),
        (Target("integration", "Order"), "1x", "Begin with a letter"),
        (Target("integration", "Order"), "Other", "There is something named Other already"),
        (Target("field", "sum", owner="Order"), "sum2", "There is something named sum2 already"),
        (Target("env", "key"), "a b", "letters and digits only"),
        (Target("interaction", "Ask"), "Taken", "exists already"),
    ],
)
def test_a_name_that_cannot_be_had_is_refused(
    bot: Bot, teammate: User, tile: Interaction, target: Target, new: str, said: str
) -> None:
    factories.make_integration(bot, name="Other")
    factories.make_interaction(tile.dialog, name="Taken")
    row = bot.integrations.get(name="Order")
    row.fields = [*row.fields, {"key": "sum2", "value": "", "enabled": True, "note": ""}]
    row.save()
    key = tile.key if target.kind == "interaction" else str(row.key)
    target = Target(target.kind, target.name, target.owner, key)

    with pytest.raises(names.Refused) as refused:
        rename(bot, teammate, target, new)

    assert said in refused.value.sentence


def test_a_name_that_another_variable_has_is_warned_of(bot: Bot, tile: Interaction) -> None:
    factories.make_interaction(tile.dialog, content={"text": "{$botContext.parcel}"})

    target, draft = Target("variable", "order"), specs.draft(bot)
    assert "both become one" in renaming.check(bot, target=target, new="parcel", draft=draft)
    assert renaming.check(bot, target=target, new="fresh", draft=draft) == ""


def test_saved_tests_that_hold_the_name_are_listed(bot: Bot, tile: Interaction) -> None:
    held = bot.saved_tests.create(name="Held", transcript="- order: 1")
    bot.saved_tests.create(name="Other", transcript="- orders: 1")

    assert renaming.uses(bot, target=Target("variable", "order")).tests == (held,)


def test_a_renamed_imported_bot_exports_what_its_draft_says(organization: Organization, teammate: User) -> None:
    document = transfer.read(json.dumps(parcel_bot.document()).encode())
    bot = transfer.import_bot(
        document, organization=organization, actor=teammate, decisions=transfer.Decisions("Parcels", None, {})
    )
    integration = bot.integrations.all()[0]
    key = str(integration.key)
    rename(bot, teammate, Target("integration", integration.name, key=key), "Renamed")
    rename(bot, teammate, Target("response", integration.response_variable, key=key), "RenamedToo")
    tile = bot.interactions.order_by("pk")[0]
    rename(bot, teammate, Target("interaction", tile.name, key=tile.key), "Another name")

    again = exportfile.read(json.loads(transfer.export_bot(bot)))

    draft = specs.draft(bot)
    assert [each.name for each in again.integrations] == [each.name for each in draft.integrations]
    assert again.integrations == draft.integrations
    assert [d.interactions for d in again.dialogs] == [d.interactions for d in draft.dialogs]
