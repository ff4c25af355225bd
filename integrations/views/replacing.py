"""Replacing a credential by another one in all integrations: choose, read what follows, do it, take it back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from credentials.models import Credential
from credentials.services import standins, uses
from integrations.forms.replacing import ChooseForm, ReplaceForm
from integrations.services import replacing


@login_required
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, key: UUID) -> HttpResponse:
    """By which one, then what follows from it; a POST does it."""
    credential = _administered(request, key)
    form = ChooseForm(request.GET if "by" in request.GET else None, credential=credential)
    shown = {"credential": credential, "form": form, "uses": uses.of(credential)}
    if not form.is_valid():
        return render(request, "integrations/replace.html", shown)
    try:
        plan = replacing.plan(credential, by=form.cleaned_data["by"])
    except standins.Refused as error:
        form.add_error("by", str(error))
        return render(request, "integrations/replace.html", shown)
    wanted = ReplaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and wanted.is_valid():
        done = replacing.replace(plan, actor=request.user, **wanted.cleaned_data)
        query = urlencode({"of": replacing.ticket(done)})
        return redirect(f"{reverse('credential_replaced', args=[key])}?{query}")
    return render(request, "integrations/replace.html", shown | {"plan": plan, "wanted": wanted})


@login_required
@require_GET
def report(request: HttpRequest, key: UUID) -> HttpResponse:
    credential = _administered(request, key)
    text = request.GET.get("of", "")
    done = _done(request, credential, text)
    if done is None:
        return redirect("credential", key)
    page: dict[str, Any] = {
        "credential": credential,
        "by": Credential.objects.filter(pk=done.by).first(),
        "done": done,
        "changed": replacing.names(done.changed),
        "left": uses.of(credential),
        "ticket": text,
    }
    return render(request, "integrations/replaced.html", page)


@login_required
@require_POST
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    credential = _administered(request, key)
    done = _done(request, credential, request.POST.get("of", ""))
    if done:
        back, left = replacing.undo(done, actor=request.user)
        said = f"{_integrations(back)} {credential.name} again."
        messages.success(request, f"{said} {left} were left, since they changed meanwhile." if left else said)
    return redirect("credential", key)


@login_required
@require_POST
def end_stand_in(request: HttpRequest, key: UUID) -> HttpResponse:
    """Published versions that name the credential get itself again."""
    credential = _administered(request, key)
    standins.end(credential, actor=request.user)
    messages.success(request, f"What names {credential.name} gets it again, within ten seconds everywhere.")
    return redirect("credential", key)


def _integrations(count: int) -> str:
    return f"{count} integration uses" if count == 1 else f"{count} integrations use"


def _done(request: HttpRequest, credential: Credential, text: str) -> replacing.Done | None:
    """What the report is about; None, and said, where it is not about this credential."""
    try:
        done = replacing.read(text)
    except replacing.CannotUndo as error:
        messages.error(request, str(error))
        return None
    return done if done.credential == credential.pk else None


def _administered(request: HttpRequest, key: UUID) -> Credential:
    rows = Credential.objects.administered_by(request.user).select_related("organization", "replaced_by")
    found: Credential = get_object_or_404(rows, key=key)
    return found
