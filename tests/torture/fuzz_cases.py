"""Whatever a consumer types: the request that arrives has the shape that it has with a harmless word, or there is none.

Every position of a template, filled by a property-based search, built and sent by the product, read by a strict server.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from integrations.engine import call as engine
from integrations.engine.errors import RequestNotBuilt
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec, Row
from tests.torture.case import Case, expect
from tests.torture.doors import LOOPBACK, Ways
from tests.torture.strict_server import StrictServer

HARMLESS = "word"
# What attackers type, glued together by the search with anything else.
SEEDS = [
    *("/", "..", "../", "/../..", "%2e%2e", "%2f", "%252e", "\\", "//", "?", "&", "=", "&a=b", "#", ";", ":", "@"),
    *("%", "%zz", "+", " ", "a=b&c=d", "\r\n", "\n", "\r", "\x00", "\t", "\x0b", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("\r\nX-Evil: 1", "\r\n\r\nGET / HTTP/1.1", '"', "'", '\\"', '","a":"b', '"}', '{"a":1}', "[1]", "null", "true"),
    *("1", "-0", "1e999", "NaN", "{", "}", "[", "]", ",", "{$userMessage}", "{$botContext.secret}", "{Other.field}"),
    *("{$env.base}", "{$.api_R.a}", "${x}", "{{x}}", "{%x%}", "é", "ü", "😀", "\ud800", "\udfff", "İ", "ﬀ", "\u202e"),
    *("\u200b", "a" * 300, "<script>", "' OR 1=1", "`", "$"),
]
ALWAYS = ("&a=b#c", "/../../x?y=1", '","a":"b', '{"a":1}', "1,2", "\r\nX-Evil: 1", "%41%2f", "=b;c", "\\", "\ud800")
ANYTHING = st.one_of(st.sampled_from(SEEDS), st.text(max_size=6), st.characters())
TYPED = st.lists(ANYTHING, max_size=6).map("".join).filter(str.strip)  # a blank message is refused

JSON_TYPE, FORM_TYPE = (Row("Content-Type", kind) for kind in ("application/json", "application/x-www-form-urlencoded"))
# Each position with a template for it; URL stands for the server's address, VALUE for the variable.
POSITIONS: dict[str, dict[str, Any]] = {
    "the path": {"url": "URL/a/VALUE/b"},
    "a part of a path's segment": {"url": "URL/a/x-VALUE.json"},
    "the end of the path": {"url": "URL/a/VALUE"},
    "two neighbours in the path": {"url": "URL/VALUEVALUE/VALUE"},
    "the path behind a dot": {"url": "URL/a/.VALUE/b"},
    "the query": {"url": "URL/a?x=VALUE&y=1"},
    "the name of a query parameter": {"url": "URL/a?xVALUE=1&y=2"},
    "behind a percent sign in the query": {"url": "URL/a?x=100%VALUE&y=1"},
    "a request parameter": {"url": "URL/a", "parameters": (Row("p", "VALUE"), Row("q", "aVALUEb"))},
    "a request parameter behind a query": {"url": "URL/a?x=1", "parameters": (Row("p", "VALUE"),)},
    "a header": {"url": "URL/a", "headers": (Row("X-Text", "VALUE"), Row("X-More", "a VALUE b"))},
    "a JSON text": {"body": '{"a": "VALUE", "b": "x VALUE y", "c": [1, "VALUE"]}', "headers": (JSON_TYPE,)},
    "a JSON text behind a backslash": {"body": '{"a": "\\\\VALUE", "b": 1}', "headers": (JSON_TYPE,)},
    "a JSON key": {"body": '{"kVALUE": 1, "b": 2}', "headers": (JSON_TYPE,)},
    "a JSON value": {"body": '{"a": VALUE, "b": [VALUE, 1]}', "headers": (JSON_TYPE,)},
    "JSON without a type": {"body": '{"a": "VALUE", "b": VALUE}', "use_default_headers": False},
    "a form": {"body": "a=VALUE&b=xVALUEy&c=1", "headers": (FORM_TYPE,)},
    "other text": {"body": "a VALUE b", "headers": (Row("Content-Type", "text/plain"),)},
}
SOURCES = {
    "the consumer's message": ("{$userMessage}", lambda text: Scope(facts={"userMessage": text})),
    "a slot": ("{$botContext.slot.s}", lambda text: _set("slot.s", text, consumer=True)),
    "a variable that holds the consumer's words": ("{$botContext.v}", lambda text: _set("v", text, consumer=True)),
}


def _set(name: str, text: str, *, consumer: bool) -> Scope:
    scope = Scope()
    scope.set(name, text, consumer=consumer)
    return scope


OUT = Ways(policy=LOOPBACK)
SEARCH = settings(deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])


def _definition(position: dict[str, Any], variable: str, server: StrictServer) -> IntegrationSpec:
    def filled(text: str) -> str:
        return text.replace("VALUE", variable).replace("URL", f"http://127.0.0.1:{server.port}")

    def rows(name: str) -> tuple[Row, ...]:
        return tuple(Row(row.key, filled(row.value)) for row in position.get(name, ()))

    return IntegrationSpec(
        key="k",
        name="Order",
        response_variable="R",
        method="POST" if "body" in position else "GET",
        url=filled(position.get("url", "URL/a")),
        body=filled(position.get("body", "")),
        use_default_headers=position.get("use_default_headers", True),
        retries=0,
        headers=rows("headers"),
        parameters=rows("parameters"),
    )


def _arrived(server: StrictServer, definition: IntegrationSpec, scope: Scope) -> dict[str, Any] | None:
    """Send it; return the shape that the server saw, None when the call failed with a sentence instead."""
    before = len(server.seen)
    try:
        request = engine.build(definition, scope)
    except RequestNotBuilt as refused:
        expect(str(refused).endswith("."), f"No sentence: {refused}")
        return None
    ended = OUT.by_call_of(request)
    if ended.kind == "request":
        expect(len(server.seen) == before and ended.message.endswith("."), f"It was refused and sent: {ended}")
        return None
    expect(len(server.seen) == before + 1, f"{len(server.seen) - before} requests arrived: {ended}")
    return server.seen[-1].shape()


def keeps_its_shape(
    strict_server: StrictServer,
    *,
    position: dict[str, Any],
    variable: str,
    scope_of: Callable[[str], Scope],
    examples: int,
) -> None:
    definition = _definition(position, variable, strict_server)
    harmless = _arrived(strict_server, definition, scope_of(HARMLESS))
    expect(harmless is not None and not harmless["fault"], f"Even a harmless word gives {harmless}")
    expected = _comparable(harmless or {}, position)

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck]
    )
    @_tried_always
    @given(TYPED)
    def search(text: str) -> None:
        arrived = _arrived(strict_server, definition, scope_of(text))
        if arrived is not None:
            found = _comparable(arrived, position)
            expect(found == expected, f"{text!r} gives {json.dumps(found)} and not {json.dumps(expected)}")

    search()


def _tried_always(search: Callable[[str], None]) -> Callable[[str], None]:
    """One attack on each kind of place, so that no short search misses them by chance."""
    for text in ALWAYS:
        search = example(text)(search)
    return search


def _comparable(shape: dict[str, Any], position: dict[str, Any]) -> dict[str, Any]:
    """Where a template itself puts the value into a name, what counts is how many names there are."""
    if position is POSITIONS["a JSON key"]:
        return shape | {"body": sorted(shape["body"].values())}
    if position is POSITIONS["the name of a query parameter"]:
        return shape | {"parameters": len(shape["parameters"])}
    return shape


def is_not_expanded(strict_server: StrictServer) -> None:
    """A value that looks like a variable stays what it is."""
    scope = Scope(facts={"userMessage": "{$botContext.secret}"})
    scope.set("secret", "s3cret")
    for name, position in POSITIONS.items():
        _arrived(strict_server, _definition(position, "{$userMessage}", strict_server), scope)
        seen = strict_server.seen[-1]
        expect("s3cret" not in f"{seen.target}{seen.headers}{seen.body!r}", f"In {name} the secret arrived.")


def does_not_choose_the_host(strict_server: StrictServer) -> None:
    for source, (variable, scope_of) in SOURCES.items():
        before = len(strict_server.seen)
        definition = IntegrationSpec("k", "Order", "R", url=f"{variable}/x", retries=0)
        arrived = _arrived(strict_server, definition, scope_of(f"http://127.0.0.1:{strict_server.port}"))
        expect(arrived is None and len(strict_server.seen) == before, f"{source} chose the host of the call.")


def is_refused(*, url: str, headers: tuple[Row, ...], text: str) -> None:
    definition = IntegrationSpec("k", "Order", "R", url=url, headers=headers)
    try:
        built = engine.build(definition, Scope(facts={"userMessage": text}))
    except RequestNotBuilt as refused:
        expect(str(refused).endswith("."), f"No sentence: {refused}")
    else:
        expect(False, f"It was built: {built}")


def stays_a_percent_sign(strict_server: StrictServer) -> None:
    """`%` and then the digits 41 are not the letter A."""
    definition = _definition(POSITIONS["behind a percent sign in the query"], "{$userMessage}", strict_server)
    _arrived(strict_server, definition, Scope(facts={"userMessage": "41"}))
    expect("x=100%2541&" in strict_server.seen[-1].target, f"It arrived as {strict_server.seen[-1].target}")


def keeps_its_depth_without_a_word(strict_server: StrictServer) -> None:
    """Nothing stands where a word should: the part is there and empty, as it is in Conversation Builder."""
    for name in ("URL/a/VALUE/b", "URL/a/VALUE", "URL/a/VALUEVALUE/VALUE/b"):
        definition = _definition({"url": name}, "{$botContext.v}", strict_server)
        whole, empty = (_arrived(strict_server, definition, _set("v", text, consumer=True)) for text in (HARMLESS, ""))
        expect(whole and whole == empty, f"With nothing in {name} it is {empty}, with a word {whole}")


_URL = "http://api.example.test/a/{$userMessage}/b"
SAME = "What arrives has the shape that it has with a harmless word, or the call fails with a sentence."
CASES = [
    *(
        Case(
            f"{source} in {name}",
            SAME,
            partial(keeps_its_shape, position=position, variable=variable, scope_of=scope_of, examples=120),
            short=False,
        )
        for name, position in POSITIONS.items()
        for source, (variable, scope_of) in SOURCES.items()
    ),
    *(
        Case(
            f"the consumer's message in {name}, in short",
            SAME,
            partial(
                keeps_its_shape,
                position=position,
                variable="{$userMessage}",
                scope_of=SOURCES["the consumer's message"][1],
                examples=25,
            ),
        )
        for name, position in POSITIONS.items()
    ),
    *(
        Case(
            f"a consumer who walks up{how}",
            "The call is not made.",
            partial(is_refused, url=_URL, headers=(), text=text),
        )
        for how, text in (("", ".."), (" by one dot", "."))
    ),
    *(
        Case(
            f"a consumer's {name} in a header",
            "The call is not made.",
            partial(is_refused, url=_URL, headers=(Row("X-A", "{$userMessage}"),), text=text),
        )
        for name, text in (("line break", "a\nX: y"), ("zero byte", "a\x00"), ("C1 control", "a\x85X: y"))
    ),
    Case("digits behind a percent sign", "They stay what they are.", stays_a_percent_sign),
    Case("a message that looks like a variable", "It is not expanded again, in any position.", is_not_expanded),
    Case("no word at all in the path", "Its part is empty, and is there.", keeps_its_depth_without_a_word),
    Case("a consumer's words at the start of a URL", "The call is not made.", does_not_choose_the_host),
]
