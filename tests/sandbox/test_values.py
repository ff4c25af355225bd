"""How values cross: into scripts, from set to get, and back out; odd ones included."""

from __future__ import annotations

import json

import pytest

from integrations.engine.json_values import NumberText, dumps

STORED = [
    ("'text'", "text"),
    ("''", ""),
    ("10", "10"),
    ("1.10", "1.1"),
    ("0.1 + 0.2", "0.30000000000000004"),
    ("1e21", "1e+21"),
    ("NaN", "NaN"),
    ("true", "true"),
    ("new String('t')", "t"),
    ("10n", "10"),
    ("['a', 'b']", "a,b"),
    ("['a', null, 1, false]", "a,,1,false"),
    ("[]", ""),
    ("{a: {b: [1.5, true, null]}}", {"a": {"b": [1.5, True, None]}}),
    ("[{a: 1}, {a: 2}]", [{"a": 1}, {"a": 2}]),
    ("{}", {}),
    ("null", None),
    ("undefined", None),
    ("new Error('no')", "Error: no"),
    ("/a+/g", "/a+/g"),
    ("{d: new Date(0)}", {"d": "1970-01-01T00:00:00.000Z"}),
    ("{toJSON: function () { return undefined }}", None),
    ("{f: function () {}, a: 1}", {"a": 1}),
]


@pytest.mark.parametrize(("expression", "value"), STORED, ids=[expression for expression, _ in STORED])
def test_a_variable_reads_back_as_documented(run, expression, value):
    outcome = run(f"""
        botContext.setBotVariable('v', {expression}, true);
        botContext.printDebugMessage(JSON.stringify(botContext.getBotVariable('v')));
    """)

    assert outcome.error is None
    assert json.loads(outcome.operations[1]["text"]) == value


KEPT = [("10", "10"), ("1.10", "1.1"), ("true", "true"), ("'10'", '"10"'), ("NaN", '"NaN"'), ("['a', 1]", '"a,1"')]


@pytest.mark.parametrize(("expression", "json_text"), KEPT)
def test_numbers_and_truth_values_are_kept_as_json_for_request_bodies(run, expression, json_text):
    outcome = run(f"botContext.setBotVariable('v', {expression}, true)")

    assert dumps(outcome.operations[0]["value"]) == json_text


def test_a_date_is_stored_as_text(run):
    outcome = run("var d = new Date(0); botContext.setBotVariable('d', d); botContext.sendMessage(String(d))")

    assert outcome.operations[0]["value"] == outcome.operations[1]["text"]


@pytest.mark.parametrize(
    ("flags", "scope", "forever"),
    [
        ("", "request", False),
        (", false, false", "request", False),
        (", true, false", "session", False),
        (", false, true", "session", True),
        (", true, true", "session", True),
    ],
)
def test_the_flags_choose_the_scope(run, flags, scope, forever):
    operation = run(f"botContext.setBotVariable('v', 'x'{flags})").operations[0]

    assert (operation["scope"], operation["forever"]) == (scope, forever)


GIVEN = [
    ("text", '"text"'),
    (None, "null"),
    (True, "true"),
    (204, "204"),
    (NumberText("204"), "204"),
    (NumberText("1.10"), "1.1"),
    (NumberText("1234567890123456789"), '"1234567890123456789"'),
    (NumberText("-9007199254740993"), '"-9007199254740993"'),
    (NumberText("1e999"), '"1e999"'),
    ({"a": [NumberText("1"), {"b": None}]}, '{"a":[1,{"b":null}]}'),
    ({"__proto__": {"x": 1}}, '{"__proto__":{"x":1}}'),
    ({"jsonData": '{"api_R":1}'}, '{"jsonData":"{\\"api_R\\":1}"}'),
    ("\u2028\u2029</script>'\"\\", json.dumps("\u2028\u2029</script>'\"\\", ensure_ascii=False)),
    ("👍🏽", '"👍🏽"'),
    ("\ud800", '"?"'),
]


@pytest.mark.parametrize(("value", "seen"), GIVEN, ids=[repr(value) for value, _ in GIVEN])
def test_a_given_variable_is_a_plain_value(shown, value, seen):
    assert shown("botContext.getBotVariable('v')", variables={"v": value}) == seen


