"""The map of a dialog, and of the whole bot."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from bots.engine import spec
from bots.models import Dialog
from bots.services import maps, outline, problems, specs
from bots.views import replies


@login_required
@require_GET
def bot(request: HttpRequest, bot_id: int) -> HttpResponse:
    return _drawn(request, bot_id, None)


@login_required
@require_GET
def dialog(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    return _drawn(request, bot_id, replies.dialog_of(request, bot_id, dialog_id))


def _drawn(request: HttpRequest, bot_id: int, dialog: Dialog | None) -> HttpResponse:
    row = replies.bot_of(request, bot_id)
    try:
        draft = specs.draft(row)
    except spec.InvalidSpec:
        return redirect("bot", row.pk)  # where the damaged tile says what to do
    places = outline.Places(row)
    found = problems.of_draft(draft)
    if dialog:
        drawn = maps.of_dialog(draft, dialog=dialog.key, places=places, found=found)
    else:
        drawn = maps.of_bot(draft, places=places, found=found)
    context = {"bot": row, "dialog": dialog, "dialogs": places.dialogs, "problems": found, "map": drawn, "as_map": True}
    return render(request, "bots/map.html", context)
