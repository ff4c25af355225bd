"""Building requests: every row of the escaping table, and what is refused before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.engine import call
from integrations.engine.errors import RequestNotBuilt
from integrations.engine.json_values import NumberText
from integrations.engine.outcome import OutgoingRequest
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec, Row

HOST = "https://api.example.test"


def make_scope(message: str = "hello", **session: Any) -> Scope:
    return Scope(
        session={"base": f"{HOST}/v1", "n": NumberText("1.50"), **session},
        environment={"baseUrl": f"{HOST}:8443/root"},
        facts={"userMessage": message},
    )


def build(url: str = f"{HOST}/", scope: Scope | None = None, **values: Any) -> OutgoingRequest:
    spec = IntegrationSpec("k", "Order", "Order", url=url, **values)
    return call.build(spec, scope or make_scope())


def refusal(url: str = f"{HOST}/", scope: Scope | None = None, **values: Any) -> str:
    with pytest.raises(RequestNotBuilt) as raised:
        build(url, scope, **values)
    assert str(raised.value).endswith(".")
    return str(raised.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("{$env.baseUrl}/orders", f"{HOST}:8443/root/orders"),
        ("{$botContext.base}/orders", f"{HOST}/v1/orders"),
        (" https://api.example.test/x ", f"{HOST}/x"),
        ("HTTPS://API.example.TEST/Ab", f"{HOST}/Ab"),
        ("https://api.example.test", f"{HOST}/"),
        ("https://api.example.test?a=1", f"{HOST}/?a=1"),
        ("https://api.example.test:8080/", f"{HOST}:8080/"),
        ("https://{$botContext.region}.example.test:{$botContext.port}/", "https://eu-1.example.test:81/"),
        ("https://api.example.test/a/{$userMessage}/b", f"{HOST}/a/hello/b"),
        ("https://api.example.test/a?q={$userMessage}#top", f"{HOST}/a?q=hello"),
        ("https://api.example.test/ä b?ö=[1]&x={y}", f"{HOST}/%C3%A4%20b?%C3%B6=%5B1%5D&x=%7By%7D"),
        ("https://api.example.test/a%2Fb%20c?x=%41", f"{HOST}/a%2Fb%20c?x=%41"),
        ("https://api.example.test/100%?p=5%{$botContext.region}", f"{HOST}/100%25?p=5%25eu-1"),
        ("https://bücher.example.test/", "https://xn--bcher-kva.example.test/"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("http://demo_api/x", "http://demo_api/x"),
    ],
)
def test_urls(url: str, expected: str) -> None:
    assert build(url, make_scope(region="eu-1", port="81")).url == expected


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "has to begin with http"),
        ("api.example.test/x", "has to begin with http"),
        ("ftp://api.example.test/", "has to begin with http"),
        ("file:///etc/passwd", "has to begin with http"),
        ("https:api.example.test", "has to begin with http"),
        ("http{$botContext.base}", "before any other variable"),
        ("{$env.nothing}/x", "check that the variable has a value"),
        ("{$userMessage}/x", "which the consumer can choose"),
        ("{$query}", "which the consumer can choose"),
        ("{$quickReplyPayload}/x", "which the consumer can choose"),
        ("{$botContext.slot.host}/x", "which the consumer can choose"),
        ("{$botContext.typed}/x", "which the consumer can choose"),
        ("{$env.nothing}{$userMessage}/x", "which the consumer can choose"),
        ("https://", "names no host"),
        ("https://:80/", "names no host"),
        ("https://api.example.test:99999/", "host or port"),
        ("https://api.example.test:x/", "host or port"),
        ("https://[::1/", "host or port"),
        ("https://a b/", "host of the URL is not valid"),
        ("https://a..b/", "host of the URL is not valid"),
        ("https://-/", "host of the URL is not valid"),
        ("https://evil\\@api.example.test/", "user name or a password"),
        ("https://kim:secret@api.example.test/", "user name or a password"),
        ("https://api.example.test/a\r\nb", "control character"),
        ("https://api.example.test/a/../b", "only . or .."),
        ("https://api.example.test/%2e%2E/b", "only . or .."),
    ],
)
def test_urls_that_are_refused(url: str, complaint: str) -> None:
    scope = make_scope(f"{HOST}/evil", **{"slot.host": HOST})
    scope.set("typed", HOST, consumer=True)

    sentence = refusal(url, scope)

    assert complaint in sentence
    assert "secret" not in sentence


@pytest.mark.parametrize("value", ["evil/", "a@b", "a:b", "a b", "a#", "a?", "a\\b", "ü", "a%2e"])
def test_a_value_in_the_host_may_only_have_letters_digits_dots_and_hyphens(value: str) -> None:
    assert "host or port" in refusal("https://{$userMessage}.example.test/", make_scope(value))
    assert "host or port" in refusal("https://example.test:{$userMessage}/", make_scope(value))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("?x=1#y", "%3Fx%3D1%23y"),
        ("%2e%2e", "%252e%252e"),
        ("é;a=1", "%C3%A9%3Ba%3D1"),
        ("a..b", "a..b"),
        ("...", "..."),
        ("\r\n", "%0D%0A"),
        ("a\\b", "a%5Cb"),
        ("", ""),
    ],
)
def test_a_value_in_the_path_stays_one_part_of_it(value: str, written: str) -> None:
    assert build(f"{HOST}/a/{{$userMessage}}/b", make_scope(value)).url == f"{HOST}/a/{written}/b"


@pytest.mark.parametrize("value", [".", "..", "../x", "x/..", "a/../b", "..\\b"])
def test_a_value_in_the_path_never_walks_up(value: str) -> None:
    assert "only . or .." in refusal(f"{HOST}/a/{{$userMessage}}/b", make_scope(value))


def test_two_values_cannot_join_into_a_walk_up() -> None:
    assert "only . or .." in refusal(f"{HOST}/a/{{$userMessage}}{{$userMessage}}", make_scope("."))


def test_parameters_are_appended_in_order_encoded_and_repeated() -> None:
    rows = (
        Row("q", "{$userMessage} & co"),
        Row("tag", "a"),
        Row("tag", "b"),
        Row("filter[x]", "1"),
        Row("off", "1", enabled=False),
        Row(" ", "no name"),
        Row("empty"),
    )

    url = build(f"{HOST}/x?first=1&#part", make_scope("a&b=c"), parameters=rows).url

    assert url == f"{HOST}/x?first=1&q=a%26b%3Dc%20%26%20co&tag=a&tag=b&filter%5Bx%5D=1&empty="


JSON = "application/json;charset=UTF-8"


def test_default_headers_are_sent_unless_the_author_sets_them() -> None:
    assert build().headers == (("Accept", JSON), ("Content-Type", JSON))
    assert build(headers=(Row("content-type", "text/plain"),)).headers == (
        ("Accept", JSON),
        ("content-type", "text/plain"),
    )
    assert build(headers=(Row("Accept", "x", enabled=False),)).headers[0] == ("Accept", JSON)


def test_default_headers_can_be_switched_off_by_the_author_and_by_the_special_variable() -> None:
    assert build(use_default_headers=False).headers == ()
    assert build(scope=make_scope(__standardHeaders__="off")).headers == ()
    assert build(scope=make_scope(__standardHeaders__="on")).headers != ()


def test_header_values_take_variables_and_keep_other_text() -> None:
    request = build(headers=(Row("X-A", " {$userMessage} é "), Row("X-A", "2")), use_default_headers=False)

    assert request.headers == (("X-A", "hello é"), ("X-A", "2"))


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\n", "\0", "a\x1b", "\u2028"])
def test_a_control_character_in_a_header_value_fails_the_call(value: str) -> None:
    assert "request header X-A" in refusal(headers=(Row("X-A", "{$userMessage}"),), scope=make_scope(value))
    assert "request header X-A" in refusal(headers=(Row("X-A", f"{value}x"),))


@pytest.mark.parametrize("name", ["X A", "X:A", "X\nA", "é", "(a)"])
def test_a_header_name_that_is_none_fails_the_call(name: str) -> None:
    assert "no valid name" in refusal(headers=(Row(name, "1"),))


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Host", "Connection"])
def test_headers_that_frame_the_request_are_not_the_authors(name: str) -> None:
    assert f"Remove the request header {name}" in refusal(headers=(Row(name, "1"),))


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("POST", b"x"),
        ("PUT", b"x"),
        ("PATCH", b"x"),
        ("DELETE", b"x"),
        ("GET", None),
        ("HEAD", None),
        ("OPTIONS", None),
    ],
)
def test_the_body_is_sent_for_four_methods_only(method: str, sent: bytes | None) -> None:
    assert build(method=method, body="x").body == sent


def test_a_blank_body_is_none() -> None:
    assert build(method="POST", body=" \n").body is None


def test_an_unknown_method_is_refused() -> None:
    assert "'TRACE' is not known" in refusal(method="TRACE")


def test_a_json_body_is_escaped_inside_strings_and_typed_outside() -> None:
    body = '{"m": "He said: {$userMessage}", "v": {$userMessage}, "n": {$botContext.n}, "css": "a{b:c}"}'

    sent = build(method="POST", body=body, scope=make_scope('"}, {"x": "\\')).body

    assert json.loads(sent or b"") == {"m": 'He said: "}, {"x": "\\', "v": '"}, {"x": "\\', "n": 1.5, "css": "a{b:c}"}
    assert b'"n": 1.50' in (sent or b"")


@pytest.mark.parametrize("content_type", ["application/vnd.api+json", "text/json; charset=utf-8", "APPLICATION/JSON"])
def test_every_json_type_is_escaped_as_json(content_type: str) -> None:
    sent = build(
        method="PUT",
        body='{"a": "{$userMessage}"}',
        scope=make_scope('"'),
        headers=(Row("Content-Type", content_type),),
    ).body

    assert sent == b'{"a": "\\""}'


def test_a_body_without_any_type_that_is_plainly_json_is_escaped_as_json() -> None:
    sent = build(method="POST", body='{"a": "{$userMessage}"}', scope=make_scope('"'), use_default_headers=False).body

    assert sent == b'{"a": "\\""}'


def test_a_form_body_is_percent_encoded() -> None:
    headers = (Row("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)

    sent = build(method="POST", body="a={$userMessage}&b=2", scope=make_scope("1&b=3 é+"), headers=headers).body

    assert sent == b"a=1%26b%3D3%20%C3%A9%2B&b=2"


def test_any_other_body_is_sent_as_it_is() -> None:
    headers = (Row("Content-Type", "text/xml"),)

    sent = build(method="POST", body="<m>{$userMessage}</m>", scope=make_scope('<"é'), headers=headers).body

    assert sent == '<m><"é</m>'.encode()


def test_unknown_variables_are_told_once_for_the_whole_request() -> None:
    told: list[str] = []
    spec = IntegrationSpec(
        "k", "O", "O", url=f"{HOST}/{{$botContext.a}}", headers=(Row("X", "{$botContext.a}{O.b}"),), method="POST"
    )

    call.build(spec, make_scope(), unknown=told.append)

    assert told == ["$botContext.a", "O.b"]


def test_a_url_that_grows_beyond_reason_is_refused_without_its_values() -> None:
    sentence = refusal(f"{HOST}/?q={{$userMessage}}", make_scope("secret" * 5_000))

    assert "16384 are allowed" in sentence
    assert "secret" not in sentence


def test_placeholders_lists_what_the_request_uses_once() -> None:
    spec = IntegrationSpec(
        "k", "O", "O", url="{$env.b}/{$userMessage}", body="{$botContext.no}", parameters=(Row("q", "{$userMessage}"),)
    )

    assert [each.source for each in call.placeholders(spec)] == ["$env.b", "$userMessage"]
