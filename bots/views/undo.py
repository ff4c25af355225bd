"""Taking back a deletion: what was deleted waits in the session of who deleted it."""

from __future__ import annotations

import secrets

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from bots.services import names, snapshots
from bots.views import replies
from config import ui

KEPT = 10


def keep(request: HttpRequest, snapshot: snapshots.Snapshot) -> str:
    """Keep what was deleted; return the address that takes it back."""
    token = secrets.token_urlsafe(8)
    kept = [*request.session.get("deleted", []), [token, snapshot]]
    request.session["deleted"] = kept[-KEPT:]
    return reverse("undo", args=[snapshot["bot"], token])


@login_required
@require_POST
def undo(request: HttpRequest, bot_id: int, token: str) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    kept = dict(request.session.get("deleted", []))
    if token not in kept or kept[token]["bot"] != bot.pk:
        raise Http404
    snapshot = kept.pop(token)
    try:
        dialog = snapshots.restore(snapshot, user=request.user)
        address = reverse("dialog", args=[bot.pk, dialog.pk])
    except names.Refused as refused:
        address = reverse("bot", args=[bot.pk])
        replies.say(request, refused.sentence, bad=True)
    request.session["deleted"] = [[key, value] for key, value in kept.items()]
    return HttpResponseClientRedirect(address) if ui.by_htmx(request) else redirect(address)
