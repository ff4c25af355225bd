"""Custom data fields: what an author picks out of a response and names, `{Integration.field}`.

Pure. Reads the response variable as the transform script left it, writes the fields into the scope.
"""

from __future__ import annotations

import msgspec
from msgspec import structs

from integrations.engine import jsonpath, lookup, template
from integrations.engine.errors import MalformedPath
from integrations.engine.json_values import Json, dumps
from integrations.engine.outcome import FieldResult
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec, Row

_Part = tuple[template.Placeholder, lookup.Found]
TOO_LARGE = "The value is larger than the conversation may keep, so the field was not set."


class _Reading(msgspec.Struct, frozen=True):
    """What the template of a field gave; `consumer`: it holds the consumer's own words."""

    value: Json
    count: int
    problem: str = ""
    consumer: bool = False


def evaluate(spec: IntegrationSpec, scope: Scope) -> tuple[FieldResult, ...]:
    """Set `<Integration>.<field>` and `.count` for every field and tell what each one found."""
    reader = lookup.Reader(scope, response=spec.response_name)
    return tuple(_set(spec, scope, row, _read(row.value, reader)) for row in rows(spec))


def clear(spec: IntegrationSpec, scope: Scope) -> None:
    """Empty every field, so that a failed call does not leave the values of an earlier one standing."""
    for row in rows(spec):
        _write(scope, f"{spec.name}.{row.key.strip()}", _Reading("", 0))


def rows(spec: IntegrationSpec) -> list[Row]:
    return [row for row in spec.fields if row.enabled and row.key.strip()]


def _set(spec: IntegrationSpec, scope: Scope, row: Row, reading: _Reading) -> FieldResult:
    name = row.key.strip()
    kept = _write(scope, f"{spec.name}.{name}", reading)
    problem = reading.problem if kept else TOO_LARGE
    return FieldResult(name, reading.value, reading.count, found=not reading.problem, problem=problem)


def _write(scope: Scope, name: str, reading: _Reading) -> bool:
    kept = scope.set(name, reading.value, consumer=reading.consumer)
    if not kept:
        scope.set(name, "")
    scope.set(f"{name}.count", reading.count if kept else 0)
    return kept


def _read(text: str, reader: lookup.Reader) -> _Reading:
    parts = [(placeholder, reader.find(placeholder)) for placeholder in template.names(text)]
    problem = next(filter(None, [_problem(placeholder, reader) for placeholder, found in parts if not found.known]), "")
    reading = _filled(text, parts, reader, problem)
    return structs.replace(reading, consumer=any(found.consumer for _, found in parts))


def _filled(text: str, parts: list[_Part], reader: lookup.Reader, problem: str) -> _Reading:
    if len(parts) == 1 and parts[0][0].span == (len(text) - len(text.lstrip()), len(text.rstrip())):
        return _alone(*parts[0], problem)
    if any(template.iterates(placeholder) for placeholder, _ in parts):
        return _texts(text, parts, reader, problem)
    filled = template.fill(text, reader, position=template.Position.RAW, unknown=_ignore)
    empty = not text or (parts and not any(found.known for _, found in parts))
    return _Reading(filled, 0 if empty else 1, problem)


def _alone(placeholder: template.Placeholder, found: lookup.Found, problem: str) -> _Reading:
    """A field that is one placeholder keeps the type of what it finds."""
    value = found.value
    if template.iterates(placeholder):
        values = value if isinstance(value, list) else []
        return _Reading(values, len(values), problem)
    if value is None:
        return _Reading("", 0, problem)
    return _Reading(dumps(value) if isinstance(value, dict | list) else value, 1, problem)


def _texts(text: str, parts: list[_Part], reader: lookup.Reader, problem: str) -> _Reading:
    """Text around a path with [i]: one text per element."""
    lists = [found.value for placeholder, found in parts if template.iterates(placeholder)]
    longest = max((len(values) for values in lists if isinstance(values, list)), default=0)
    position = template.Position.RAW
    texts = [template.fill(text, reader, position=position, unknown=_ignore, index=n) for n in range(longest)]
    return _Reading(texts, longest, problem)


def _problem(placeholder: template.Placeholder, reader: lookup.Reader) -> str:
    """Say why a placeholder found nothing."""
    if placeholder.kind != "path":
        return f"There is no variable {{{placeholder.source}}}."
    try:
        path = jsonpath.parse(placeholder.name)
    except MalformedPath as error:
        return error.message
    reached = jsonpath.dead_end(reader.document(path), path.steps)
    if reached == 0:
        return f"The path {path.source} finds nothing: there is no response variable {path.steps[0]}."
    rest, way = jsonpath.spelled(path.steps[reached : reached + 1])[1:], jsonpath.spelled(path.steps[:reached])
    return f"The path {path.source} finds nothing: there is no {rest.lstrip('.')} in {way}."


def _ignore(name: str) -> None:
    """An unknown variable in a field is told as the field's problem."""
