"""The description of the JSON API: OpenAPI 3.1 for programs, a page for people, both from one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

FILE = Path(__file__).parent / "openapi.json"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    who: str
    body: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]


WHO = {"channelKey": "a channel key", "conversationToken": "the conversation's token", "session": "a signed-in author"}


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text())
    return loaded


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FILE.read_bytes(), content_type="application/json")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "bots/api_docs.html", {"calls": list(calls()), "about": document()["info"]["description"]})


def calls() -> Iterator[Call]:
    for path, methods in document()["paths"].items():
        for method, about in methods.items():
            yield Call(
                method=method.upper(),
                path=path,
                summary=about["summary"],
                description=about.get("description", ""),
                who=", or ".join(WHO[name] for option in about["security"] for name in option) or "anybody",
                body=tuple(_fields(about)),
                answers=tuple((code, _answer(answer)) for code, answer in about["responses"].items() if code < "400"),
            )


def _fields(about: dict[str, Any]) -> Iterator[tuple[str, str]]:
    content = about.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    shape = _resolved(content["schema"])
    for name, schema in shape["properties"].items():
        kind = schema.get("type", "") or "object"
        needed = ", required" if name in shape.get("required", ()) else ""
        yield name, f"{kind}{needed}. {_resolved(schema).get('description', '')}".strip()


def _answer(answer: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(answer.get("content", {}).values()), {})
    names = ", ".join(_resolved(content.get("schema", {})).get("properties", ()))
    return str(answer["description"]) + (f" Body: {names}." if names else "")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found
