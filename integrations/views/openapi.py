"""The pages of an OpenAPI import: the document, its operations, what they become, and the integrations."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from credentials.services import vault
from integrations.engine import openapi
from integrations.engine.json_values import Json
from integrations.forms.openapi import DocumentForm, PlanForm
from integrations.services import definitions, openapis, revisions, uploads
from integrations.views import integrations as pages


@login_required
@require_http_methods(["GET", "POST"])
def choose_file(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Take a document; nothing is saved, it waits for the next page."""
    bot = pages.bot_of(request, bot_id)
    form = DocumentForm(request.POST, request.FILES) if request.method == "POST" else DocumentForm()
    if request.method == "POST" and form.is_valid():
        try:
            name, data = form.document()
            token = openapis.keep(request.user, name=name, data=data)
        except openapi.NotOpenApi as error:
            form.add_error(None, error.message)
        except uploads.NotKept as error:
            form.add_error(None, str(error))
        else:
            return redirect("openapi_operations", bot.pk, token)
    return render(request, "integrations/openapi.html", {"bot": bot, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def operations(request: HttpRequest, bot_id: int, token: str) -> HttpResponse:
    """Show the operations, then what the chosen ones become, then make them."""
    bot = pages.bot_of(request, bot_id)
    try:
        found = openapis.find(request.user, token=token)
    except uploads.NotKept as error:
        messages.error(request, str(error))
        return redirect("openapi", bot.pk)
    if found is None:
        messages.error(request, "That document waits no longer. Choose it again.")
        return redirect("openapi", bot.pk)
    name, root = found
    context = {"bot": bot, "api": openapi.read(root), "file": name, "token": token}
    chosen = request.POST.getlist("op")
    if request.method != "POST" or "back" in request.POST:
        return _list(request, context, chosen=chosen)
    return _report(request, context, root=root, chosen=chosen)


def _list(request: HttpRequest, context: dict[str, Any], *, chosen: list[str], problem: str = "") -> HttpResponse:
    tags: dict[str, list[openapi.Operation]] = {}
    for operation in context["api"].operations:
        tags.setdefault(operation.tag, []).append(operation)
    more = {"tags": tags.items(), "chosen": chosen, "problem": problem}
    return render(request, "integrations/openapi_operations.html", context | more)


def _report(request: HttpRequest, context: dict[str, Any], *, root: dict[str, Json], chosen: list[str]) -> HttpResponse:
    bot = context["bot"]
    proposals = openapis.proposals(bot, root=root, keys=chosen)
    if not proposals or len(proposals) > openapis.MOST:
        problem = (
            f"Choose up to {openapis.MOST} operations at a time." if proposals else "Choose at least one operation."
        )
        return _list(request, context, chosen=chosen, problem=problem)
    confirmed = "confirm" in request.POST
    form = PlanForm(request.POST if confirmed else None, bot=bot, api=context["api"], proposals=proposals)
    if confirmed and form.is_valid():
        try:
            made = openapis.create(bot, actor=request.user, plan=form.plan())
        except openapis.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except vault.HostNotCovered as refused:
            form.add_error(None, f"Nothing was made. {refused}")
        else:
            return _done(request, bot, made)
    return render(request, "integrations/openapi_report.html", context | {"form": form, "cards": form.cards()})


def _done(request: HttpRequest, bot: Any, made: list[Any]) -> HttpResponse:
    with contextlib.suppress(uploads.NotKept):  # its time ends it as well
        uploads.forget(request.user, purpose=openapis.PURPOSE)
    first = revisions.latest(made[0], kind=definitions.HISTORY)
    undo = reverse("take_back", args=[first.pk]) if first else ""
    if len(made) == 1:
        messages.success(request, f"{made[0].name} was made.", extra_tags=undo)
        return redirect("integration", bot.pk, made[0].pk)
    messages.success(request, f"{len(made)} integrations were made.", extra_tags=undo)
    return redirect("integrations", bot.pk)
