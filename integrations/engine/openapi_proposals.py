"""From one operation of an OpenAPI document to a proposed integration: request, sample response, fields, security.

Pure. Whoever confirms the proposal chooses names, credential and fields; what is not understood stands in its notes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from integrations.engine import openapi, openapi_schema, openapi_security, openapi_suggestions
from integrations.engine.json_values import Json
from integrations.engine.openapi_refs import Document, mapping, objects, text
from integrations.engine.outcome import ReceivedResponse
from integrations.engine.spec import Row

_OWN_HEADERS = frozenset({"accept", "content-type", "authorization"})
_JSON = re.compile(r"(?:application|text)/(?:[\w.+-]*\+)?json(?:\s*;|$)", re.IGNORECASE)
FORM = "application/x-www-form-urlencoded"
MAX_BODY = 60_000
MAX_SAMPLE = 200_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """base: the server of the operation's own, where it has one. path: with variables in it."""

    operation: openapi.Operation
    name: str
    path: str
    base: openapi.Server | None = None
    headers: tuple[Row, ...] = ()
    parameters: tuple[Row, ...] = ()
    body: str = ""
    sample: ReceivedResponse | None = None
    fields: tuple[openapi_suggestions.Suggestion, ...] = ()
    security: tuple[openapi_security.Need, ...] = ()
    notes: tuple[str, ...] = ()


def propose(root: dict[str, Json], *, keys: frozenset[str]) -> list[Proposal]:
    """Return what the operations with these keys become, in the document's order."""
    found = openapi.walk(Document(root))
    return [_proposal(Document(root), *each) for each in found if each[0].key in keys]


def _proposal(
    document: Document, operation: openapi.Operation, given: dict[str, Json], item: dict[str, Json]
) -> Proposal:
    rows = _Rows(document, _parameters(document, given, item))
    body, kind = _body(document, given)
    sample = _sample(document, given)
    servers = openapi.servers(given) or openapi.servers(item)
    for word, what in (("callbacks", "Callbacks"), ("x-amazon-apigateway-integration", "A gateway extension")):
        if word in given:
            document.note(f"{what} of the operation: left out.")
    return Proposal(
        operation=operation,
        name=name_of(operation),
        path=rows.path(operation.path),
        base=servers[0] if servers else None,
        headers=(*rows.of("header"), *_content_type(kind)),
        parameters=rows.of("query"),
        body=body,
        sample=sample,
        fields=openapi_suggestions.suggest(json.loads(sample.body)) if sample else (),
        security=openapi_security.needs(document, operation=given),
        notes=tuple(document.notes),
    )


def name_of(operation: openapi.Operation) -> str:
    """Return a valid Integration Name: from the operation's id, else from its method and path."""
    source = operation.operation_id or f"{operation.method.lower()} {operation.path}"
    words = re.findall(r"[A-Za-z0-9]+", source)
    joined = "".join(word[:1].upper() + word[1:] for word in words)[:90] or "Operation"
    return f"_{joined}" if joined[0].isdigit() else joined


def _parameters(document: Document, given: dict[str, Json], item: dict[str, Json]) -> list[dict[str, Json]]:
    """Return the parameters of path and operation; the operation's own count where both have one."""
    found: dict[tuple[str, str], dict[str, Json]] = {}
    for holder in (item, given):
        for each in objects(holder.get("parameters")):
            parameter = document.object(each)
            name, place = text(parameter.get("name"), limit=200), text(parameter.get("in"))
            if name and place in ("path", "query", "header"):
                found[place, name] = parameter
            elif name or place:
                document.note(f"The parameter {name or 'without a name'} (in {place or 'no place'}) was left out.")
    return list(found.values())


