"""Switching between the organizations that one is a member of."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from credentials.models import Organization
from credentials.services import organizations


@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("organization", "")
    mine = Organization.objects.for_user(request.user)
    organization = get_object_or_404(mine, pk=int(chosen) if chosen.isascii() and chosen.isdigit() else 0)
    organizations.choose(request, organization=organization)
    return redirect("bots")
