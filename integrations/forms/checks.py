"""What can be told about a definition without calling anything. One sentence a problem; nothing is fetched or run."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from integrations.engine import call, jsonpath, positions, template
from integrations.engine.errors import MalformedPath, RequestNotBuilt
from integrations.engine.spec import IntegrationSpec, Row
from integrations.services import samples

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOTHING = IntegrationSpec(key="", name="", response_variable="", use_default_headers=False)
_REACHABLE = re.compile(r"[\w\-]+(?: [\w\-]+)*(?:\.[\w\-]+(?: [\w\-]+)*)*")
_ROOT = re.compile(r"\$\.([^.\[]+)")
IMPORTED_NAME = (
    "This imported name is kept, but texts cannot read it: begin with a letter or _, then letters, digits, _."
)
_UNREAD = re.compile(r"\{\$[^}]*")

Rows = Sequence[dict[str, Any]]


def name(text: str) -> str:
    """The problem of an Integration Name or Response Data Variable Name, or nothing."""
    if NAME.fullmatch(text):
        return ""
    return "Begin with a letter or _, then use only letters, digits and _. Anything else cannot be read in a text."


def url(text: str) -> str:
    """The problem of a URL template, or nothing; the URL that variables make of it is checked at each call."""
    return _refusal(replace(_NOTHING, url=text))


def _refusal(definition: IntegrationSpec) -> str:
    """Build the request with values that fit, and return why it cannot be built."""
    values = {each.source: "1" for each in call.placeholders(definition)}
    first = template.names(definition.url)[:1]
    if first and first[0].start == 0:
        values[first[0].source] = "https://host.example"
    scope = samples.scope_for(definition, values=values, environment={}, facts={})
    try:
        call.build(definition, scope)
    except RequestNotBuilt as problem:
        return problem.message
    return ""


def warnings(definition: IntegrationSpec) -> dict[str, list[str]]:
    """By field, what is allowed but probably not meant."""
    found = {
        "name": [IMPORTED_NAME] if definition.name and name(definition.name) else [],
        "response_variable": [IMPORTED_NAME]
        if definition.response_variable and name(definition.response_variable)
        else [],
        "body": list(_body_warnings(definition)),
        "fields": list(_field_warnings(definition)),
    }
    return {field: sentences for field, sentences in found.items() if sentences}


def headers(rows: Rows) -> Iterator[str]:
    """The problems of header names and values, one sentence a row."""
    for number, row in _used(rows):
        header = Row(row["key"], row["value"])
        if problem := _refusal(replace(_NOTHING, url="https://host.example/", headers=(header,))):
            yield f"Row {number}: {problem}"


def paths(rows: Rows) -> Iterator[str]:
    """The problems of the JSON paths in custom data fields."""
    for number, row in _used(rows):
        for placeholder in template.names(row["value"]):
            if placeholder.kind == "path" and (problem := _path(placeholder.name)):
                yield f"Row {number}, {row['key']}: {problem}"
        if unread := _unread(row["value"]):
            yield f"Row {number}, {row['key']}: {unread[:60]} is not understood. Is a brace missing?"


def _unread(text: str) -> str:
    """What begins like a variable and is none."""
    known = {each.start for each in template.names(text)}
    return next((match[0] for match in _UNREAD.finditer(text) if match.start() not in known), "")


def _path(source: str) -> str:
    try:
        jsonpath.parse(source)
    except MalformedPath as problem:
        return problem.message
    return ""


def _field_warnings(definition: IntegrationSpec) -> Iterator[str]:
    """Fields that no text can reach, that stand there twice, or that read another response."""
    used = [row for row in definition.fields if row.enabled]
    for key, times in Counter(row.key for row in used).items():
        if times > 1:
            yield f"{key} stands there {times} times; the last row wins."
    for row in used:
        if not _REACHABLE.fullmatch(row.key):
            yield f"{row.key} cannot be read as {{{definition.name}.{row.key}}}: use letters, digits, _ and hyphens."
        for placeholder in template.names(row.value):
            root = _ROOT.match(placeholder.name)
            if placeholder.kind == "path" and root and root[1] != definition.response_name:
                yield f"{row.key} reads {root[1]}, but the response of this call is {definition.response_name}."


def _body_warnings(definition: IntegrationSpec) -> Iterator[str]:
    if not definition.body.strip():
        return
    if definition.method not in call.WITH_BODY:
        yield f"A {definition.method} request sends no body; it is kept, but not used."
    elif _sends_json(definition):
        try:
            json.loads(_filled(definition.body))
        except ValueError as problem:
            yield f"This is not JSON: {problem}. The API will get it as it stands."


def _sends_json(definition: IntegrationSpec) -> bool:
    given = [row.value for row in definition.headers if row.enabled and row.key.lower() == "content-type"]
    content_type = given[0] if given else call.DEFAULT_TYPE if definition.use_default_headers else ""
    return call.body_position(content_type, definition.body) is template.Position.JSON


def _filled(text: str) -> str:
    """A JSON template with something that fits in place of each variable."""
    place, pieces, at = positions.JsonPlace(), [], 0
    for placeholder in template.names(text):
        literal = text[at : placeholder.start]
        place.read(literal)
        pieces += [literal, "x" if place.inside else "null"]
        at = placeholder.end
    return "".join(pieces) + text[at:]


def _used(rows: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    return ((number, row) for number, row in enumerate(rows, start=1) if row["enabled"])
