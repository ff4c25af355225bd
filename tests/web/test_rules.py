"""The rules of an interaction in its panel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction
from bots.services import rules
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}
EMPTY_LISTS = {
    f"{field}.{column}": [""]
    for field, columns in {
        "variable_conditions": ("name", "operator", "value"),
        "variables": ("name", "value", "scope"),
        "slot": ("name", "value", "scope"),
    }.items()
    for column in columns
}


@pytest.fixture
def dialog(bot: Bot) -> Dialog:
    return factories.make_dialog(bot, name="Orders")


@pytest.fixture
def ask(dialog: Dialog) -> Interaction:
    return factories.make_interaction(dialog, name="Ask", kind="text_question")


def at(name: str, row: Interaction, *more: object) -> str:
    return reverse(name, args=[row.bot_id, row.pk, *more])


def stored(row: Interaction) -> list[spec.Rule]:
    row.refresh_from_db()
    return rules.of(row)


def filled(**values: Any) -> dict[str, Any]:
    return {"name": "", "condition": "pattern", "patterns": "", "action": "next", **EMPTY_LISTS, **values}


def test_an_expression_that_cannot_be_read_is_told_beside_it(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="regex")
    client.force_login(owner)

    response = client.post(at("save_rule", ask, made.key), filled(condition="regex", regex="^(\\d{8}$"), headers=HTMX)

    assert "Unterminated group" in pages.beside(response, "id_regex")
    assert stored(ask)[0].condition == spec.Condition("regex")


def test_an_imported_expression_that_cannot_be_read_does_not_stop_other_changes(
    client: Client, owner: User, ask: Interaction
) -> None:
    made = rules.add(ask.pk, user=owner, condition="regex")
    rules.change(ask.pk, user=owner, rule=replace(made, condition=spec.Condition("regex", ("(a",))))
    client.force_login(owner)

    client.post(at("save_rule", ask, made.key), filled(name="Old", condition="regex", regex="(a"), headers=HTMX)

    assert (stored(ask)[0].name, stored(ask)[0].condition) == ("Old", spec.Condition("regex", ("(a",)))


def test_a_new_rule_opens_in_the_panel(client: Client, owner: User, ask: Interaction) -> None:
    client.force_login(owner)

    response = client.post(at("add_rule", ask), headers=HTMX)

    assert pages.root_id(response) == "panel"
    assert {"id_patterns", f"rule-{stored(ask)[0].key}"} <= set(pages.ids_of(response))


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ({"condition": "pattern", "patterns": "yes*\n(ok|fine)"}, spec.Condition("pattern", ("yes*", "(ok|fine)"))),
        ({"condition": "regex", "regex": "(?i)^y"}, spec.Condition("regex", ("(?i)^y",))),
        ({"condition": "exact", "exact": "Yes"}, spec.Condition("exact", ("Yes",))),
        ({"condition": "no_match", "message": "What?"}, spec.Condition("no_match", message="What?")),
        (
            {"condition": "pattern", "patterns": "*", "exclude_keywords": "agent\nhuman"},
            spec.Condition("pattern", ("*",), exclude_keywords=("agent", "human")),
        ),
        ({"condition": ""}, None),
    ],
)
def test_each_match_type_is_stored(
    typed: dict[str, str], condition: spec.Condition | None, client: Client, owner: User, ask: Interaction
) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(owner)

    client.post(at("save_rule", ask, made.key), filled(**typed), headers=HTMX)

    assert stored(ask)[0].condition == condition


@pytest.mark.parametrize("result", ["SUCCESS", "FAILURE", "timeout"])
def test_an_integration_asks_for_the_result_of_its_call(
    result: str, client: Client, owner: User, dialog: Dialog
) -> None:
    call = factories.make_interaction(dialog, kind="integration")
    made = rules.add(call.pk, user=owner, condition="api_result")
    client.force_login(owner)

    client.post(at("save_rule", call, made.key), filled(condition="api_result", result=result), headers=HTMX)

    assert stored(call)[0].condition == spec.Condition("api_result", (result,))


def test_a_multiple_choice_offers_its_choices(client: Client, owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="multiple_choice", content={"choices": ["Red", "Blue"]})
    made = rules.add(row.pk, user=owner, condition="option")
    client.force_login(owner)

    page = client.get(at("panel", row), {"tab": "rules", "rule": made.key})
    client.post(at("save_rule", row, made.key), filled(condition="option", options=["Blue"]), headers=HTMX)

    assert "Red" in pages.inside(page, "panel")
    assert stored(row)[0].condition == spec.Condition("option", ("Blue",))


def test_variables_slot_conditions_and_target_are_stored(client: Client, owner: User, ask: Interaction) -> None:
    target = factories.make_interaction(factories.make_dialog(ask.bot, name="Other"), name="Show")
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(owner)
    data = filled(
        name="Big orders",
        patterns="*",
        variable_match="all",
        action=f"interaction:{target.key}",
        **{
            "variable_conditions.name": ["total", ""],
            "variable_conditions.operator": ["greater", "equals"],
            "variable_conditions.value": ["100", ""],
            "variables.name": ["size"],
            "variables.value": ["{$userMessage}"],
            "variables.scope": ["dialog"],
            "slot.name": ["city"],
            "slot.value": ["{$userMessage}"],
            "slot.scope": ["session"],
        },
    )

    response = client.post(at("save_rule", ask, made.key), data, headers=HTMX)

    rule = stored(ask)[0]
    assert rule.variable_conditions == (spec.VariableCondition("total", "greater", "100"),)
    assert (rule.variable_match, rule.variables) == ("all", (spec.SetVariable("size", scope="dialog"),))
    assert rule.slot == spec.SetVariable("city")
    assert rule.action == spec.Action("interaction", target.key)
    assert pages.inside(response, f"rule-{rule.key}") == "Big ordersShow"
    assert "Big ordersShow" in pages.inside(response, f"tile-{ask.pk}")


def test_another_match_type_brings_its_field_and_keeps_the_rest(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(owner)

    response = client.post(
        at("save_rule", ask, made.key), filled(condition="regex", name="Kept", patterns="yes"), headers=HTMX
    )

    assert response.headers["HX-Retarget"] == "#panel"
    assert pages.value_of(response, "name") == "Kept"
    assert pages.value_of(response, "patterns") == "yes"


def test_a_row_without_a_variable_name_is_told_and_stays(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(owner)
    data = filled(**{"variables.name": [""], "variables.value": ["lonely"], "variables.scope": ["session"]})

    response = client.post(at("save_rule", ask, made.key), data, headers=HTMX)

    assert "Row 1: Variable is missing" in pages.beside(response, "id_variables")
    assert stored(ask)[0].variables == ()


def test_a_target_that_is_none_is_refused(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(owner)

    response = client.post(at("save_rule", ask, made.key), filled(action="interaction:nowhere"), headers=HTMX)

    assert "not one of the available choices" in pages.beside(response, "id_action")


def test_a_target_that_was_deleted_stays_until_it_is_mended(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    gone = spec.Rule(key=made.key, condition=made.condition, action=spec.Action("interaction", "gone"))
    rules.change(ask.pk, user=owner, rule=gone)
    client.force_login(owner)

    client.post(at("save_rule", ask, made.key), filled(patterns="yes", action="interaction:gone"), headers=HTMX)

    assert stored(ask)[0].condition == spec.Condition("pattern", ("yes",))
    assert stored(ask)[0].action.target == "gone"


def test_an_intent_that_is_not_among_the_bots_own_is_kept(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    intent = spec.Condition("intent", ("intent-7",))
    rules.change(ask.pk, user=owner, rule=spec.Rule(key=made.key, condition=intent))
    client.force_login(owner)

    client.post(
        at("save_rule", ask, made.key), filled(condition="intent", intent="intent-7", name="By intent"), headers=HTMX
    )

    assert stored(ask)[0].condition == intent
    assert stored(ask)[0].name == "By intent"


def test_rules_are_moved_copied_and_deleted(client: Client, owner: User, ask: Interaction) -> None:
    first, second = (rules.add(ask.pk, user=owner, condition="pattern") for _ in range(2))
    client.force_login(owner)

    assert pages.root_id(client.post(at("move_rule", ask, second.key, 0), headers=HTMX)) == "panel"
    client.post(at("duplicate_rule", ask, first.key), headers=HTMX)
    client.post(at("delete_rule", ask, first.key), headers=HTMX)

    keys = [rule.key for rule in stored(ask)]
    assert keys[0] == second.key
    assert len(keys) == 2
    assert client.post(at("delete_rule", ask, first.key), headers=HTMX).status_code == 404


def test_the_next_action_of_a_question_may_be_none(client: Client, owner: User, ask: Interaction) -> None:
    client.force_login(owner)

    client.post(at("next_action", ask), {"action": "close_dialog"}, headers=HTMX)
    assert [rule.action.kind for rule in stored(ask)] == ["close_dialog"]

    client.post(at("next_action", ask), {"action": ""}, headers=HTMX)
    assert stored(ask) == []


def test_next_is_what_a_statement_does_without_any_rule(client: Client, owner: User, dialog: Dialog) -> None:
    tell = factories.make_interaction(dialog)
    client.force_login(owner)

    client.post(at("next_action", tell), {"action": "end"}, headers=HTMX)
    response = client.post(at("next_action", tell), {"action": "next"}, headers=HTMX)

    assert stored(tell) == []
    assert pages.root_id(response) == "save-state"


def test_without_script_a_save_goes_back_to_the_open_rule(client: Client, owner: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(owner)

    response = client.post(at("save_rule", ask, made.key), filled(patterns="yes"))

    assert response.headers["Location"] == f"{at('interaction', ask)}?tab=rules&rule={made.key}"
    assert "yes" in client.get(response.headers["Location"]).content.decode()


def test_a_stranger_gets_404(client: Client, owner: User, stranger: User, ask: Interaction) -> None:
    made = rules.add(ask.pk, user=owner, condition="pattern")
    client.force_login(stranger)

    for address in (
        at("save_rule", ask, made.key),
        at("delete_rule", ask, made.key),
        at("duplicate_rule", ask, made.key),
        at("move_rule", ask, made.key, 0),
        at("next_action", ask),
    ):
        assert client.post(address, filled()).status_code == 404
    assert [rule.key for rule in stored(ask)] == [made.key]


def test_rules_need_a_log_in(client: Client, ask: Interaction) -> None:
    assert client.post(at("add_rule", ask)).status_code == 302
    assert stored(ask) == []
