"""The page for what no view expected: a defect of ours, or a database that cannot be had at present."""

from __future__ import annotations

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

MISSING = "no such"  # a table or a column: not set up, which no waiting mends


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: called while the error is being handled."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError) and MISSING not in str(error):
        page = render(request, "503.html", status=503)
        page.headers["Retry-After"] = "60"
        return page
    return defaults.server_error(request)
