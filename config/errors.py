"""What no view expected, as a page or a problem document: a defect, a database that cannot be had, a damaged row."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from bots.api import problems
from bots.services.problems import MEND
from config import ui
from integrations.engine.spec import Damaged

logger = logging.getLogger(__name__)
MISSING = "no such"  # a table or a column: not set up, which no waiting mends


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: called while the error is being handled."""
    error = sys.exc_info()[1]
    full = isinstance(error, OperationalError) and MISSING not in str(error)
    if request.path.startswith("/api/"):
        return _problem(problems.database_full() if full else problems.defect())
    if full:
        page = render(request, "503.html", status=503)
        page.headers["Retry-After"] = "60"
        return page
    return defaults.server_error(request)


class DamagedRows:
    """Says which stored part cannot be read, and the mend, wherever a view comes upon one. The database keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Damaged):
            return None
        logger.warning("%s cannot be answered: %s", request.path, error)
        sentence = f"Stored in a form that cannot be read: {error}."
        if request.path.startswith("/api/"):
            return _problem(problems.Problem(409, sentence, mend=MEND))
        if ui.by_htmx(request):
            return ui.stay(f"{sentence} Nothing was changed. {MEND}", status=409)
        bot = request.resolver_match.kwargs.get("bot_id") if request.resolver_match else None
        return render(request, "409.html", {"sentence": sentence, "mend": MEND, "bot": bot}, status=409)


def _problem(problem: problems.Problem) -> HttpResponse:
    headers = {"Cache-Control": "no-store", **problem.headers}
    return HttpResponse(problem.body(), status=problem.status, content_type=problems.MEDIA_TYPE, headers=headers)
