"""What the authoring pages share: the user's own rows or 404, and messages with a way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django_htmx.http import trigger_client_event

from bots.models import Bot, Dialog, Interaction


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


def say(request: HttpRequest, text: str, *, undo: str = "", bad: bool = False) -> None:
    """Show a message on the next page; `undo` is the address that takes it back."""
    messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, text, extra_tags=undo)


def tell(response: HttpResponse, text: str, *, undo: str = "", bad: bool = False) -> HttpResponse:
    """Show a message at the corner of the page that asked for this fragment."""
    return trigger_client_event(response, "toast", {"text": text, "undo": undo, "bad": bad})
