"""Activity: the audit trail of the organization."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from credentials.services import audit, organizations

PAGE = 50


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    found = audit.entries(organizations.current(request), administrator=organizations.is_administrator(request))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    template = "credentials/_activity.html" if request.htmx else "credentials/activity.html"  # type: ignore[attr-defined]
    return render(request, template, {"page": page})
