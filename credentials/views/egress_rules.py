"""Egress rules: which hosts that are not public calls may reach."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from credentials.forms import EgressRuleForm, ModeForm
from credentials.models import EgressRule, Organization
from credentials.services import organizations, rules
from credentials.views.access import administrators_only


@administrators_only
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    form = EgressRuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rules.add(organizations.current(request), actor=request.user, **form.cleaned_data)
        except rules.RuleRefused as error:
            form.add_error("destination", str(error))
        else:
            form = EgressRuleForm()
    return _shown(request, form=form)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    administered = Organization.objects.administered_by(request.user)
    rule = get_object_or_404(EgressRule.objects.filter(organization__in=administered), pk=pk)
    rules.remove(rule, actor=request.user)
    return _shown(request)


@administrators_only
@require_POST
def mode(request: HttpRequest) -> HttpResponse:
    form = ModeForm(request.POST)
    if form.is_valid():
        organization = organizations.current(request)
        organizations.change(organization, actor=request.user, name=organization.name, **form.cleaned_data)
    return _shown(request)


def _shown(request: HttpRequest, **given: Any) -> HttpResponse:
    template = "credentials/_egress_rules.html" if request.htmx else "credentials/egress_rules.html"  # type: ignore[attr-defined]
    organization = organizations.current(request)
    context = {
        "organization": organization,
        "rules": rules.listed(organization),
        "common_rules": rules.for_everyone(),
        "loopback": settings.EGRESS_ALLOW_LOOPBACK,
        "form": EgressRuleForm(),
    }
    return render(request, template, context | given)
