"""Members: who belongs to the organization, and as what."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from credentials.forms import MemberForm, RoleForm
from credentials.models import Membership, Organization, Role
from credentials.services import members, organizations
from credentials.views.access import administrators_only


@administrators_only
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            members.add(organizations.current(request), actor=request.user, **form.cleaned_data)
        except members.MemberRefused as error:
            form.add_error("username", str(error))
        else:
            form = MemberForm()
    return _shown(request, form=form)


@login_required
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    form = RoleForm(request.POST)
    member = _member(request, pk)
    try:
        if form.is_valid():
            members.change_role(member, actor=request.user, role=form.cleaned_data["role"])
    except members.MemberRefused as error:
        return _shown(request, refused=str(error))
    return _shown(request)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        members.remove(_member(request, pk), actor=request.user)
    except members.MemberRefused as error:
        return _shown(request, refused=str(error))
    return _shown(request)


def _member(request: HttpRequest, pk: int) -> Membership:
    administered = Organization.objects.administered_by(request.user)
    return get_object_or_404(Membership.objects.filter(organization__in=administered), pk=pk)


def _shown(request: HttpRequest, **given: Any) -> HttpResponse:
    template = "credentials/_members.html" if request.htmx else "credentials/members.html"  # type: ignore[attr-defined]
    listed = members.listed(organizations.current(request))
    return render(request, template, {"members": listed, "roles": Role.choices, "form": MemberForm()} | given)
