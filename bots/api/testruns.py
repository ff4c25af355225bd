"""Test runs over the JSON API, as on an integration's page."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from bots.api import access, bodies, problems
from bots.api.problems import Problem
from bots.models import Bot
from integrations import tasks
from integrations.models import Integration
from integrations.services import definitions, testruns

NO_STORE = {"Cache-Control": "no-store"}


class RunBody(msgspec.Struct, forbid_unknown_fields=True):
    """Sample values of the variables that the definition uses, by name."""

    values: dict[str, str] = msgspec.field(default_factory=dict)


_RUN = msgspec.json.Decoder(RunBody)  # made at import: msgspec crashes where threads learn a type at once


@access.api("POST")
def start(request: HttpRequest, bot: str, name: str) -> HttpResponse:
    """POST /api/v1/bots/{bot}/integrations/{name}/test-runs"""
    found = access.bot(request, bot)
    asked = bodies.parse(access.body(request, limit=bodies.OPENING_BYTES), _RUN)
    row = _integration(found, name)
    wanted = testruns.Order(
        bot=found.pk,
        user=request.user.pk or 0,
        definition=definitions.to_spec(row),
        integration=row.pk,
        values=asked.values,
    )
    try:
        run_id = testruns.order(wanted)
        tasks.send(run_id)
    except testruns.Unavailable as error:
        raise problems.busy() from error
    return _json(202, {"id": run_id, "status": "queued"})


@access.api("GET")
def show(request: HttpRequest, bot: str, name: str, run_id: str) -> HttpResponse:
    """GET /api/v1/bots/{bot}/integrations/{name}/test-runs/{id}"""
    found = access.bot(request, bot)
    row = _integration(found, name)
    run = testruns.find(run_id, bot=found.pk)
    if run is None or run.order.integration != row.pk:
        raise Problem(404, "There is no such test run, or its hour is over.", mend="Start a new one.")
    return _json(200, {"id": run.id, "status": run.status, "report": msgspec.to_builtins(run.report)})


def _integration(bot: Bot, name: str) -> Integration:
    row = bot.integrations.filter(name=name).first()
    if row is None:
        raise Problem(404, "The bot has no integration of this name.", place="/name")
    return row


def _json(status: int, content: dict[str, Any]) -> HttpResponse:
    body = msgspec.json.encode(content)
    return HttpResponse(body, status=status, content_type="application/json", headers=NO_STORE)
