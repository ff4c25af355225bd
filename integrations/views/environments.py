"""Environments of an organization: list, edit, add many, export, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from config import ui
from credentials.services import organizations
from integrations.forms import conflicts
from integrations.forms.environments import EnvironmentForm, LinesForm, NewEnvironmentForm
from integrations.models import Environment
from integrations.services import environments


@login_required
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """List the environments; a post makes one."""
    form = NewEnvironmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organization = organizations.current(request)
        try:
            row = environments.create(organization.pk, user=request.user, **form.cleaned_data)
        except environments.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        else:
            return redirect("environment", row.pk)
    seat = organizations.seat_of(request)
    rows = environments.listing(request.user, organization=seat.organization if seat else None)
    return render(request, "integrations/environments.html", {"environments": rows, "form": form})


@login_required
@require_GET
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    return _page(request, row, form=EnvironmentForm(environment=row))


@login_required
@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    data = conflicts.merged(request.POST, theirs=EnvironmentForm(environment=row))
    form = EnvironmentForm(data, environment=row)
    conflict: dict[str, Any] = {}
    if form.is_valid():
        written, seen = environments.Written(**form.cleaned_data), conflicts.posted(request.POST)
        try:
            row = environments.change(row.pk, user=request.user, written=written, seen=seen)
        except environments.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except environments.Changed as changed:
            conflict = _conflict(request, changed.theirs, form)
    failed = bool(form.errors or conflict)
    if not ui.by_htmx(request):
        return _page(request, row, form=form, **conflict) if failed else redirect("environment", row.pk)
    context = _context(row, form=form) | conflict | {"failed": failed, "fragment": True}
    if not conflict and "keep" not in request.POST:
        return render(request, "integrations/_environment_saved.html", context)
    shown = render(request, "integrations/_environment_form.html", context)
    return retarget(reswap(shown, "outerHTML"), "[data-versioned]")


def _conflict(request: HttpRequest, stored: Environment, mine: EnvironmentForm) -> dict[str, Any]:
    return {
        "theirs": conflicts.differences(EnvironmentForm(environment=stored), mine),
        "changed_by": conflicts.who(stored.updated_by, user=request.user),
        "take_url": reverse("environment", args=[stored.pk]),
        "seen": conflicts.again(environments.revision(stored), data=request.POST),
    }


@login_required
@require_POST
def add_lines(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = LinesForm(request.POST)
    if form.is_valid():
        try:
            count = environments.add_lines(row.pk, user=request.user, text=form.cleaned_data["lines"])
        except environments.Refused as refused:
            form.add_error("lines", refused.sentence)
        else:
            messages.success(request, f"Stored {count} value{'' if count == 1 else 's'}.")
            return redirect("environment", row.pk)
    return _page(request, row, form=EnvironmentForm(environment=row), lines_form=form)


@login_required
@require_GET
def export(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    response = HttpResponse(environments.to_csv(row.values.items()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(row.name) or "environment"}.csv"'
    return response


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    try:
        deleted = environments.delete(row.pk, user=request.user)
    except environments.Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("environment", row.pk)
    undo = reverse("take_back", args=[deleted.pk])
    messages.success(request, f"Deleted the environment {row.name}.", extra_tags=undo)
    return redirect("environments")


def _own(request: HttpRequest, pk: int) -> Environment:
    rows = Environment.objects.for_user(request.user).prefetch_related("bots")
    found: Environment = get_object_or_404(rows, pk=pk)
    return found


def _context(row: Environment, *, form: EnvironmentForm) -> dict[str, Any]:
    seen = conflicts.seen(environments.revision(row), form=form)
    return {"environment": row, "form": form, "seen": seen}


def _page(request: HttpRequest, row: Environment, *, form: EnvironmentForm, **more: Any) -> HttpResponse:
    context = {"lines_form": LinesForm()} | _context(row, form=form) | more
    return render(request, "integrations/environment.html", context)
