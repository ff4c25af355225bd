"""Reading answers, deciding on retries, and the variables of a turn."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine import json_values, responses, retries
from integrations.engine.json_values import NumberText
from integrations.engine.scope import MAX_VALUE_BYTES, Scope


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("é".encode(), "", "é"),
        ("é".encode("latin-1"), "text/plain; charset=ISO-8859-1", "é"),
        ("é".encode("latin-1"), 'text/plain; Charset="iso-8859-1"', "é"),
        ("\ufeffé".encode(), "application/json", "é"),
        ("é".encode("utf-16"), "application/json", "é"),
        ('"é"'.encode("utf-16-le"), "application/json", '"é"'),
        ("\ufeffé".encode("utf-8"), "text/plain; charset=latin-1", "é"),
        ("日本".encode("shift_jis"), "text/html; charset=Shift_JIS", "日本"),
        (b"\xff\xfe\xfd", "text/plain; charset=utf-8", "\ufffd"),
        (b"abc", "text/plain; charset=punycode", "abc"),
        (b"abc", "text/plain; charset=zlib", "abc"),
        (b"abc", "text/plain; charset=no-such", "abc"),
        (b"", "application/json", ""),
    ],
)
def test_bodies_are_decoded(body: bytes, content_type: str, expected: str) -> None:
    assert responses.text(body, headers=(("content-type", content_type),)).startswith(expected)


@given(
    st.binary(max_size=40), st.sampled_from(["", "utf-8", "utf-16", "utf-32", "utf-7", "idna", "hz", "cp037", "\x00"])
)
def test_no_body_is_undecodable(body: bytes, charset: str) -> None:
    assert isinstance(responses.text(body, headers=(("Content-Type", f"text/plain; charset={charset}"),)), str)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"a": 1.10}', '{"api_R":{"a":1.10}}'),
        ("[1234567890123456789]", '{"api_R":[1234567890123456789]}'),
        ('"text"', '{"api_R":"text"}'),
        ("12e5", '{"api_R":12e5}'),
        ("true", '{"api_R":true}'),
        ("", '{"api_R":null}'),
        (" \n", '{"api_R":null}'),
        ("OK", '{"api_R":"OK"}'),
        ('<a>"é"</a>', '{"api_R":"<a>\\"é\\"</a>"}'),
        ("NaN", '{"api_R":"NaN"}'),
        ('{"a": 1', '{"api_R":"{\\"a\\": 1"}'),
        ("[" * 200 + "]" * 200, '{"api_R":' + "[" * 200 + "]" * 200 + "}"),
        ("[" * 201 + "]" * 201, '{"api_R":"' + "[" * 201 + "]" * 201 + '"}'),
        ("[" * 300 + "]" * 300, '{"api_R":"' + "[" * 300 + "]" * 300 + '"}'),
    ],
)
def test_the_response_variable_is_json_text_text_or_null(body: str, expected: str) -> None:
    data = responses.json_data("api_R", body=body)

    assert data == expected
    assert json_values.loads(data)


def test_a_huge_document_is_passed_on_as_it_came() -> None:
    body = json.dumps([{"n": number, "text": "x" * 90} for number in range(12_000)], indent=1)

    data = responses.json_data("api_R", body=body)

    assert len(body) > responses.COMPACTED
    assert json.loads(data) == {"api_R": json.loads(body)}


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "404 Not Found"), (401, "credential"), (302, "Follow redirects"), (500, "fault on its side"), (599, "599")],
)
def test_a_failed_status_is_explained(status: int, words: str) -> None:
    assert words in responses.complaint(status)


@pytest.mark.parametrize(
    ("method", "status", "asked", "again"),
    [
        *[("GET", status, False, False) for status in (200, 400, 404, 408, 500)],
        *[("GET", status, False, True) for status in (429, 502, 503, 504)],
        *[("PUT", status, False, True) for status in (429, 502, 503, 504)],
        *[(method, status, False, False) for method in ("POST", "PATCH") for status in (429, 502, 503, 504)],
        *[(method, status, True, True) for method in ("POST", "PATCH") for status in (429, 503)],
        *[(method, status, True, False) for method in ("POST", "PATCH") for status in (502, 504, 500)],
    ],
)  # fmt: skip
def test_which_answers_are_a_reason_to_call_again(method: str, status: int, *, asked: bool, again: bool) -> None:
    headers = (("retry-after", "1"),) if asked else ()

    assert retries.after_status(method, status=status, headers=headers) is again


@pytest.mark.parametrize(
    ("method", "connected", "again"),
    [("GET", True, True), ("POST", True, False), ("PATCH", True, False), ("POST", False, True), ("DELETE", True, True)],
)
def test_which_lost_connections_are_a_reason_to_call_again(method: str, *, connected: bool, again: bool) -> None:
    assert retries.after_network_error(method, connected=connected) is again


def test_pauses_double_and_are_spread() -> None:
    assert [retries.pause(attempt, jitter=1.0) for attempt in (1, 2, 3)] == [0.25, 0.5, 1.0]
    assert retries.pause(3, jitter=0.0) == 0.5
    assert retries.pause(50, jitter=1.0) == retries.LONGEST_PAUSE


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("Mon, 99 Zzz 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retries.asked_pause((("Retry-After", value),), now=60.0) == seconds


def test_a_lent_value_is_read_and_replaced_but_never_kept() -> None:
    refused: list[str] = []
    scope = Scope(refused=lambda name, reason: refused.append(name))
    large = "x" * (MAX_VALUE_BYTES + 1)

    with scope.lending("big", large):
        assert scope.get("big") == large
        assert scope.script_variables() == {"big": large}
        assert not scope.set("big", large + "y")
        assert scope.get("big") == large + "y"
        assert scope.set("big", "small")

    assert scope.session == {"big": "small"}
    assert refused == ["big"]


def test_scripts_get_numbers_of_a_response_as_text_and_structures_as_they_are() -> None:
    scope = Scope(
        session={
            "n": NumberText("1.10"),
            "l": [NumberText("1"), "a", None],
            "o": {"n": NumberText("2")},
            "s": 200,
            "b": True,
        }
    )

    assert (
        json_values.dumps(scope.script_variables()) == '{"n":"1.10","l":["1","a",null],"o":{"n":2},"s":200,"b":"true"}'
    )


def test_the_status_of_a_call_is_a_number_for_scripts_also_in_the_next_turn() -> None:
    stored = json_values.loads('{"api_BalanceStatus": 200, "visits": 3}')

    assert Scope(session=stored).script_variables() == {"api_BalanceStatus": 200, "visits": "3"}


def test_limits_count_every_scope_and_the_dialog_that_is_entered_later() -> None:
    refused: list[str] = []
    scope = Scope(refused=lambda name, reason: refused.append(reason))
    half = "x" * (MAX_VALUE_BYTES - 2)
    for number in range(8):
        assert scope.set(f"v{number}", half)
        assert scope.set(f"v{number}", half, "request")

    assert not scope.set("one more", "x")
    assert scope.set("v0", "smaller", "request")
    assert scope.set("one more", "x")
    scope.dialog = {"d": half}
    assert not scope.set("d", half + "y" * 3, "dialog")
    assert not scope.set("another", half, "dialog")
    assert [reason.split(",")[0] for reason in refused[1:]] == [
        f"the value has {MAX_VALUE_BYTES + 3} bytes",
        "the conversation's variables would exceed 4194304 bytes",
    ]


def test_there_is_a_limit_on_the_number_of_variables() -> None:
    scope = Scope(session={f"v{number}": "x" for number in range(999)})

    assert scope.set("last", "x", "dialog")
    assert not scope.set("beyond", "x")
    assert scope.set("v1", "y")
    scope.set("v1", None)
    assert scope.set("beyond", "x")


def test_the_consumers_words_are_remembered_by_name_until_something_else_is_written() -> None:
    scope = Scope(consumer_names={"earlier"}, session={"earlier": "x"})
    scope.set("typed", "x", consumer=True)

    assert scope.from_consumer("earlier")
    assert scope.from_consumer("typed")
    assert scope.from_consumer("slot.any")

    scope.set("typed", "y")
    scope.unset("earlier")
    assert scope.consumer_names == set()


json_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_documents)
def test_json_is_written_so_that_it_reads_back(document: object) -> None:
    text = json_values.dumps(document)

    assert json.loads(text.encode()) == document
    assert json_values.dumps(json_values.loads(text)) == text


@given(st.lists(json_documents, max_size=4))
def test_texts_that_are_read_in_one_go_are_read_as_each_alone(values: list[object]) -> None:
    texts = [json_values.dumps(value) for value in values]

    assert json_values.loads_all(texts) == [json_values.loads(text) for text in texts]


def test_texts_at_the_limit_of_depth_are_read_in_one_go_as_well() -> None:
    deep = "[" * json_values.MAX_DEPTH + "]" * json_values.MAX_DEPTH

    assert json_values.loads_all([deep, "1"]) == [json_values.loads(deep), "1"]
