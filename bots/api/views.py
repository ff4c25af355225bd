"""The JSON API but for its hot path: conversations begin and end, authors look inside, test runs."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bots.api import access, bodies
from bots.api.problems import Problem
from bots.engine.spec import InvalidSpec
from bots.services import conversations, specs
from integrations.engine.json_values import dumps
from integrations.services.streams import Entry

NO_STORE = {"Cache-Control": "no-store"}


@access.api("POST")
def begin(request: HttpRequest, bot: str) -> HttpResponse:
    """POST /api/v1/bots/{bot}/conversations"""
    by_key = bool(bodies.bearer(request.headers))
    found = access.bot_by_key(request, bot) if by_key else access.bot(request, bot)
    asked = bodies.parse(access.body(request, limit=bodies.OPENING_BYTES), bodies.OPENING)
    if by_key and asked.draft:
        raise Problem(403, "A channel key begins conversations with the live version only.", place="/draft")
    visitor = conversations.Visitor(
        id=asked.consumer.id,
        name=asked.consumer.name,
        customer_info=asked.customer_info,
        engagement=asked.engagement,
    )
    try:
        begun = conversations.begin(found, draft=asked.draft, visitor=visitor, variables=bodies.values(asked.variables))
    except specs.NotPublished as error:
        raise Problem(409, "The bot has no live version.", mend="Publish it, or begin with its draft.") from error
    except InvalidSpec as error:
        raise Problem(409, f"The draft cannot run: {error}", mend="Mend it in the editor.") from error
    except conversations.RefusedVariable as error:
        raise Problem(422, str(error), place="/variables") from error
    return _json(201, {"id": begun.id, "token": begun.token, "expires_at": _moment(begun.expires_at)})


@access.api("DELETE")
def conversation(request: HttpRequest, conversation: str) -> HttpResponse:
    """DELETE /api/v1/conversations/{id}"""
    access.conversation(request, conversation)
    conversations.end(conversation)
    return HttpResponse(status=204, headers=NO_STORE)


@access.api("GET")
def variables(request: HttpRequest, conversation: str) -> HttpResponse:
    """GET /api/v1/conversations/{id}/variables"""
    conversations.check(conversation, user=access.author(request))
    return _json(200, {"variables": conversations.variables(conversation)})


@access.api("GET")
def log(request: HttpRequest, conversation: str) -> HttpResponse:
    """GET /api/v1/conversations/{id}/log?after="""
    conversations.check(conversation, user=access.author(request))
    lines = conversations.log(conversation, after=request.GET.get("after", ""))
    return _json(200, {"log": [_line(line) for line in lines]})


@access.api("POST")
def reset(request: HttpRequest, conversation: str) -> HttpResponse:
    """POST /api/v1/conversations/{id}/reset"""
    conversations.check(conversation, user=access.author(request))
    conversations.reset(conversation)
    return HttpResponse(status=204, headers=NO_STORE)


@csrf_exempt
def not_found(request: HttpRequest, path: str) -> HttpResponse:
    """Anything else under /api/."""
    return missing(request)


@access.api("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
def missing(request: HttpRequest) -> HttpResponse:
    raise Problem(404, "There is nothing at this address.", mend="See /api/v1/docs.")


def _line(entry: Entry) -> Any:
    return json.loads(entry.body)


def _moment(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(status: int, content: dict[str, Any]) -> HttpResponse:
    text = dumps(content).encode("utf-8", "replace")
    return HttpResponse(text, status=status, content_type="application/json", headers=NO_STORE)
