"""What the authoring pages share: the user's own rows or 404, and messages with a way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django_htmx.http import reswap, retarget, trigger_client_event

from bots.models import Bot, Dialog, Interaction
from bots.services import bots
from config import ui
from integrations.forms import conflicts

PAGES = {"settings": "bot_settings", "global_functions": "global_functions"}


def bot_of(request: HttpRequest, bot_id: int) -> Bot:
    """Return the user's bot, or 404."""
    rows = Bot.objects.for_user(request.user).select_related("organization", "environment")
    found: Bot = get_object_or_404(rows, pk=bot_id)
    return found


def dialog_of(request: HttpRequest, bot_id: int, dialog_id: int) -> Dialog:
    """Return a dialog of the user's bot, or 404."""
    found: Dialog = get_object_or_404(Dialog.objects.for_user(request.user), pk=dialog_id, bot=bot_id)
    return found


def interaction_of(request: HttpRequest, bot_id: int, interaction_id: int) -> Interaction:
    """Return an interaction of the user's bot, or 404."""
    rows = Interaction.objects.for_user(request.user).select_related("bot", "dialog", "integration")
    found: Interaction = get_object_or_404(rows, pk=interaction_id, bot=bot_id)
    return found


def conflict(request: HttpRequest, stored: Bot, aspect: str, *, theirs: Any, mine: Any) -> dict[str, Any]:
    """Return what a form shows when somebody saved the same aspect of the bot while it was open."""
    return {
        "theirs": conflicts.differences(theirs, mine),
        "changed_by": conflicts.who(stored.editors.get(aspect, ""), user=request.user),
        "take_url": reverse(PAGES[aspect], args=[stored.pk]),
        "seen": conflicts.again(bots.revision(stored, aspect=aspect), data=request.POST),
    }


def saved_form(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Answer a save by script: what was said beside the fields; the whole form where there is something to choose."""
    if "theirs" not in context and "keep" not in request.POST:
        return render(request, "bots/_form_saved.html", context)
    shown = render(request, template, context | {"fragment": True, "saved": not context["failed"]})
    return retarget(reswap(shown, "outerHTML"), "[data-versioned]")


def say(request: HttpRequest, text: str, *, undo: str = "", bad: bool = False) -> None:
    """Show a message on the next page; `undo` is the address that takes it back."""
    messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, text, extra_tags=undo)


def tell(response: HttpResponse, text: str, *, request: HttpRequest, undo: str = "", bad: bool = False) -> HttpResponse:
    """Show a message at the corner of the page that asked for this fragment."""
    if undo:
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path
        ui.say_again(request.session, path=page, toast=ui.Toast(text, undo))
    return trigger_client_event(response, "toast", {"text": text, "undo": undo, "bad": bad})
