"""Where a bot uses a name, and the same bot with another name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.engine import naming, spec
from bots.engine.naming import Target
from integrations.engine import jstokens
from integrations.engine.spec import Row
from tests import factories

CODE = """// botContext.setBotVariable("order", 1)
var a = botContext.getBotVariable('order'); /* 'order' */
botContext . setBotVariable ( "order.id", a, true );
var url = 'say {$botContext.order} and {$botContext.orders}';
if (a / 2 > 1 && /"order"/.test(a)) { log("order"); }
botContext.setBotVariable("or" + "der", 1);
"""


def tile(**values: object) -> spec.Interaction:
    return spec.Interaction(**({"key": "t", "name": "Tile", "kind": "text"} | values))  # type: ignore[arg-type]


def bot(*tiles: spec.Interaction, **values: object) -> spec.BotSpec:
    return factories.bot_spec(spec.Dialog("d", "Dialog", interactions=tiles), **values)


def renamed(found: spec.BotSpec, target: Target, new: str = "New") -> list[str]:
    return [each.renamed(new) for each in naming.occurrences(found, target) if each.sure]


def unsure(found: spec.BotSpec, target: Target) -> list[tuple[int, str]]:
    return [(len(each.spots), each.why) for each in naming.occurrences(found, target) if not each.sure]


def test_a_variable_is_renamed_in_texts_rules_and_requests() -> None:
    rule = spec.Rule(
        variable_conditions=(spec.VariableCondition("order", "is", "{$botContext.order}x"),),
        variables=(spec.SetVariable("order", "{$userMessage}"),),
    )
    request = factories.integration_spec(
        url="https://a.example/{$botContext.order.id}", parameters=(Row("order", "{$botContext.order}", enabled=False),)
    )
    found = bot(
        tile(content=spec.Content(text="{$botContext.order} order {order}"), rules=(rule,)), integrations=(request,)
    )

    assert renamed(found, Target("variable", "order")) == [
        "{$botContext.New} order {order}", "New", "{$botContext.New}x", "New",
        "https://a.example/{$botContext.New.id}", "{$botContext.New}",
    ]  # fmt: skip


def test_a_longer_variable_is_another_variable() -> None:
    rule = spec.Rule(variables=(spec.SetVariable("order.id"),))
    found = bot(tile(content=spec.Content(text="{$botContext.order.id} {$botContext.order.sum}"), rules=(rule,)))

    assert renamed(found, Target("variable", "order")) == ["{$botContext.order.id} {$botContext.New.sum}"]
    assert len(renamed(found, Target("variable", "order.id"))) == 2


def test_scripts_are_read_by_their_tokens() -> None:
    found = bot(tile(pre_process=CODE))

    [code] = renamed(found, Target("variable", "order"), "n")

    assert '// botContext.setBotVariable("order", 1)' in code
    assert "getBotVariable('n'); /* 'order' */" in code
    assert "{$botContext.n} and {$botContext.orders}" in code
    assert '/"order"/.test(a)' in code
    assert 'log("order")' in code


def test_what_a_script_may_mean_is_found_apart() -> None:
    found = unsure(bot(tile(pre_process=CODE)), Target("variable", "order"))

    assert [count for count, _ in found] == [1, 0]
    assert found[0][1].startswith("A script holds the same text")
    assert found[1][1].startswith("A script builds a name here")


def test_a_slot_is_renamed_where_it_is_set_and_read() -> None:
    rule = spec.Rule(
        slot=spec.SetVariable("size"), variable_conditions=(spec.VariableCondition("slot.size", "is", "1"),)
    )
    found = bot(
        tile(
            content=spec.Content(text="{$botContext.slot.size} {$botContext.size}"),
            rules=(rule,),
            post_process="botContext.getBotVariable('slot.size') + botContext.getBotVariable('size')",
        )
    )

    assert renamed(found, Target("slot", "size"), "n") == [
        "{$botContext.slot.n} {$botContext.size}", "slot.n", "n",
        "botContext.getBotVariable('slot.n') + botContext.getBotVariable('size')",
    ]  # fmt: skip


def test_an_environment_key_is_renamed_in_requests_and_scripts() -> None:
    request = factories.integration_spec(url="{$env.base}/x", transform_script="botContext.getEnvVariable(`base`)")

    found = renamed(bot(integrations=(request,)), Target("env", "base"), "n")

    assert found == ["{$env.n}/x", "botContext.getEnvVariable(`n`)"]


def test_a_field_is_renamed_with_its_count_and_no_other_integrations_field() -> None:
    one = factories.integration_spec("One", fields=(Row("sum", "{$.api_One.sum}"), Row("all", "{One.sum}")))
    two = factories.integration_spec("Two", fields=(Row("sum", "{$.api_Two.sum}"),))
    found = bot(
        tile(
            content=spec.Content(text="{One.sum} {One.sum.count} {Two.sum} {One.summary}"),
            pre_process="botContext.getBotVariable('One.sum')",
        ),
        integrations=(one, two),
    )

    assert renamed(found, Target("field", "sum", owner="One", key="key-One"), "n") == [
        "{One.n} {One.n.count} {Two.sum} {One.summary}", "botContext.getBotVariable('One.n')", "n", "{One.n}",
    ]  # fmt: skip


def test_an_integration_is_renamed_in_all_that_reads_its_fields() -> None:
    one = factories.integration_spec("One")
    rule = spec.Rule(variable_conditions=(spec.VariableCondition("One.sum", "is", "{One.$error}"),))
    found = bot(tile(content=spec.Content(text="{One.sum} One.sum"), rules=(rule,)), integrations=(one,))

    assert renamed(found, Target("integration", "One", key="key-One"), "Two") == [
        "{Two.sum} One.sum", "Two.sum", "{Two.$error}", "Two",
    ]  # fmt: skip


def test_a_response_variable_is_renamed_in_paths_and_scripts() -> None:
    script = (
        "var r = JSON.parse(botContext.getBotVariable('api_One').jsonData).api_One;\n"
        "var s = botContext.getBotVariable('api_OneStatus'), o = {api_One: r}, t = o['api_One'], api_Once = 1;\n"
    )
    fields = (Row("a", "{$.api_One[i].a} {$.api_Once.b}"),)
    one = factories.integration_spec("One", fields=fields, transform_script=script)

    response, code, field = renamed(bot(integrations=(one,)), Target("response", "One", key="key-One"), "N")

    assert response == "N"
    assert field == "{$.api_N[i].a} {$.api_Once.b}"
    assert "'api_N').jsonData).api_N;" in code
    assert "'api_NStatus'" in code
    assert "{api_N: r}, t = o['api_N'], api_Once" in code


def test_an_interaction_is_renamed_where_scripts_jump_to_it() -> None:
    jump = 'botContext.setTriggerNextMessage("It\\\'s here")'
    found = bot(tile(name="It's here"), tile(key="u", name="U", post_process=jump))

    assert renamed(found, Target("interaction", "It's here", key="t"), "Ada's") == [
        "Ada's", "botContext.setTriggerNextMessage(\"Ada\\'s\")",
    ]  # fmt: skip


def test_an_intent_is_renamed_where_rules_ask_for_it_by_name() -> None:
    rules = (
        spec.Rule(condition=spec.Condition("intent", ("pay",))),
        spec.Rule(condition=spec.Condition("pattern", ("pay",))),
    )
    found = bot(tile(content=spec.Content(intent="pay"), rules=rules), intents={"1": "pay"})

    assert renamed(found, Target("intent", "pay", key="1"), "n") == ["n", "n", "n"]


def test_a_dialog_is_renamed_and_scripts_with_its_name_are_for_a_look() -> None:
    found = bot(tile(pre_process="go('Dialog')"))

    assert renamed(found, Target("dialog", "Dialog", key="d"), "n") == ["n"]
    assert [count for count, _ in unsure(found, Target("dialog", "Dialog", key="d"))] == [1]


@pytest.mark.parametrize(
    ("source", "strings"),
    [
        ("a = b / c / 'd'", ["d"]),
        ("return /'/.test('x')", ["x"]),
        ("`a${ 'b' + `c` }d`", ["b", "c"]),
        ("'a\\'b' + \"c\\\"\"", ["a\\'b", 'c\\"']),
        ("/* 'no' */ // 'no'\n'yes'", ["yes"]),
        ("[/[/']/, 'x']", ["x"]),
        ("'never closed", []),
        ("`never closed ${ 'a'", ["a"]),
    ],
)
def test_strings_are_told_from_comments_expressions_and_templates(source: str, strings: list[str]) -> None:
    assert [token.text for token in jstokens.tokens(source) if token.kind == "string" and token.text] == strings


@given(st.text(alphabet="ab\"'`${}/\\*\n (),.", max_size=60))
def test_any_source_has_tokens_that_stand_where_they_say(source: str) -> None:
    for token in jstokens.tokens(source):
        assert source[token.start : token.end] == token.text
