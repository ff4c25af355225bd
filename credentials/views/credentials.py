"""Credentials: list, wizard by type, edit, test, disable, delete."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from credentials import kinds
from credentials.forms import CredentialForm, TestForm
from credentials.models import Credential
from credentials.services import audit, hosts, organizations, overview, standins, trial, uses, vault
from credentials.views import authorization
from credentials.views.access import administrators_only

REFUSALS = (vault.NameTaken, kinds.BadValue, hosts.BadHost)


@administrators_only
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What needs attention first, then all of them."""
    rows = overview.of(organizations.current(request))
    return render(request, "credentials/credentials.html", {"rows": rows, "attention": overview.attention(rows)})


@administrators_only
@require_GET
def types(request: HttpRequest) -> HttpResponse:
    return render(request, "credentials/types.html", {"kinds": kinds.ALL.values()})


@administrators_only
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    chosen = kinds.named(kind)
    if chosen is None:
        raise Http404
    form = CredentialForm(request.POST or None, request.FILES or None, kind=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            made = vault.create(
                organizations.current(request),
                actor=request.user,
                name=form.cleaned_data["name"],
                kind=chosen,
                values=form.values,
                allowed_hosts=form.allowed_hosts,
            )
        except REFUSALS as error:
            form.refuse(error)
        else:
            messages.success(request, f"{made.name} is stored. {_next_step(chosen)}")
            return redirect("credential", made.key)
    return render(
        request,
        "credentials/new.html",
        {"form": form, "kind": chosen, "redirect_uri": authorization.redirect_uri(request)},
    )


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: UUID) -> HttpResponse:
    credential = _administered(request, key)
    form = CredentialForm(request.POST or None, request.FILES or None, kind=_kind(credential), credential=credential)
    if request.method == "POST" and form.is_valid():
        try:
            vault.change(
                credential,
                actor=request.user,
                name=form.cleaned_data["name"],
                values=form.values,
                allowed_hosts=form.allowed_hosts,
                removed=form.removed,
            )
        except REFUSALS as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved. Calls use it within ten seconds.")
            return redirect("credential", credential.key)
    return render(request, "credentials/credential.html", _page(request, credential, form=form))


@login_required
@require_POST
def disable(request: HttpRequest, key: UUID) -> HttpResponse:
    vault.set_disabled(_administered(request, key), actor=request.user, disabled=True)
    return redirect("credential", key)


@login_required
@require_POST
def enable(request: HttpRequest, key: UUID) -> HttpResponse:
    vault.set_disabled(_administered(request, key), actor=request.user, disabled=False)
    return redirect("credential", key)


@login_required
@require_POST
def test(request: HttpRequest, key: UUID) -> HttpResponse:
    credential = _administered(request, key)
    form = TestForm(request.POST)
    result = trial.call(credential, actor=request.user, url=form.cleaned_data["url"]) if form.is_valid() else None
    return _tried(request, credential, trial=result, test_form=form)


@login_required
@require_POST
def fetch(request: HttpRequest, key: UUID) -> HttpResponse:
    """The test of what signs with tokens: get one."""
    credential = _administered(request, key)
    if _kind(credential).grant is None:
        raise Http404
    result = trial.token(credential, actor=request.user)
    return _tried(request, _administered(request, key), trial=result)


@login_required
@require_POST
def open_keys(request: HttpRequest, key: UUID) -> HttpResponse:
    """The test of what shows a certificate: open the key store."""
    credential = _administered(request, key)
    if _kind(credential).context is None:
        raise Http404
    result = trial.key_store(credential, actor=request.user)
    return _tried(request, credential, trial=result)


def _tried(request: HttpRequest, credential: Credential, **more: Any) -> HttpResponse:
    """What a test of a credential came to: in its place on the page, or with the page."""
    template = "credentials/_trial.html" if request.htmx else "credentials/credential.html"  # type: ignore[attr-defined]
    return render(request, template, _page(request, credential, **more))


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, key: UUID) -> HttpResponse:
    credential = _administered(request, key)
    if request.method == "POST":
        try:
            vault.delete(credential, actor=request.user)
        except (vault.InUse, standins.Refused) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{credential.name} is deleted.")
            return redirect("credentials")
    return render(request, "credentials/delete.html", _page(request, credential))


def _next_step(kind: kinds.Kind) -> str:
    return "Authorize it here." if kind.grant and kind.grant.interactive else "Test it here."


def _administered(request: HttpRequest, key: UUID) -> Credential:
    found: Credential = get_object_or_404(
        Credential.objects.administered_by(request.user).select_related("organization", "replaced_by"), key=key
    )
    return found


def _kind(credential: Credential) -> kinds.Kind:
    kind = kinds.named(credential.kind)
    if kind is None:
        raise Http404
    return kind


def _page(request: HttpRequest, credential: Credential, **given: Any) -> dict[str, Any]:
    kind, users = _kind(credential), uses.of(credential)
    latest = max((one.last for one in users if one.last), key=lambda call: call.at, default=None)
    return {
        "credential": credential,
        "kind": kind,
        "health": overview.judged(credential, last=latest),
        "redirect_uri": authorization.redirect_uri(request),
        "uses": users,
        "sent_to": hosts.effective(credential),
        "history": audit.about(credential),
        "form": CredentialForm(kind=kind, credential=credential),
        "test_form": TestForm(),
    } | given