@dataclass(slots=True)
class _Rows:
    """The parameters of an operation as rows and as variables of its path."""

    document: Document
    parameters: list[dict[str, Json]]

    def of(self, place: str) -> tuple[Row, ...]:
        return tuple(self._row(each) for each in self.parameters if each["in"] == place and self._wanted(each))

    def path(self, path: str) -> str:
        known = {str(each["name"]): each for each in self.parameters if each["in"] == "path"}
        return re.sub(r"\{([^{}]+)\}", lambda match: self._value(match[1], known.get(match[1], {})), path)

    def _wanted(self, parameter: dict[str, Json]) -> bool:
        """OpenAPI says itself that these headers are described elsewhere."""
        return parameter["in"] != "header" or str(parameter["name"]).lower() not in _OWN_HEADERS

    def _row(self, parameter: dict[str, Json]) -> Row:
        name = str(parameter["name"]).strip()
        note = text(parameter.get("description"), limit=200)
        return Row(name, self._value(name, parameter), enabled=parameter.get("required") is True, note=note)

    def _value(self, name: str, parameter: dict[str, Json]) -> str:
        schema = self.document.object(parameter.get("schema", {}))
        if "content" in parameter or openapi_schema.kind_of(schema) in ("array", "object"):
            self.document.note(f"The parameter {name} is a list or an object; its variable is sent as one text.")
        only = openapi_schema.only_value(schema)
        if only is None or parameter.get("in") == "path":
            return f"{{$botContext.{openapi_schema.variable(name)}}}"
        return str(only) if isinstance(only, str) else json.dumps(only)


def _content_type(kind: str) -> tuple[Row, ...]:
    """JSON is what default headers send."""
    return (Row("Content-Type", kind),) if kind and not _JSON.match(kind) else ()


def _body(document: Document, given: dict[str, Json]) -> tuple[str, str]:
    """Return the template of the body and its content type, two empty texts where there is none."""
    declared = mapping(document.object(given.get("requestBody", {})).get("content"))
    if not declared:
        return "", ""
    kind = next((each for each in declared if _JSON.match(each)), FORM if FORM in declared else "")
    if not kind:
        names = ", ".join(each[:60] for each in declared)
        document.note(f"A body of the type {names} was not made; write the Post Body by hand.")
        return "", ""
    media = document.object(declared[kind])
    walk = openapi_schema.Walk(document, openapi_schema.body_leaf, requests=True)
    template = walk.value(media["schema"]) if "schema" in media else example_of(document, media)
    written = _pairs(template) if kind == FORM else openapi_schema.written(template)
    if walk.optional:
        document.note(f"Optional in the body, left out: {', '.join(walk.optional[:20])}.")
    if len(written) > MAX_BODY:
        document.note("The body that its schema describes is too large; write the Post Body by hand.")
        return "", kind
    return ("" if template is None else written), kind


def _pairs(template: Json) -> str:
    pairs = template.items() if isinstance(template, dict) else ()
    return "&".join(f"{key}={each if isinstance(each, str) else json.dumps(each)}" for key, each in pairs)


def _sample(document: Document, given: dict[str, Json]) -> ReceivedResponse | None:
    """Return the first answer that means success and is JSON, from its examples, else made from its schema."""
    for status, response in _successes(document, given):
        for kind, media in mapping(response.get("content")).items():
            if _JSON.match(kind) or kind == "*/*":
                found = document.object(media)
                value = example_of(document, found)
                value = (
                    openapi_schema.sample(document, schema=found["schema"])
                    if value is None and "schema" in found
                    else value
                )
                body = json.dumps(value, ensure_ascii=False, indent=2)
                if value is not None and len(body) <= MAX_SAMPLE:
                    return ReceivedResponse(status, (("Content-Type", "application/json"),), body, len(body.encode()))
            else:
                document.note(f"An answer of the type {kind[:60]} gives no sample.")
    return None


def _successes(document: Document, given: dict[str, Json]) -> Iterator[tuple[int, dict[str, Json]]]:
    responses = mapping(given.get("responses"))
    named = [each for each in responses if re.fullmatch(r"2(\d\d|XX)", each, re.IGNORECASE)]
    for each in (*sorted(named), *(["default"] if "default" in responses else [])):
        yield int(each) if each.isdigit() else 200, document.object(responses[each])


def example_of(document: Document, media: dict[str, Json]) -> Json:
    """Return a media type's first example, nothing without one."""
    if media.get("example") is not None:
        return media["example"]
    for each in mapping(media.get("examples")).values():
        found = document.object(each)
        if found.get("value") is not None:
            return found["value"]
        if found.get("externalValue"):
            document.note("An example stands in a file of its own; nothing is fetched.")
    return None
