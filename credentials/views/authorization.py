"""Authorizing with an authorization server: to it, and the one address where its answers come back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from credentials import kinds
from credentials.models import Credential
from credentials.services import authorize


@login_required
@require_POST
def begin(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show where it goes and go there: the pages' policy lets no form lead to another host."""
    found = Credential.objects.administered_by(request.user)
    credential: Credential = get_object_or_404(found, key=key)
    kind = kinds.named(credential.kind)
    if kind is None or kind.grant is None or not kind.grant.interactive:
        raise Http404
    try:
        url = authorize.begin(credential, visitor=_visitor(request), redirect_uri=redirect_uri(request))
    except authorize.Failed as error:
        messages.error(request, str(error))
        return redirect("credential", key)
    return render(request, "credentials/authorize.html", {"credential": credential, "url": url})


@login_required
@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    try:
        credential = authorize.finish(request.GET.dict(), visitor=_visitor(request))
    except authorize.Failed as error:
        messages.error(request, f"Not authorized. {error}")
        return redirect("credential", error.key) if error.key else redirect("credentials")
    messages.success(request, f"{credential.name} is authorized.")
    return redirect("credential", credential.key)


def redirect_uri(request: HttpRequest) -> str:
    """The one address that is registered at authorization servers."""
    return request.build_absolute_uri(reverse("oauth_callback"))


def _visitor(request: HttpRequest) -> authorize.Visitor:
    return authorize.Visitor(user=request.user, session_key=request.session.session_key or "")
