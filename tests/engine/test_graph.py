"""A bot as a graph: rules, next actions and names in scripts become ways; what is gone or far away is named."""

from __future__ import annotations

import pytest

from bots.engine import graph
from bots.engine.spec import Action, BotSpec, Condition, Dialog, Interaction, Rule
from tests import factories


def row(key: str, kind: str = "text", *actions: Action, **values: object) -> Interaction:
    rules = tuple(
        Rule(str(at), f"rule {at}", Condition("pattern", ("x",)), action=action) for at, action in enumerate(actions)
    )
    return Interaction(key, key.upper(), kind, rules=rules, **values)  # type: ignore[arg-type]


def bot(*rows: Interaction, more: tuple[Dialog, ...] = ()) -> BotSpec:
    return factories.bot_spec(Dialog("d", "Main", interactions=rows), *more)


def ways(spec: BotSpec) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in graph.of_dialog(spec, dialog="d").edges]


def test_what_says_something_leads_to_the_next_that_is_on() -> None:
    spec = bot(row("a"), row("b", enabled=False), row("c"))

    assert ways(spec) == [("a", "c"), ("b", "c")]


def test_a_question_leads_only_where_its_rules_do() -> None:
    spec = bot(row("a", "text_question", Action("interaction", "c")), row("b", "text_question"), row("c"))

    assert ways(spec) == [("a", "c")]


def test_two_rules_to_one_target_are_one_way_with_both() -> None:
    spec = bot(row("a", "text_question", Action("interaction", "b"), Action("interaction", "b")), row("b"))

    (edge,) = graph.of_dialog(spec, dialog="d").edges
    assert [rule.name for rule in edge.rules] == ["rule 0", "rule 1"]


def test_the_way_on_when_no_rule_holds_is_told_from_the_plain_one() -> None:
    spec = bot(row("a", "text", Action("interaction", "c")), row("b"), row("c"))

    edges = {(edge.source, edge.target): edge for edge in graph.of_dialog(spec, dialog="d").edges}
    assert edges["a", "b"].otherwise
    assert not edges["b", "c"].otherwise


@pytest.mark.parametrize("kind", ["end", "close_dialog", "close_conversation"])
def test_an_end_is_no_way(kind: str) -> None:
    plain = Interaction("a", "A", "text", rules=(Rule(action=Action(kind)),))  # type: ignore[arg-type]

    assert ways(bot(plain, row("b"))) == []


def test_a_repeat_is_a_way_to_itself() -> None:
    assert ways(bot(row("a", "text_question", Action("repeat")))) == [("a", "a")]


def test_other_dialogs_their_interactions_and_what_is_gone_are_nodes_outside() -> None:
    targets = (Action("dialog", "other"), Action("interaction", "far"), Action("interaction", "gone"))
    spec = bot(row("a", "text_question", *targets), more=(Dialog("other", "Other", interactions=(row("far"),)),))

    drawn = graph.of_dialog(spec, dialog="d")

    assert [node.kind for node in drawn.nodes] == ["interaction", "dialog", "outside", "missing"]
    assert [edge.target for edge in drawn.edges] == ["dialog:other", "outside:far", "missing:a:gone"]


def test_a_script_that_names_an_interaction_leads_to_it() -> None:
    script = "botContext.setTriggerNextMessage('B');"
    spec = bot(row("a", "text_question", post_process=script), row("b", "text_question"))

    (edge,) = graph.of_dialog(spec, dialog="d").edges
    assert (edge.target, edge.by_script) == ("b", True)


def test_a_long_way_back_is_a_sign_and_a_short_one_a_line() -> None:
    last = row("last", "text_question", Action("interaction", "r0"), Action("interaction", "r15"))
    spec = bot(*(row(f"r{number}") for number in range(20)), last)

    targets = [edge.target for edge in graph.of_dialog(spec, dialog="d").edges if edge.source == "last"]
    assert targets == ["jump:last:r0", "r15"]


def test_the_whole_bot_shows_dialogs_and_what_leads_from_one_to_another() -> None:
    first = row("a", "text_question", Action("dialog", "other"), Action("interaction", "far"), Action("dialog", "gone"))
    spec = bot(first, row("b"), more=(Dialog("other", "Other", interactions=(row("far"),)),))

    drawn = graph.of_bot(spec)

    assert [(edge.source, edge.target) for edge in drawn.edges] == [("d", "other"), ("d", "missing:gone")]
    assert [node.kind for node in drawn.nodes] == ["dialog", "dialog", "missing"]
