"""What a JSON schema of an OpenAPI document describes, as a sample value or as a body with variables in it.

Pure. References inside the document are followed, a cycle ends in nothing; the size of what is made is bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from integrations.engine.json_values import Json
from integrations.engine.openapi_refs import Document, mapping, objects

MAX_DEPTH = 12
MAX_VALUES = 500
_TEXTS = {
    "date": "2025-01-31",
    "date-time": "2025-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "ada@example.com",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "uri": "https://example.com",
    "url": "https://example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "dGV4dA==",
}


class Bare(str):
    """A text that stands in a JSON template as it is, without quotes: a variable."""

    __slots__ = ()


Leaf = Callable[[dict[str, Json], tuple[str, ...]], Json]


@dataclass(slots=True)
class Walk:
    """One walk through a schema. leaf: the value of a scalar, by its schema and the keys that lead there.

    requests: leave out what is read-only, and optional properties, which `optional` then names.
    """

    document: Document
    leaf: Leaf
    requests: bool = False
    optional: list[str] = field(default_factory=list)
    made: int = 0

    def value(self, schema: Json, way: tuple[str, ...] = (), seen: frozenset[str] = frozenset()) -> Json:
        found, reference = self.document.resolve(schema)
        self.made += 1
        if (reference and reference in seen) or len(way) > MAX_DEPTH or self.made > MAX_VALUES:
            return None
        inner = seen | {reference} if reference else seen
        whole = self._merged(found, inner)
        if "const" in whole or (not self.requests and _example(whole) is not None):
            return whole["const"] if "const" in whole else _example(whole)
        kind = kind_of(whole)
        if kind == "object":
            return self._object(whole, way, inner)
        if kind == "array":
            items = self.value(whole.get("items", {}), way, inner)
            return [] if items is None else [items]
        return self.leaf(whole, way)

    def _object(self, schema: dict[str, Json], way: tuple[str, ...], seen: frozenset[str]) -> Json:
        properties = mapping(schema.get("properties"))
        given = schema.get("required")
        required = {name for name in given if isinstance(name, str)} if isinstance(given, list) else set()
        made: dict[str, Json] = {}
        for name, each in properties.items():
            declared, reference = self.document.resolve(each)
            if declared.get("readOnly" if self.requests else "writeOnly") is True or reference in seen:
                continue
            if self.requests and required and name not in required:
                self.optional.append(".".join((*way, name)))
                continue
            made[name] = self.value(each, (*way, name), seen)
        return made

    def _merged(self, schema: dict[str, Json], seen: frozenset[str], depth: int = 0) -> dict[str, Json]:
        """Return the schema with allOf folded in and the first usable choice of oneOf and anyOf."""
        merged = schema
        for part in self._parts(schema):
            found, reference = self.document.resolve(part)
            self.made += 1
            if reference in seen or depth > MAX_DEPTH or self.made > MAX_VALUES:
                continue
            merged = _folded(self._merged(found, seen | {reference} if reference else seen, depth + 1), merged)
        return {key: value for key, value in merged.items() if key not in ("allOf", "oneOf", "anyOf")}

    def _parts(self, schema: dict[str, Json]) -> Iterator[Json]:
        yield from objects(schema.get("allOf"))
        for word in ("oneOf", "anyOf"):
            choices = [each for each in objects(schema.get(word)) if kind_of(self.document.object(each)) != "null"]
            if len(choices) > 1:
                self.document.note(f"Of {len(choices)} alternatives ({word}), the first was taken.")
            yield from choices[:1]


def kind_of(schema: dict[str, Json]) -> str:
    """Return the one type of a schema: 3.1 may list several, of which null is the least."""
    given = schema.get("type")
    kinds = [given] if isinstance(given, str) else [kind for kind in given if kind] if isinstance(given, list) else []
    named = [kind for kind in kinds if kind != "null"] or kinds
    if named:
        return str(named[0])
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else ""


def only_value(schema: dict[str, Json]) -> Json:
    """Return what a schema leaves no choice about: its constant, or its one enumerated value; else nothing."""
    if "const" in schema:
        return schema["const"]
    choices = schema.get("enum")
    return choices[0] if isinstance(choices, list) and len(choices) == 1 else None


def sample(document: Document, *, schema: Json) -> Json:
    """Return a value that fits a schema, from its examples where it has some."""
    return Walk(document, _sample_leaf).value(schema)


def _sample_leaf(schema: dict[str, Json], way: tuple[str, ...]) -> Json:
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[0]
    kind = kind_of(schema)
    if kind == "string":
        return _TEXTS.get(str(schema.get("format")), way[-1] if way else "text")
    return {"integer": _least(schema, 1), "number": _least(schema, 1.5), "boolean": True}.get(kind)


def _least(schema: dict[str, Json], usual: Any) -> Any:
    low = schema.get("minimum")
    return low if isinstance(low, int | float) and not isinstance(low, bool) and low > usual else usual


def _example(schema: dict[str, Json]) -> Json:
    several = schema.get("examples")
    first = several[0] if isinstance(several, list) and several else None
    return next((each for each in (schema.get("example"), first, schema.get("default")) if each is not None), None)


def _folded(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """Lay two schemas over each other; properties and required names of both count."""
    properties = mapping(one.get("properties")) | mapping(other.get("properties"))
    required = [each for schema in (one, other) for each in _names(schema.get("required"))]
    both: dict[str, Json] = {**one, **other}
    if properties:
        both["properties"] = properties
    if required:
        both["required"] = required
    return both


def _names(value: Json) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def variable(name: str) -> str:
    """Return a name that a bot variable can have, made of a parameter's or a property's."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:60] or "value"
    return f"_{plain}" if plain[0].isdigit() else plain


def body_leaf(schema: dict[str, Json], way: tuple[str, ...]) -> Json:
    """A variable for a scalar of a body; what has only one value is written out."""
    only = only_value(schema)
    if only is not None:
        return only
    placeholder = f"{{$botContext.{variable('_'.join(way))}}}"
    return placeholder if kind_of(schema) == "string" else Bare(placeholder)


def written(value: Json, indent: int = 0) -> str:
    """Write a body template as indented JSON; variables that are Bare stand without quotes."""
    if isinstance(value, Bare):
        return str(value)
    inner, outer = "  " * (indent + 1), "  " * indent
    if isinstance(value, dict) and value:
        lines = (
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {written(each, indent + 1)}" for key, each in value.items()
        )
        return "{\n" + ",\n".join(lines) + f"\n{outer}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{inner}{written(each, indent + 1)}" for each in value) + f"\n{outer}]"
    return json.dumps(value, ensure_ascii=False)