@pytest.mark.parametrize("name", ["none", "toString", "__proto__", "constructor", "hasOwnProperty"])
def test_a_variable_that_is_not_set_is_null(shown, name):
    assert shown(f"botContext.getBotVariable('{name}')") == "null"


def test_unsetting_reads_back_as_null(run):
    outcome = run(
        "botContext.setBotVariable('v', null, true); botContext.sendMessage(botContext.getBotVariable('v') === null)",
        variables={"v": "old"},
    )

    assert outcome.operations[1]["text"] == "true"


def test_changing_a_read_structure_changes_nothing_until_it_is_set(shown):
    expression = "(botContext.getBotVariable('v').a = 2, botContext.getBotVariable('v').a)"

    assert shown(expression, variables={"v": {"a": 1}}) == "1"


RESPONSE = {"api_R": {"jsonData": '{"api_R":{"name":"Kim"}}'}}


@pytest.mark.parametrize(
    ("expression", "seen"),
    [
        ("JSON.parse(r).api_R.name", '"Kim"'),
        ("r == r.jsonData", "true"),
        ("'' + r", '"{\\"api_R\\":{\\"name\\":\\"Kim\\"}}"'),
        ("Object.keys(r)", '["jsonData"]'),
        ("typeof r.jsonData", '"string"'),
    ],
)
def test_the_response_variable_used_as_text_is_its_json(shown, expression, seen):
    assert (
        shown(f"(function (r) {{ return {expression} }})(botContext.getBotVariable('api_R'))", variables=RESPONSE)
        == seen
    )


def test_a_changed_response_is_stored_with_its_new_json(run):
    outcome = run(
        """
        var r = botContext.getBotVariable('api_R');
        r.jsonData = JSON.stringify({api_R: 2});
        botContext.setBotVariable('api_R', r, false, false);
        r.jsonData = {api_R: 3};
        botContext.setBotVariable('other', r);
        botContext.sendMessage(botContext.getBotVariable('api_R'));
        """,
        variables=RESPONSE,
    )

    assert outcome.operations[0]["value"] == {"jsonData": '{"api_R":2}'}
    assert outcome.operations[1]["value"] == {"jsonData": '{"api_R":3}'}
    assert outcome.operations[2]["text"] == '{"api_R":2}'


def test_halves_of_characters_become_the_replacement_character(run):
    outcome = run("""
        botContext.sendMessage('a\\ud800');
        botContext.setBotVariable('v', {'\\udfff': ['\\ud83d', '\\ud83d\\udc4d', '\\\\ud800']});
    """)

    assert outcome.operations[0]["text"] == "a\ufffd"
    assert outcome.operations[1]["value"] == {"\ufffd": ["\ufffd", "👍", "\\ud800"]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("(function () { var o = {}; o.o = o; return o })()", "The value refers to itself, so it cannot be stored."),
        ("{get a() { throw new Error('trap') }}", "Error: trap"),
        ("{toJSON: function () { throw new Error('trap') }}", "Error: trap"),
        ("[{a: 1n}]", "BigInt"),
        ("new Proxy({}, {ownKeys: function () { throw new Error('trap') }})", "Error: trap"),
    ],
)
def test_a_value_that_cannot_be_stored_throws_in_the_script(run, value, message):
    outcome = run(f"botContext.sendMessage('before');\nbotContext.setBotVariable('v', {value})")

    assert outcome.operations == ({"op": "message", "text": "before"},)
    assert outcome.error.kind == "script"
    assert message in outcome.error.message
    assert outcome.error.line == 2


def test_a_value_nested_too_deep_is_refused(run):
    outcome = run("var o = {}; for (var i = 0; i < 300; i++) o = {o: o}; botContext.setBotVariable('v', o)")

    assert outcome.operations == ({"op": "refused", "text": "Refused: the value of v is nested more than 100 levels."},)


def test_variables_that_cannot_be_written_as_json_are_a_limit(run):
    deep = []
    for _ in range(5000):
        deep = [deep]

    assert run("1", variables={"v": deep}).error.kind == "limit"
    assert run("1", variables={"v": float("nan")}).error.kind == "limit"
