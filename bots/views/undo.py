"""Taking back what was done: deleted, moved, renamed, imported, restored. It waits in the session of who did it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from bots.models import Dialog, Interaction
from bots.services import authoring, bots, dialogs, names, renaming, snapshots, versions
from bots.views import replies
from config import ui

KEPT = 10
OVER = "This was taken back already, or so much was done since that it is kept no longer. See the history of the bot."


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
    snapshot = kept.pop(token, {"bot": 0})
    request.session.pop(ui.AGAIN, None)
    try:
        if snapshot["bot"] != bot.pk:
            raise names.Refused(OVER)
        address = _take_back(snapshot, request.user)
    except names.Refused as refused:
        address = reverse("bot", args=[bot.pk])
        replies.say(request, refused.sentence, bad=True)
    request.session["deleted"] = [[key, value] for key, value in kept.items()]
    return HttpResponseClientRedirect(address) if ui.by_htmx(request) else redirect(address)


def moved(request: HttpRequest, row: Interaction | Dialog, *, was: int) -> str:
    """Keep the place that a tile or a dialog had; return the address that puts it back there."""
    kind, dialog = ("interaction", row.dialog_id) if isinstance(row, Interaction) else ("dialog", row.pk)
    return keep(request, {"bot": row.bot_id, "moved": [kind, row.pk, dialog, was]})


def _take_back(snapshot: snapshots.Snapshot, user: Any) -> str:
    """Undo what the snapshot is of; returns the page to go to."""
    for kind, take_back in _KINDS.items():
        if kind in snapshot:
            return take_back(snapshot, user)
    dialog = snapshots.restore(snapshot, user=user)
    return reverse("dialog", args=[snapshot["bot"], dialog.pk])


def _renamed(snapshot: snapshots.Snapshot, user: Any) -> str:
    renaming.take_back(snapshot, user=user)
    return reverse("bot", args=[snapshot["bot"]])


def _moved(snapshot: snapshots.Snapshot, user: Any) -> str:
    kind, pk, dialog, was = snapshot["moved"]
    try:
        if kind == "interaction":
            authoring.move(pk, user=user, to=was, dialog_id=dialog)
        else:
            dialogs.move(pk, user=user, to=was)
    except ObjectDoesNotExist as error:
        raise names.Refused("It is gone, or the dialog that it stood in is, so it cannot be put back.") from error
    return reverse("dialog", args=[snapshot["bot"], dialog])


def _imported(snapshot: snapshots.Snapshot, user: Any) -> str:
    bots.take_back_import(snapshot["bot"], user=user, seen=snapshot["imported"])
    return reverse("bots")


def _restored(snapshot: snapshots.Snapshot, user: Any) -> str:
    versions.take_back_restore(snapshot["bot"], user=user, token=snapshot["restored"])
    return reverse("bot", args=[snapshot["bot"]])


_KINDS: dict[str, Callable[[snapshots.Snapshot, Any], str]] = {
    "renamed": _renamed,
    "moved": _moved,
    "imported": _imported,
    "restored": _restored,
}
