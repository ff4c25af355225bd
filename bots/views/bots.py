"""The list of bots, and the pages that make, rename, copy and delete one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bots.models import Bot


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "bots/bots.html", {"bots": Bot.objects.for_user(request.user)})
