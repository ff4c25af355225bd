"""An OpenAPI 3 document as a list of operations, and chosen ones as proposed integrations.

Pure. Reads versions 3.0 and 3.1. What is not understood is listed; nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from integrations.engine import call, openapi_reading, openapi_refs
from integrations.engine.json_values import Json

NotOpenApi = openapi_reading.NotOpenApi
load = openapi_reading.load
MAX_OPERATIONS = 3_000
_METHODS = {method.lower(): method for method in call.METHODS}
_PATH_FIELDS = frozenset({"summary", "description", "servers", "parameters", "$ref"})
_VARIABLE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that a document offers. key: method and path, as people name it."""

    key: str
    method: str
    path: str
    tag: str = ""
    summary: str = ""
    operation_id: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """A base address. `variables` are the ones in its URL with their default values."""

    url: str
    description: str = ""
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """notes: what of the whole document was not understood."""

    title: str
    version: str
    servers: tuple[Server, ...]
    operations: tuple[Operation, ...]
    notes: tuple[str, ...]


def read(root: dict[str, Json]) -> Api:
    """Return what a document offers; raises NotOpenApi for a document of another kind."""
    _check_version(root)
    document = openapi_refs.Document(root)
    operations = tuple(operation for operation, _, _ in walk(document))
    if len(operations) > MAX_OPERATIONS:
        raise NotOpenApi(f"The document has {len(operations):,} operations; {MAX_OPERATIONS:,} can be shown.")
    info = openapi_refs.mapping(root.get("info"))
    for part, what in (("webhooks", "Webhooks"), ("x-webhooks", "Webhooks")):
        if root.get(part):
            document.note(f"{what} are calls to a server of yours; they were left out.")
    title = openapi_refs.text(info.get("title"), limit=100) or "An API without a title"
    version = openapi_refs.text(str(info.get("version", "")), limit=40)
    return Api(title, version, servers(root), operations, tuple(document.notes))


def _check_version(root: Mapping[str, Json]) -> None:
    version = str(root.get("openapi", ""))
    if re.match(r"3\.[01](\.|$)", version):
        return
    if "swagger" in root:
        raise NotOpenApi("This is a Swagger 2 document. Convert it to OpenAPI 3 first; the Swagger editor does it.")
    if version:
        raise NotOpenApi(f"This document has OpenAPI version {version[:20]}; versions 3.0 and 3.1 can be read.")
    raise NotOpenApi("This is no OpenAPI 3 document: it has no field “openapi” that says 3.0 or 3.1.")


def walk(document: openapi_refs.Document) -> Iterator[tuple[Operation, dict[str, Json], dict[str, Json]]]:
    """Yield each operation with its own object and that of its path."""
    for path, given in openapi_refs.mapping(document.root.get("paths")).items():
        if not path.startswith("/"):
            if not path.startswith("x-"):
                document.note(f"The path {path[:80]} does not begin with a slash; it was left out.")
            continue
        item = document.object(given)
        for name, each in item.items():
            if name in _METHODS and isinstance(each, dict):
                yield _operation(_METHODS[name], path, each), each, item
            elif name not in _PATH_FIELDS and not name.startswith("x-"):
                document.note(f"{name[:20].upper()} {path[:80]} is no method that an integration can have.")


def _operation(method: str, path: str, given: dict[str, Json]) -> Operation:
    tags = given.get("tags")
    first = tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else ""
    return Operation(
        key=f"{method} {path}",
        method=method,
        path=path,
        tag=openapi_refs.text(first, limit=80),
        summary=openapi_refs.text(given.get("summary")) or openapi_refs.text(given.get("description")),
        operation_id=openapi_refs.text(given.get("operationId"), limit=100),
        deprecated=given.get("deprecated") is True,
    )


def servers(holder: Mapping[str, Json]) -> tuple[Server, ...]:
    """Return the servers that a document, path or operation names."""
    return tuple(_server(each) for each in openapi_refs.objects(holder.get("servers")) if each.get("url"))


def _server(given: dict[str, Json]) -> Server:
    url = openapi_refs.text(given.get("url"), limit=1_000).rstrip("/")
    declared = openapi_refs.mapping(given.get("variables"))
    names = dict.fromkeys(_VARIABLE.findall(url))
    variables = ((name, openapi_refs.mapping(declared.get(name)).get("default")) for name in names)
    plain = tuple((name, "" if default is None else str(default)) for name, default in variables)
    return Server(url, openapi_refs.text(given.get("description"), limit=100), plain)


def filled(server: Server) -> str:
    """Return a server's URL with the default values of its variables."""
    values = dict(server.variables)
    return _VARIABLE.sub(lambda match: values.get(match[1]) or match[0], server.url)
