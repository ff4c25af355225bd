"""Bodies that come with a success and are not what they should be: what becomes of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from integrations.engine.json_values import dumps
from integrations.engine.scope import Scope
from integrations.engine.spec import Row
from tests.services.egress_calls import OK, Start, raw
from tests.services.egress_servers import Handler
from tests.torture.case import Case, expect
from tests.torture.doors import LOOPBACK, Ways
from tests.torture.responses_cases import MOST_MEMORY, peak
from tests.torture.responses_servers import whole


def becomes(start: Start, *, handler: Handler, data: Any, fields: dict[str, str]) -> None:
    """The call succeeds; its variables hold this, and can be written as JSON for the store."""
    server, before = start(handler), peak()
    scope = Scope()
    rows = tuple(Row(name, path) for name, path in (("a", "{$.api_R.a}"), ("all", "{$.api_R.list[i].a}")))
    outcome = Ways(policy=LOOPBACK, seconds=20.0).outcome(server.url, scope, fields=rows)
    expect(outcome.ok, f"It ended as {outcome.kind}: {outcome.message}")
    grown = peak() - before
    expect(grown < 3 * MOST_MEMORY, f"It took {grown // 1024} MiB")
    if data is not ...:
        found = json.loads(str(scope.get("api_R")["jsonData"]), parse_int=str, parse_float=str)["api_R"]
        expect(found == data, f"It became {str(found)[:200]!r}")
    for name, value in fields.items():
        expect(scope.text(f"Order.{name}") == value, f"The field {name} is {scope.text(f'Order.{name}')[:100]!r}")
    dumps(scope.session).encode()


def typed(content_type: str) -> Callable[[bytes], Handler]:
    return lambda body: whole(body, Content_Type=content_type)


def charset(name: str) -> Callable[[bytes], Handler]:
    return typed(f"application/json; charset={name}")


JSON = typed("application/json")
NINES = "9" * 10_000
UMLAUT = '{"a":"ü"}'

DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
BODIES: dict[str, tuple[Handler, Any, dict[str, str]]] = {
    "a hundred thousand levels": (JSON(DEEP), ..., {"a": ""}),
    "a million brackets": (JSON(b"[" * 1_000_000), ..., {"a": ""}),
    "a million empty lists": (JSON(b"[" + b"[]," * 1_000_000 + b"[]]"), ..., {}),
    "a million empty objects": (JSON(b'{"a":"x","list":[' + b"{}," * 1_000_000 + b"{}]}"), ..., {}),
    "one text of four megabytes": (JSON(b'{"a":"' + b"x" * 4_000_000 + b'"}'), ..., {}),
    "the same key twice": (JSON(b'{"a":1,"a":2}'), {"a": "2"}, {"a": "2"}),
    "not a number": (JSON(b'{"a":NaN}'), '{"a":NaN}', {"a": ""}),
    "infinity": (JSON(b'{"a":-Infinity}'), '{"a":-Infinity}', {"a": ""}),
    "a number of ten thousand digits": (
        JSON(b'{"a":' + b"9" * 10_000 + b"}"),
        {"a": "9" * 10_000},
        {"a": "9" * 10_000},
    ),
    "a number beyond all floats": (JSON(b'{"a":1e999999999}'), {"a": "1e999999999"}, {"a": "1e999999999"}),
    "numbers in their own spelling": (JSON(b'{"a":1.10}'), {"a": "1.10"}, {"a": "1.10"}),
    "half of a pair": (JSON(b'{"a":"\\ud800"}'), ..., {}),
    "a zero byte": (JSON(b'{"a":"\\u0000"}'), {"a": "\x00"}, {"a": "\x00"}),
    "keys of the language": (JSON(b'{"__proto__":{"a":1},"a":2}'), {"__proto__": {"a": "1"}, "a": "2"}, {"a": "2"}),
    "a comma too many": (JSON(b'{"a":1,}'), '{"a":1,}', {"a": ""}),
    "two documents": (JSON(b'{"a":1}{"a":2}'), '{"a":1}{"a":2}', {"a": ""}),
    "HTML in the place of JSON": (JSON(b"<!doctype html><p>Sign in"), "<!doctype html><p>Sign in", {"a": ""}),
    "HTML that calls itself HTML": (typed("text/html")(b"<p>x"), "<p>x", {"a": ""}),
    "JSON that calls itself HTML": (typed("text/html")(b'{"a":1}'), {"a": "1"}, {"a": "1"}),
    "no type at all": (whole(b'{"a":1}'), {"a": "1"}, {"a": "1"}),
    "nothing with 200": (JSON(b""), None, {"a": ""}),
    "blanks with 200": (JSON(b" \r\n\t "), None, {"a": ""}),
    "nothing with 204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n", stay=True), None, {"a": ""}),
    "nothing with 205": (raw(b"HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", stay=True), None, {"a": ""}),
    "nothing, compressed": (whole(b"", Content_Encoding="gzip"), None, {"a": ""}),
    "a mark before UTF-8": (JSON(b"\xef\xbb\xbf" + UMLAUT.encode()), {"a": "ü"}, {"a": "ü"}),
    "UTF-16 with its mark": (JSON(UMLAUT.encode("utf-16")), {"a": "ü"}, {"a": "ü"}),
    "UTF-16 without a mark": (JSON(UMLAUT.encode("utf-16-le")), {"a": "ü"}, {"a": "ü"}),
    "UTF-32 with its mark": (JSON(UMLAUT.encode("utf-32")), {"a": "ü"}, {"a": "ü"}),
    "Latin-1 that says so": (
        charset("latin-1")(UMLAUT.encode("latin-1")),
        {"a": "ü"},
        {"a": "ü"},
    ),
    "Latin-1 that says UTF-8": (
        charset("utf-8")(UMLAUT.encode("latin-1")),
        {"a": "\ufffd"},
        {},
    ),
    "a charset that does not exist": (charset("klingon")(UMLAUT.encode()), {"a": "ü"}, {}),
    "a charset that is none": (charset("rot13")(b'{"a":1}'), {"a": "1"}, {}),
    "a charset that takes hours": (
        charset("punycode")(b'{"a":"' + b"x" * 500_000 + b'-"}'),
        ...,
        {},
    ),
    "a charset without end": (charset("u" * 20_000)(b'{"a":1}'), {"a": "1"}, {}),
    "UTF-7": (charset("utf-7")(b'{"a":"+ADw-"}'), {"a": "+ADw-"}, {}),
    "bytes of no charset": (typed("application/octet-stream")(bytes(range(256)) * 100), ..., {"a": ""}),
    "headers folded over lines": (
        raw(OK + b"X-A: a\r\n b\r\nContent-Length: 7\r\n\r\n" + b'{"a":1}', stay=True),
        {"a": "1"},
        {},
    ),
    "a gzip bomb within gzip, one layer": (
        whole(gzip.compress(gzip.compress(bytes(1000))), Content_Encoding="gzip"),
        ...,
        {},
    ),
}


CASES = [
    *(
        Case(
            f"body: {name}",
            "The call succeeds and its variables hold what can be read, within bounded memory.",
            partial(becomes, handler=handler, data=data, fields=fields),
            seconds=60,
        )
        for name, (handler, data, fields) in BODIES.items()
    ),
]
