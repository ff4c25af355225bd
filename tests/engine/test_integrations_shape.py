"""Whatever a consumer types, the request keeps the shape that it has with a harmless word, read by real parsers."""

from __future__ import annotations

import http.client
import io
import json
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine import call, template
from integrations.engine.errors import RequestNotBuilt
from integrations.engine.outcome import OutgoingRequest
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec, Row

NASTY = st.lists(
    st.sampled_from(
        ["/", "..", ".", "?", "#", "&", "=", "%", "%2e", "%2F", '"', "\\", "'", "{", "}", "[", "]", ",", ":", "@", ";",
         "+", " ", "\r\n", "\n", "\0", "a", "1", "é", "\u2028", "😀", "\ud800", "true", "null", "http://",
         "{$userMessage}", '{"admin":true}', "X-Admin: 1", "{$botContext.secret}", "</"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
TYPED = NASTY | st.text(max_size=20)

SPEC = IntegrationSpec(
    key="k",
    name="Order",
    response_variable="Order",
    method="POST",
    url="https://api.example.test/a/{$userMessage}/b/x-{$botContext.typed}?q={$userMessage}&r={$botContext.slot.s}",
    parameters=(Row("p", "{$userMessage}"), Row("s", "x {$botContext.typed} y")),
    headers=(Row("X-Typed", "{$userMessage}"), Row("X-Other", "1")),
    body='{"in": "<{$userMessage}>", "out": {$botContext.typed}, "list": [{$userMessage}, 1], '
    '"k": "{$botContext.slot.s}"}',
)
FORM = IntegrationSpec(
    key="k",
    name="Order",
    response_variable="Order",
    method="POST",
    url="https://api.example.test/",
    headers=(Row("Content-Type", "application/x-www-form-urlencoded"),),
    body="a={$userMessage}&b={$botContext.typed}&c=1",
)


def build(spec: IntegrationSpec, typed: str) -> OutgoingRequest:
    scope = Scope(session={"secret": "s3cr3t", "slot.s": typed}, facts={"userMessage": typed})
    scope.set("typed", typed, consumer=True)
    return call.build(spec, scope)


def head(request: OutgoingRequest) -> http.client.HTTPMessage:
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
    return http.client.parse_headers(io.BytesIO(lines.encode("utf-8", "replace") + b"\r\n"))


def shape_of_json(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape_of_json(child) for key, child in value.items()}
    if isinstance(value, list):
        return [shape_of_json(child) for child in value]
    return type(value)


def shape(request: OutgoingRequest) -> object:
    parts = urlsplit(request.url)
    return (
        (parts.scheme, parts.netloc, parts.fragment),
        len(parts.path.split("/")),
        [key for key, _ in parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)],
        head(request).keys(),
        shape_of_json(json.loads(request.body or b"null")),
    )


HARMLESS = shape(build(SPEC, "word"))


@given(TYPED)
def test_a_request_keeps_its_shape_or_is_not_sent(typed: str) -> None:
    try:
        request = build(SPEC, typed)
    except RequestNotBuilt:
        return

    assert shape(request) == HARMLESS
    assert "s3cr3t" not in repr(request)
    assert request.url.isascii()
    assert not {".", ".."} & {unquote(part) for part in urlsplit(request.url).path.split("/")}


PLAIN = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: not {".", ".."} & set(text.replace("\\", "/").split("/"))
)


@given(PLAIN)
def test_ordinary_text_is_sent_and_arrives_as_it_was_typed(typed: str) -> None:
    request = build(SPEC, typed)
    parts = urlsplit(request.url)

    assert unquote(parts.path.split("/")[2]) == typed
    assert parse_qs(parts.query, keep_blank_values=True) == {
        "q": [typed],
        "r": [typed],
        "p": [typed],
        "s": [f"x {typed} y"],
    }
    assert json.loads(request.body or b"") == {"in": f"<{typed}>", "out": typed, "list": [typed, 1], "k": typed}


@given(TYPED)
def test_a_form_keeps_its_fields(typed: str) -> None:
    body = (build(FORM, typed).body or b"").decode("ascii")

    expected = typed.encode("utf-8", "replace").decode()
    assert parse_qs(body, keep_blank_values=True, strict_parsing=True) == {"a": [expected], "b": [expected], "c": ["1"]}


@given(TYPED)
def test_a_rich_message_keeps_its_structure(typed: str) -> None:
    text = '{"type": "text", "text": "Hi {$userMessage}", "more": {$userMessage}, "t\\\\": ["{$userMessage}"]}'
    scope = Scope(facts={"userMessage": typed})

    message = json.loads(template.render(text, scope, position=template.Position.JSON))

    assert message == {"type": "text", "text": f"Hi {typed}", "more": typed, "t\\": [typed]}


@pytest.mark.parametrize("start", ["{$userMessage}", "{$query}", "{$botContext.slot.s}", "{$botContext.typed}"])
@given(TYPED)
def test_no_words_of_the_consumer_begin_a_url(start: str, typed: str) -> None:
    spec = IntegrationSpec("k", "O", "O", url=f"{start}/x")

    with pytest.raises(RequestNotBuilt):
        build(spec, typed)
