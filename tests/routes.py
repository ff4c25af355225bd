"""Every address that the product answers, taken from its own URL tables: pages, back office and API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from starlette.responses import Response
from starlette.routing import Route as AsgiRoute

from bots.api import application

_PARAMETER = re.compile(r"<(?:\w+:)?\w+>|\{\w+\}")


@dataclass(frozen=True, slots=True)
class Route:
    """name: of its pattern, with its namespace. path: with its parameters as the URL table writes them."""

    name: str
    path: str

    def filled(self, rows: Mapping[str, str]) -> str:
        """Put rows into the parameters: `rows` names the end of what stands before, such as `environments/<int:pk>`."""
        path = self.path
        for written, row in sorted(rows.items(), key=lambda each: -len(each[0])):
            before = written[: _PARAMETER.search(written).start()]  # type: ignore[union-attr]
            path = path.replace(written, before + row)
        assert not _PARAMETER.search(path), f"{self.name}: say in the test which row {path} is about"
        return path


def pages() -> list[Route]:
    """Django's part; addresses that only collect what is not found have no name and are left out."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def api() -> list[Route]:
    """The part that answers before Django."""
    nothing: Any = Response()
    built = application.build(static=nothing, pages=nothing)
    found = {
        route.path: Route(f"asgi {route.name}", route.path) for route in built.routes if isinstance(route, AsgiRoute)
    }
    return list(found.values())


def _walk(patterns: list[Any], before: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, path, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield Route(namespace + pattern.name, f"/{path}")
