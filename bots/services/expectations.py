"""Compare what a turn of a conversation test gave with what the transcript expects, one expectation at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bots.engine.state import Occurrence, Reply
from credentials import wire
from integrations.engine.json_values import Json, dumps, to_text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn gave. waiting_at is the name of an interaction; context is {scope: {namespace: {key: value}}}."""

    replies: Sequence[Reply] = ()
    waiting_at: str = ""
    variables: Mapping[str, Json] = field(default_factory=dict)
    calls: Sequence[wire.Outgoing] = ()
    occurrences: Sequence[Occurrence] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One expectation: what it is about, whether it holds, and both values as they are shown."""

    name: str
    ok: bool
    expected: Any = None
    actual: Any = None


def check(expect: Mapping[str, Any], *, outcome: Outcome) -> list[Finding]:
    """Return one finding for each thing that is expected, in the order of the turn's outcome."""
    return [finding for key, compare in COMPARISONS.items() if key in expect for finding in compare(expect, outcome)]


def _messages(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    """Compare one by one; further messages are an error of their own, unless the rest is free."""
    expected = expect["messages"] or []
    actual = [{"kind": reply.kind, **reply.body} for reply in outcome.replies]
    for number, message in enumerate(expected, 1):
        given = actual[number - 1] if number <= len(actual) else None
        yield Finding(f"message {number}", given is not None and _fits(message, given), message, given)
    further = actual[len(expected) :]
    if "messages_rest" in expect:
        return
    if further or not expected:
        yield Finding("no further messages" if expected else "no messages", not further, [], further)


def _waiting(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    expected, actual = expect["waiting_at"], outcome.waiting_at or None
    yield Finding("waiting_at", expected == actual, expected, actual)


def _variables(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    for name, expected in (expect["vars"] or {}).items():
        actual = outcome.variables.get(name)
        yield Finding(f"variable {name}", _value_fits(expected, actual), expected, _plain(actual))


def _value_fits(expected: Any, actual: Json) -> bool:
    if actual is None:
        return False
    if expected == "any":
        return True
    if isinstance(expected, dict) and set(expected) == {"json"}:
        return bool(_document(actual) == _plain(expected["json"]))
    return to_text(expected) == to_text(actual)


def _unset(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    for name in expect["vars_unset"] or []:
        actual = outcome.variables.get(name)
        yield Finding(f"variable {name} is not set", actual is None, None, _plain(actual))


def _calls(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    expected = expect["api_calls"] or []
    actual = [_call(call) for call in outcome.calls]
    for number, call in enumerate(expected, 1):
        given = actual[number - 1] if number <= len(actual) else None
        yield Finding(f"API call {number}", given is not None and _call_fits(call, given), call, given)
    if len(actual) > len(expected) or not expected:
        further = actual[len(expected) :]
        yield Finding("no further API calls" if expected else "no API calls", not further, [], further)


def _call(call: wire.Outgoing) -> dict[str, Any]:
    given: dict[str, Any] = {"method": call.method, "url": call.url, "headers": dict(call.headers)}
    if call.body:
        given["json_body"] = _document(call.body.decode("utf-8", "replace"))
    return given


def _call_fits(expected: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    headers = {name.lower(): value for name, value in given["headers"].items()}
    return (
        all(expected[key] == given[key] for key in ("method", "url") if key in expected)
        and all(headers.get(name.lower()) == str(value) for name, value in (expected.get("headers") or {}).items())
        and ("json_body" not in expected or expected["json_body"] == given.get("json_body"))
    )


def _events(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    """Find the events in this order; others may stand between them."""
    actual = [{**occurrence.detail, "type": occurrence.type} for occurrence in outcome.occurrences]
    at = 0
    for number, event in enumerate(expect["events"] or [], 1):
        found = next((index for index in range(at, len(actual)) if _fits(event, actual[index])), None)
        yield Finding(f"event {number}", found is not None, event, actual[at:] if found is None else actual[found])
        at = at if found is None else found + 1


def _context(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Finding]:
    for scope, namespaces in (expect["context_store"] or {}).items():
        for namespace, values in namespaces.items():
            for key, expected in values.items():
                actual = outcome.context.get(scope, {}).get(namespace, {}).get(key)
                name = f"context {scope}.{namespace}.{key}"
                yield Finding(name, _plain(actual) == _plain(expected), expected, _plain(actual))


COMPARISONS: dict[str, Callable[[Mapping[str, Any], Outcome], Iterator[Finding]]] = {
    "messages": _messages,
    "waiting_at": _waiting,
    "vars": _variables,
    "vars_unset": _unset,
    "api_calls": _calls,
    "events": _events,
    "context_store": _context,
}


def _fits(expected: Any, actual: Any) -> bool:
    """Compare texts without outer blanks, lists in length and order, of objects the keys given; `json` by value."""
    if isinstance(expected, dict):
        if not isinstance(actual, Mapping):
            return False
        return all(
            key in actual and (_plain(value) == _plain(actual[key]) if key == "json" else _fits(value, actual[key]))
            for key, value in expected.items()
        )
    if isinstance(expected, list):
        if not isinstance(actual, list | tuple) or len(expected) != len(actual):
            return False
        return all(_fits(one, other) for one, other in zip(expected, actual, strict=True))
    if expected is None or actual is None:
        return expected is actual
    return to_text(expected).strip() == to_text(actual).strip()


def _plain(value: Json) -> Any:
    """Return a value with its numbers as numbers, so that 3 and the spelling "3" of a response are the same."""
    return None if value is None else json.loads(dumps(value))


def _document(value: Json) -> Any:
    """Return the document that a text holds, or the structure that a variable is."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return _plain(value)
