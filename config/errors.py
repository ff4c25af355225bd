"""What no view expected, as a page or a problem document: a defect of ours, or a database that cannot be had."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from bots.api import problems

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


def _problem(problem: problems.Problem) -> HttpResponse:
    headers = {"Cache-Control": "no-store", **problem.headers}
    return HttpResponse(problem.body(), status=problem.status, content_type=problems.MEDIA_TYPE, headers=headers)
