"""Interactions, dialogs and rules: what a write does, refuses, and leaves to be taken back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction
from bots.services import authoring, bots, dialogs, names, rules, snapshots, specs
from credentials.models import Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def dialog(bot: Bot) -> Dialog:
    return factories.make_dialog(bot, name="Orders")


def names_in(dialog: Dialog) -> list[str]:
    return list(dialog.interactions.values_list("name", flat=True))


def test_a_new_bot_begins_with_a_starter_and_a_fallback_dialog(owner: User, organization: Organization) -> None:
    bot = bots.create(bots.NewBot("Shop"), user=owner, organization_id=organization.pk)

    welcome, fallback = bot.dialogs.all()
    assert [each.kind for each in welcome.interactions.all()] == ["starter", "text"]
    assert fallback.kind == "fallback"
    assert specs.draft(bot).dialogs[0].interactions[0].content.patterns == ("hi", "hello")


def test_a_bot_name_is_refused_when_it_differs_only_in_case(owner: User, bot: Bot) -> None:
    with pytest.raises(names.Refused, match="exists already"):
        bots.create(bots.NewBot(bot.name.upper()), user=owner, organization_id=bot.organization_id)


def test_a_stranger_can_make_no_bot_in_another_organization(stranger: User, organization: Organization) -> None:
    with pytest.raises(Organization.DoesNotExist):
        bots.create(bots.NewBot("Mine"), user=stranger, organization_id=organization.pk)


def test_a_copy_of_a_bot_leads_to_its_own_interactions(owner: User, organization: Organization) -> None:
    bot = bots.create(bots.NewBot("Shop"), user=owner, organization_id=organization.pk)
    integration = factories.make_integration(bot, name="Balance")
    call = authoring.insert(bot.dialogs.first().pk, user=owner, kind="integration")
    authoring.change(call.pk, user=owner, values={"content": spec.Content(integration=str(integration.key))})

    copy = bots.duplicate(bot.pk, user=owner)

    assert copy.name == "Shop (copy)"
    assert copy.interactions.get(kind="integration").integration.bot == copy
    assert bot.interactions.get(kind="integration").integration == integration


def test_a_bot_with_integrations_in_use_can_be_deleted_by_typing_its_name(owner: User, bot: Bot) -> None:
    integration = factories.make_integration(bot)
    factories.make_interaction(factories.make_dialog(bot), kind="integration", integration=integration)

    with pytest.raises(names.Refused, match="exactly"):
        bots.delete(bot.pk, user=owner, typed_name="account")
    bots.delete(bot.pk, user=owner, typed_name=bot.name)

    assert not Bot.objects.filter(pk=bot.pk).exists()


def test_an_insertion_takes_the_wanted_place_and_a_free_name(owner: User, dialog: Dialog) -> None:
    for _ in range(2):
        authoring.insert(dialog.pk, user=owner, kind="text")
    authoring.insert(dialog.pk, user=owner, kind="starter", at=0)
    authoring.insert(dialog.pk, user=owner, kind="text", at=1)

    assert names_in(dialog) == ["Dialog starter", "Text 3", "Text", "Text 2"]


def test_what_a_kind_does_not_know_is_not_inserted(owner: User, dialog: Dialog) -> None:
    with pytest.raises(names.Refused, match="no interaction type"):
        authoring.insert(dialog.pk, user=owner, kind="unsupported")


def test_a_name_in_use_in_the_bot_is_refused(owner: User, dialog: Dialog) -> None:
    factories.make_interaction(factories.make_dialog(dialog.bot), name="Ask")
    row = factories.make_interaction(dialog, name="Tell")

    with pytest.raises(names.Refused, match="“Ask” exists already"):
        authoring.change(row.pk, user=owner, values={"name": "Ask"})


def test_an_integration_of_another_bot_is_refused(owner: User, dialog: Dialog, organization: Organization) -> None:
    foreign = factories.make_integration(factories.make_bot(organization))
    row = factories.make_interaction(dialog, kind="integration")

    with pytest.raises(names.Refused, match="not here any more"):
        authoring.change(row.pk, user=owner, values={"content": spec.Content(integration=str(foreign.key))})


def test_a_second_author_is_not_overwritten(owner: User, teammate: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog)
    seen = authoring.Seen("content", authoring.revision(row, aspect="content"))
    authoring.change(row.pk, user=teammate, values={"name": row.name, "content": spec.Content(text="Theirs")})

    with pytest.raises(authoring.Changed) as caught:
        authoring.change(row.pk, user=owner, values={"content": spec.Content(text="Mine")}, seen=seen)

    assert caught.value.theirs.content == {"text": "Theirs"}
    authoring.change(row.pk, user=owner, values={"comment": "Other aspects stay open"}, seen=None)


def test_moving_keeps_positions_without_gaps(owner: User, dialog: Dialog) -> None:
    rows = [factories.make_interaction(dialog, name=name) for name in "ABCD"]

    authoring.move(rows[3].pk, user=owner, to=1)
    authoring.move(rows[0].pk, user=owner, to=99)

    assert names_in(dialog) == ["D", "B", "C", "A"]
    assert list(dialog.interactions.values_list("position", flat=True)) == [0, 1, 2, 3]


def test_an_interaction_moves_to_another_dialog_of_its_bot_only(owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog)
    other = factories.make_dialog(dialog.bot)
    foreign = factories.make_dialog(factories.make_bot(dialog.bot.organization))

    authoring.move(row.pk, user=owner, to=0, dialog_id=other.pk)

    assert names_in(other) == [row.name]
    with pytest.raises(Dialog.DoesNotExist):
        authoring.move(row.pk, user=owner, to=0, dialog_id=foreign.pk)


def test_a_deleted_interaction_comes_back_where_it_stood_with_jumps_to_it(owner: User, dialog: Dialog) -> None:
    first, middle, _ = (factories.make_interaction(dialog, name=name) for name in "ABC")
    rules.set_next_action(first.pk, user=owner, action=spec.Action("interaction", middle.key))

    snapshot = authoring.delete(middle.pk, user=owner)
    snapshots.restore(snapshot, user=owner)

    assert names_in(dialog) == ["A", "B", "C"]
    draft = specs.draft(dialog.bot)
    assert first.key in draft.interaction_by_key
    assert draft.interaction_by_name["A"][1].rules[0].action.target in draft.interaction_by_key


def test_a_snapshot_of_somebody_elses_bot_restores_nothing(owner: User, stranger: User, dialog: Dialog) -> None:
    snapshot = authoring.delete(factories.make_interaction(dialog).pk, user=owner)

    with pytest.raises(Bot.DoesNotExist):
        snapshots.restore(snapshot, user=stranger)


def test_a_deleted_dialog_comes_back_whole(owner: User, dialog: Dialog) -> None:
    factories.make_interaction(dialog, name="A")
    factories.make_dialog(dialog.bot, name="Later")

    snapshots.restore(dialogs.delete(dialog.pk, user=owner), user=owner)

    back = dialog.bot.dialogs.first()
    assert (back.name, back.key, names_in(back)) == ("Orders", str(dialog.key), ["A"])


def test_a_copied_dialog_jumps_inside_itself(owner: User, dialog: Dialog) -> None:
    first, second = (factories.make_interaction(dialog, name=name) for name in "AB")
    rules.set_next_action(first.pk, user=owner, action=spec.Action("interaction", second.key))

    copy = dialogs.duplicate(dialog.pk, user=owner)

    target = specs.interaction(copy.interactions.get(name="A (copy)")).rules[0].action.target
    assert target == copy.interactions.get(name="B (copy)").key


def test_a_second_fallback_dialog_is_refused_in_a_sentence(owner: User, dialog: Dialog) -> None:
    factories.make_dialog(dialog.bot, kind="fallback")

    with pytest.raises(names.Refused, match="already has a fallback dialog"):
        dialogs.change(dialog.pk, user=owner, values={"kind": "fallback"})


def test_rules_are_added_before_no_match_and_edited_by_key(owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="text_question")
    last = rules.add(row.pk, user=owner, condition="no_match")
    first = rules.add(row.pk, user=owner, condition="pattern")

    changed = spec.Rule(key=first.key, name="Yes", condition=spec.Condition("pattern", ("yes*",)))
    rules.change(row.pk, user=owner, rule=changed)
    rules.duplicate(row.pk, user=owner, key=first.key)

    row.refresh_from_db()
    assert [rule.name for rule in rules.of(row)] == ["Yes", "Yes (copy)", ""]
    assert rules.of(row)[-1].key == last.key
    rules.move(row.pk, user=owner, key=first.key, to=1)
    rules.delete(row.pk, user=owner, key=last.key)
    row.refresh_from_db()
    assert [rule.name for rule in rules.of(row)] == ["Yes (copy)", "Yes"]


def test_a_rule_that_is_gone_is_not_brought_back_by_a_late_save(owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="text_question")
    made = rules.add(row.pk, user=owner, condition="pattern")
    rules.delete(row.pk, user=owner, key=made.key)

    with pytest.raises(rules.NoSuchRule):
        rules.change(row.pk, user=owner, rule=made)


def test_the_plain_next_action_is_a_rule_without_condition(owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog)

    rules.set_next_action(row.pk, user=owner, action=spec.Action("close_dialog"))
    rules.set_next_action(row.pk, user=owner, action=spec.Action("end"))
    row.refresh_from_db()
    assert [(rule.condition, rule.action.kind) for rule in rules.of(row)] == [(None, "end")]

    rules.set_next_action(row.pk, user=owner, action=None)
    row.refresh_from_db()
    assert rules.of(row) == []


@pytest.mark.parametrize("write", ["insert", "change", "move", "duplicate", "delete", "rule"])
def test_a_stranger_can_write_nothing(write: str, stranger: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog)
    writes = {
        "insert": lambda: authoring.insert(dialog.pk, user=stranger, kind="text"),
        "change": lambda: authoring.change(row.pk, user=stranger, values={"name": "Theirs"}),
        "move": lambda: authoring.move(row.pk, user=stranger, to=0),
        "duplicate": lambda: authoring.duplicate(row.pk, user=stranger),
        "delete": lambda: authoring.delete(row.pk, user=stranger),
        "rule": lambda: rules.add(row.pk, user=stranger),
    }

    with pytest.raises((Dialog.DoesNotExist, Interaction.DoesNotExist)):
        writes[write]()
