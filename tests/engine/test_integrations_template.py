"""Filling in variables: which there are, where their values come from, and how each position writes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.engine import template
from integrations.engine.errors import UnsafeValue
from integrations.engine.json_values import NumberText
from integrations.engine.scope import Scope
from integrations.engine.template import Position

RESPONSE = {"jsonData": '{"api_Shop": [{"city": "Ulm", "sum": 1.10}, {"city": "Bonn"}]}'}


def make_scope(**facts: Any) -> Scope:
    return Scope(
        session={
            "name": "Kim",
            "order": {"id": NumberText("1234567890123456789"), "lines": [{"sku": "A-1"}]},
            "order.state": "open",
            "kept": '{"a": [1.50, {"b": null}]}',
            "yes": True,
            "slot.size": "XL",
            "Shop.city": ["Ulm", "Bonn"],
            "Shop.city.count": 2,
            "Shop.$error": "http",
            "api_Shop": RESPONSE,
        },
        environment={"baseUrl": "https://api.example.test"},
        facts={"userMessage": "hello", "conversationId": "c-1", "location": {"city": "Ulm"}, **facts},
    )


def rendered(text: str, position: Position = Position.RAW, *, index: int | None = None, **facts: Any) -> str:
    return template.render(text, make_scope(**facts), position=position, index=index)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {$botContext.name}!", "Hello Kim!"),
        ("{$botContext.slot.size}", "XL"),
        ("{$env.baseUrl}/x", "https://api.example.test/x"),
        ("{$userMessage} {$query}", "hello hello"),
        ("{$conversationId}", "c-1"),
        ("{$location.city}", "Ulm"),
        ("{Shop.city}", "Ulm"),
        ("{Shop.city.count}", "2"),
        ("{Shop.$error}", "http"),
        ("{$botContext.yes}", "true"),
        ("{$.api_Shop[1].city}", "Bonn"),
        ("{$.api_Shop[i].city}", "Ulm"),
        ("{$.api_Shop[0].sum}", "1.10"),
        ("{$botContext.api_Shop}", RESPONSE["jsonData"]),
    ],
)
def test_every_kind_of_variable_is_filled_in(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{$botContext.order.state}", "open"),
        ("{$botContext.order.id}", "1234567890123456789"),
        ("{$botContext.order.lines[0].sku}", "A-1"),
        ("{$botContext.kept.a[0]}", "1.50"),
        ("{$botContext.order.nothing}", ""),
    ],
)
def test_a_dotted_name_is_a_variable_first_and_a_property_of_one_second(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}}',
        "p { margin: 0 } a{color:red}",
        "{}",
        "{ $botContext.name }",
        "{name}",
        "{$}",
        "${name}",
        "{$botContext.}",
        "{1.2}",
        "{e.g. this}",
        "{{not closed",
        "{$gt: 5}",
    ],
)
def test_braces_that_are_no_variable_are_left_alone(text: str) -> None:
    assert rendered(text) == text
    assert rendered(text, Position.JSON) == text


def test_an_unknown_variable_is_empty_and_told_once() -> None:
    told: list[str] = []

    text = template.render(
        "<{$botContext.nope}|{$botContext.nope}|{Shop.nope}|{$env.nope}|{$.api_No.x}|{$nope}>",
        make_scope(),
        position=Position.RAW,
        unknown=told.append,
    )

    assert text == "<|||||>"
    assert told == ["$botContext.nope", "Shop.nope", "$env.nope", "$.api_No.x", "$nope"]


def test_a_known_system_variable_without_a_value_is_not_told_as_unknown() -> None:
    told: list[str] = []

    assert template.render("{$quickReplyPayload}", make_scope(), position=Position.RAW, unknown=told.append) == ""

    assert told == []


def test_a_value_is_never_expanded_again() -> None:
    hostile = "{$botContext.name} {Shop.city} {$.api_Shop[0].city}"

    for position in (Position.RAW, Position.HEADER):
        assert rendered("{$userMessage}", position, userMessage=hostile) == hostile
    assert json.loads(rendered('{"m": {$userMessage}}', Position.JSON, userMessage=hostile)) == {"m": hostile}


@pytest.mark.parametrize(
    ("position", "value", "expected"),
    [
        (Position.RAW, '<b>"&', '<b>"&'),
        (Position.HTML, "<b>\"'&", "&lt;b&gt;&quot;&#x27;&amp;"),
        (Position.FORM, "a=b&c d/é+", "a%3Db%26c%20d%2F%C3%A9%2B"),
        (Position.QUERY, "a=b&c#d", "a%3Db%26c%23d"),
        (Position.URL_PATH, "../a/b", "..%2Fa%2Fb"),
        (Position.URL_HOST, "api-1.example", "api-1.example"),
        (Position.HEADER, "Bearer é ✓", "Bearer é ✓"),
    ],
)
def test_each_position_escapes_the_value_and_not_the_template(position: Position, value: str, expected: str) -> None:
    assert rendered("<&>{$userMessage}", position, userMessage=value) == f"<&>{expected}"


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\0b", "a\x7fb", "a\u2028b", "\x85"])
def test_a_control_character_may_not_stand_in_a_header(value: str) -> None:
    with pytest.raises(UnsafeValue, match="control character"):
        rendered("{$userMessage}", Position.HEADER, userMessage=value)


@pytest.mark.parametrize("value", ["a/b", "a@b", "a:b", "a?b", "a#b", "a b", "a%41", "é", "a\\b", "[::1]"])
def test_only_letters_digits_dots_and_hyphens_may_stand_in_a_host(value: str) -> None:
    with pytest.raises(UnsafeValue):
        rendered("{$userMessage}", Position.URL_HOST, userMessage=value)


JSON_OUTSIDE = [
    ("{$botContext.name}", "Kim"),
    ("{$botContext.yes}", True),
    ("{$botContext.order}", {"id": 1234567890123456789, "lines": [{"sku": "A-1"}]}),
    ("{$botContext.order.id}", 1234567890123456789),
    ("{$botContext.kept}", {"a": [1.5, {"b": None}]}),
    ("{$botContext.api_Shop}", json.loads(RESPONSE["jsonData"])),
    ("{Shop.city}", ["Ulm", "Bonn"]),
    ("{$.api_Shop[i].sum}", [1.1, None]),
    ("{$botContext.nope}", ""),
    ("{$userMessage}", "hello"),
]


@pytest.mark.parametrize(("text", "expected"), JSON_OUTSIDE)
def test_outside_of_a_json_string_a_value_is_json(text: str, expected: object) -> None:
    assert json.loads(rendered(f'{{"v": {text}, "w": [{text}]}}', Position.JSON)) == {"v": expected, "w": [expected]}


def test_inside_of_a_json_string_a_value_is_escaped_text() -> None:
    text = rendered('{"a": "<{$userMessage}>", "b": "{Shop.city}"}', Position.JSON, userMessage='"\\\n\u2028é')

    assert json.loads(text) == {"a": '<"\\\n\u2028é>', "b": "Ulm"}


def test_numbers_keep_their_spelling_in_json() -> None:
    assert rendered("[{$botContext.order.id},{$.api_Shop[0].sum}]", Position.JSON) == "[1234567890123456789,1.10]"


def test_text_that_is_json_is_a_document_only_if_no_consumer_typed_it() -> None:
    scope = make_scope(userMessage='{"admin": true}')
    scope.set("typed", '{"admin": true}', consumer=True)
    scope.set("built", '{"admin": false}')

    text = template.render("[{$userMessage}, {$botContext.typed}, {$botContext.built}]", scope, position=Position.JSON)

    assert json.loads(text) == ['{"admin": true}', '{"admin": true}', {"admin": False}]


@pytest.mark.parametrize("value", ['{"a": NaN}', "{broken", "[" * 500 + "]" * 500, "{}x"])
def test_text_that_only_looks_like_json_is_a_string(value: str) -> None:
    scope = Scope(session={"v": value})

    assert json.loads(template.render("[{$botContext.v}]", scope, position=Position.JSON)) == [value]


def test_a_quote_behind_an_open_backslash_does_not_end_the_string() -> None:
    text = template.render(
        '{"a": "x\\{$userMessage}", "b": 1}', make_scope(userMessage='", "b": 2, "c": "'), position=Position.JSON
    )

    assert json.loads(text) == {"a": 'x\\", "b": 2, "c": "', "b": 1}


@pytest.mark.parametrize(("index", "expected"), [(0, "Ulm"), (1, "Bonn"), (2, "")])
def test_an_index_picks_the_value_of_a_tile(index: int, expected: str) -> None:
    assert rendered("{Shop.city}", index=index) == expected
    assert rendered("{$.api_Shop[i].city}", index=index) == expected
    assert json.loads(rendered("[{Shop.city}]", Position.JSON, index=index)) == [expected]


def test_the_longest_list_tells_how_often_a_tile_repeats() -> None:
    scope = make_scope()
    scope.set("Shop.none", [])

    assert template.longest_list("{Shop.city} {$botContext.name}", scope) == 2
    assert template.longest_list("{Shop.none}", scope) == 0
    assert template.longest_list("{$botContext.name} {Shop.$error}", scope) == -1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{$userMessage}", True),
        ("{$botContext.slot.size}", True),
        ("{$quickReplyPayload}", True),
        ("{$botContext.typed}", True),
        ("{$botContext.name} {$env.baseUrl} {Shop.city} {$conversationId}", False),
    ],
)
def test_texts_know_whether_they_take_in_what_the_consumer_typed(text: str, expected: bool) -> None:
    scope = make_scope()
    scope.set("typed", "x", consumer=True)

    assert template.holds_consumer_words(text, scope) is expected


def test_names_lists_kind_name_and_place() -> None:
    found = template.names('a {$botContext.x.y}{$botContext.slot.s} {I.f.count} {$.api_R["a}b"].c} {$query}')

    assert [(each.kind, each.name) for each in found] == [
        ("variable", "x.y"),
        ("slot", "s"),
        ("field", "I.f.count"),
        ("path", '$.api_R["a}b"].c'),
        ("system", "query"),
    ]
    assert found[0].span == (2, 19)
    assert found[0].source == "$botContext.x.y"


def test_half_a_surrogate_pair_in_a_value_can_still_be_sent() -> None:
    text = rendered('{"a": {$userMessage}}', Position.JSON, userMessage="\ud83d")

    assert json.loads(text.encode()) == {"a": "\ud83d"}
