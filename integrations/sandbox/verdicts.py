"""Turns a child's answer, which may be forged, into outcomes; anything unexpected counts as a crash of the child.

Knows the operations of ScriptOutcome and their types; knows nothing of processes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from integrations.engine import json_values
from integrations.engine.json_values import Json
from integrations.engine.scripts import RegexOutcome, ScriptError, ScriptOutcome

MAX_OPERATIONS = 2_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")

SENTENCES: Final = {
    "timeout": "The script ran longer than {seconds:.2g} s and was stopped. Look for a loop that never ends.",
    "memory": "The script needed more memory than a script may have (64 MB) and was stopped.",
    "crash": "The script broke the sandbox it ran in and was stopped.",
    "killed": "The process that ran the script was killed from outside, and so was the next one that ran it. The "
    "operator's log says when; the machine may have too little memory.",
}


class Forged(Exception):
    """The answer is not one that our own code in the child gives."""


def _text(value: Json) -> Json:
    if type(value) is not str:
        raise Forged("a text is expected")
    return value


def _flag(value: Json) -> Json:
    if not isinstance(value, bool):
        raise Forged("true or false is expected")
    return value


def _number(value: Json) -> int:
    if not isinstance(value, json_values.NumberText) or not re.fullmatch(r"\d{1,10}", value):
        raise Forged("a whole number is expected")
    return int(value)


def _optional_number(value: Json) -> int | None:
    return None if value is None else _number(value)


def _texts(value: Json) -> Json:
    if not isinstance(value, list):
        raise Forged("a list is expected")
    return [_text(item) for item in value]


def _replies(value: Json) -> Json:
    if not isinstance(value, list):
        raise Forged("a list is expected")
    return [_shaped(reply, {"title": _text, "payload": _text}) for reply in value]


def _one_of(*names: str) -> Callable[[Json], Json]:
    def check(value: Json) -> Json:
        if value not in names:
            raise Forged("one of the agreed names is expected")
        return value

    return check


def _anything(value: Json) -> Json:
    return value


Shape = Mapping[str, Callable[[Json], Json]]

_OPERATIONS: Final[Mapping[str, Shape]] = {
    "set": {"name": _text, "value": _anything, "scope": _one_of("request", "session"), "forever": _flag},
    "trigger": {"name": _text},
    "delay": {"ms": _number},
    "allow_max": {"value": _flag},
    "quick_replies": {"replies": _replies},
    "message": {"text": _text},
    "message_replies": {"text": _text, "replies": _replies},
    "immediate": {"texts": _texts},
    "private": {"text": _text},
    "debug": {"text": _text},
    "refused": {"text": _text},
    "event": {"message": _text, "name": _text, "detail": _text},
    "escalation": {"message": _text, "type": _text},
    "context": {
        "action": _one_of("set", "delete", "delete_all", "register", "delete_namespace"),
        "scope": _one_of("", "global", "user", "conversation"),
        "namespace": _text,
        "key": _text,
        "value": _anything,
        "ttl": _optional_number,
    },
    "user": {"field": _one_of("name", "email"), "value": _text},
    "transfer": {"field": _one_of("intent", "intent_id", "message", "domain"), "value": _text},
    "stub": {"name": _text},
    "unsupported": {"name": _text},
}


def script_outcome(answer: bytes) -> ScriptOutcome:
    """Read the answer to a script call; raises Forged."""
    given = _read(answer)
    if "syntax" in given:
        return ScriptOutcome(error=_error("syntax", given["syntax"]))
    operations, error = given.get("operations"), given.get("error")
    if not isinstance(operations, list) or len(operations) > MAX_OPERATIONS:
        raise Forged("a list of operations is expected")
    return ScriptOutcome(
        operations=tuple(map(_operation, operations)),
        error=None if error is None else _error("script", error),
    )


def syntax_error(answer: bytes) -> ScriptError | None:
    """Read the answer to a syntax check; raises Forged."""
    given = _read(answer)
    return _error("syntax", given["syntax"]) if "syntax" in given else None


def regex_outcome(answer: bytes) -> RegexOutcome:
    """Read the answer to a match; raises Forged."""
    given = _read(answer)
    if "error" in given:
        return RegexOutcome(None, error=_text(given["error"]))
    return RegexOutcome(_flag(given.get("matched")), groups=tuple(_texts(given.get("groups"))))


def _read(answer: bytes) -> dict[str, Json]:
    try:
        text = answer.decode()
        given = json_values.loads(text)
    except ValueError as error:
        raise Forged("the answer is not JSON, or is nested too deep") from error
    if not isinstance(given, dict):
        raise Forged("an object is expected")
    return dict(_well_formed(given)) if _SURROGATE_ESCAPE.search(text) else given


def _well_formed(value: Json) -> Json:
    """Replace halves of surrogate pairs, which neither UTF-8 nor the database take. Depth is already checked."""
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", key): _well_formed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_well_formed(item) for item in value]
    return _SURROGATE.sub("\ufffd", value) if type(value) is str else value


def _operation(given: Json) -> Mapping[str, Json]:
    shape = _OPERATIONS.get(str(given.get("op"))) if isinstance(given, dict) else None
    if shape is None:
        raise Forged("an unknown operation")
    return {"op": given["op"], **_shaped(given, shape)}


def _shaped(given: Json, shape: Shape) -> dict[str, Any]:
    if not isinstance(given, dict) or not shape.keys() <= given.keys():
        raise Forged("a member is missing")
    return {name: check(given[name]) for name, check in shape.items()}


def _error(kind: Any, given: Json) -> ScriptError:
    if not isinstance(given, dict):
        raise Forged("an error is an object")
    prefix = "In the global functions: " if given.get("globals") else ""
    line, column = (_place(given.get(name)) for name in ("line", "column"))
    return ScriptError(kind, prefix + str(_text(given.get("message"))), line, column if line else 0)


def _place(value: Json) -> int:
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value) else 0
