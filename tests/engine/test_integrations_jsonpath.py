"""JSON paths and the custom data fields that are read with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine import fields, jsonpath
from integrations.engine.errors import MalformedPath
from integrations.engine.json_values import loads
from integrations.engine.scope import MAX_VALUE_BYTES, Scope
from integrations.engine.spec import IntegrationSpec, Row

DOCUMENT = """{"api_Order": {
  "total": 1.10, "id": 1234567890123456789, "paid": true, "note": null, "empty": [], "text": "",
  "address": {"city": "Ulm", "zip code": "89073", "a.b": "dot", "q\\"q": "quote"},
  "orders": [
    {"id": 1, "lines": [{"sku": "a"}, {"sku": null}, {}]},
    {"lines": []},
    {"id": 3},
    {"id": 4, "lines": [{"sku": "z"}]}
  ]}}"""


def read(text: str, *, document: str = DOCUMENT) -> tuple[object, int, bool, str]:
    scope = Scope(session={"api_Order": {"jsonData": document}, "label": "Kim"})
    spec = IntegrationSpec("k", "Order", "Order", fields=(Row("value", text),))
    (result,) = fields.evaluate(spec, scope)
    assert (scope.get("Order.value"), scope.get("Order.value.count")) == (result.value, result.count)
    return result.value, result.count, result.found, result.problem


@pytest.mark.parametrize(
    ("text", "value", "count"),
    [
        ("{$.api_Order.total}", "1.10", 1),
        ("{$.api_Order.id}", "1234567890123456789", 1),
        ("{$.api_Order.paid}", True, 1),
        ("{$.api_Order.text}", "", 1),
        ("{$.api_Order.note}", "", 0),
        ("{$.api_Order.address}", '{"city":"Ulm","zip code":"89073","a.b":"dot","q\\"q":"quote"}', 1),
        ('{$.api_Order.address["zip code"]}', "89073", 1),
        ("{$.api_Order.address['zip code']}", "89073", 1),
        ("{$.api_Order.address.zip code}", "89073", 1),
        ('{$.api_Order.address["a.b"]}', "dot", 1),
        ('{$.api_Order.address["q\\"q"]}', "quote", 1),
        ("{$.api_Order.orders[0].id}", "1", 1),
        ("{$.api_Order.orders[3].lines[0].sku}", "z", 1),
        ("{$.api_Order.empty}", "[]", 1),
        ("{$.api_Order.empty[i]}", [], 0),
        ("{$.api_Order.orders[i].id}", ["1", None, "3", "4"], 4),
        ("{$.api_Order.orders[*].id}", ["1", None, "3", "4"], 4),
        ("{$.api_Order.orders[i].lines[i].sku}", ["a", None, None, "z"], 4),
        ("{$.api_Order.orders[i].lines[0].sku}", ["a", None, None, "z"], 4),
        ("Total: {$.api_Order.total} €", "Total: 1.10 €", 1),
        ("{$.api_Order.total}/{$.api_Order.paid}", "1.10/true", 1),
        ("No. {$.api_Order.orders[i].id}!", ["No. 1!", "No. !", "No. 3!", "No. 4!"], 4),
        ("fixed", "fixed", 1),
        ("{$botContext.label}", "Kim", 1),
    ],
)
def test_a_field_holds_what_its_path_leads_to(text: str, value: object, count: int) -> None:
    assert read(text) == (value, count, True, "")


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("{$.api_Order.totl}", "", "there is no totl in $.api_Order."),
        ("{$.api_Order.address.city.name}", "", "there is no name in $.api_Order.address.city."),
        ("{$.api_Order.orders[9].id}", "", "there is no [9] in $.api_Order.orders."),
        ("{$.api_Order.orders[i].nmae}", [], "there is no nmae in $.api_Order.orders[i]."),
        ("{$.api_Order.address[i].city}", [], "there is no [i] in $.api_Order.address."),
        ("{$.api_Other.x}", "", "there is no response variable api_Other."),
        ("Total: {$.api_Order.totl} €", "Total:  €", "there is no totl in $.api_Order."),
        ("{$botContext.nope}", "", "There is no variable {$botContext.nope}."),
    ],
)
def test_a_path_that_finds_nothing_is_empty_and_says_where_it_ended(text: str, value: object, problem: str) -> None:
    assert read(text)[:3] == (value, 0, False)
    assert read(text)[3].endswith(problem)


def test_a_top_level_list_can_be_iterated() -> None:
    assert read("{$.api_Order[i].n}", document='{"api_Order": [{"n": 1}, {"n": 2}]}')[:2] == (["1", "2"], 2)


def test_a_path_may_begin_at_the_top_level_key_that_a_script_has_written() -> None:
    assert read("{$.shops[0]}", document='{"shops": ["Ulm"]}')[:2] == ("Ulm", 1)


def test_a_switched_off_or_nameless_field_is_not_set() -> None:
    scope = Scope(session={"api_Order": {"jsonData": DOCUMENT}})
    rows = (Row("off", "x", enabled=False), Row("  ", "x"))

    assert fields.evaluate(IntegrationSpec("k", "Order", "Order", fields=rows), scope) == ()
    assert scope.names() == ["api_Order"]


def test_a_field_that_takes_in_the_consumers_words_is_marked_as_theirs() -> None:
    scope = Scope(session={"api_Order": {"jsonData": DOCUMENT}}, facts={"userMessage": "https://evil.test"})
    rows = (Row("said", "{$userMessage}"), Row("total", "{$.api_Order.total}"))

    fields.evaluate(IntegrationSpec("k", "Order", "Order", fields=rows), scope)

    assert scope.consumer_names == {"Order.said"}


def test_a_field_that_is_too_large_to_keep_is_marked_and_leaves_no_older_value() -> None:
    document = '{"api_Order": "' + "x" * MAX_VALUE_BYTES + '"}'
    scope = Scope(session={"Order.value": "old"})
    spec = IntegrationSpec("k", "Order", "Order", fields=(Row("value", "{$.api_Order}"),))

    with scope.lending("api_Order", {"jsonData": document}):
        (result,) = fields.evaluate(spec, scope)

    assert result.problem == fields.TOO_LARGE
    assert (scope.get("Order.value"), scope.get("Order.value.count")) == ("", 0)


@pytest.mark.parametrize(
    ("path", "position", "complaint"),
    [
        ("api.x", 1, "begins with"),
        ("$", 2, "name the response variable"),
        ("$.a..b", 5, "two dots"),
        ("$.a.", 5, "a key is expected"),
        ("$.a[", 4, "in brackets"),
        ("$.a[x]", 4, "in brackets"),
        ("$.a[-1]", 4, "in brackets"),
        ("$.a[?(@.b)]", 4, "in brackets"),
        ("$.a[0]b", 7, "a dot or an opening bracket"),
        ("$.a['b]", 4, "in brackets"),
    ],
)
def test_a_malformed_path_says_where_and_why(path: str, position: int, complaint: str) -> None:
    with pytest.raises(MalformedPath, match=complaint) as raised:
        jsonpath.parse(path)

    assert raised.value.position == position
    assert read(f"{{{path}}}" if path.startswith("$.") else "{$.a..b}")[2] is False


def test_a_path_of_absurd_length_is_refused() -> None:
    with pytest.raises(MalformedPath, match="characters"):
        jsonpath.parse("$" + ".a" * 10_000)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=20,
)
steps = st.lists(st.sampled_from(["a", "b", 0, 1, jsonpath.Every.ELEMENT]), max_size=5).map(tuple)


@given(documents, steps)
def test_following_a_path_never_fails_and_never_grows(document: object, path: tuple[jsonpath.Step, ...]) -> None:
    selection = jsonpath.select(document, path)

    assert len(selection.values) <= 1 + _size(document)
    assert selection.iterates or len(selection.values) == 1
    assert selection.missing <= len(selection.values)


@given(steps.filter(bool))
def test_a_path_can_be_written_and_read_back(path: tuple[jsonpath.Step, ...]) -> None:
    assert jsonpath.parse(jsonpath.spelled(path)).steps == path


def test_deep_documents_are_followed_without_recursion() -> None:
    document = loads('{"a":' * 150 + "1" + "}" * 150)

    assert jsonpath.select(document, ("a",) * 150).value == "1"


def _size(value: object) -> int:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, children))
