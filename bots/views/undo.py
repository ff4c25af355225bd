"""Taking back a deletion or a rename: what was there waits in the session of who did it."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from bots.services import names, renaming, snapshots
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
        address = _take_back(snapshot, request.user)
    except names.Refused as refused:
        address = reverse("bot", args=[bot.pk])
        replies.say(request, refused.sentence, bad=True)
    request.session["deleted"] = [[key, value] for key, value in kept.items()]
    return HttpResponseClientRedirect(address) if ui.by_htmx(request) else redirect(address)


def _take_back(snapshot: snapshots.Snapshot, user: Any) -> str:
    """Undo what the snapshot is of; returns the page to go to."""
    if "renamed" in snapshot:
        renaming.take_back(snapshot, user=user)
        return reverse("bot", args=[snapshot["bot"]])
    dialog = snapshots.restore(snapshot, user=user)
    return reverse("dialog", args=[snapshot["bot"], dialog.pk])
