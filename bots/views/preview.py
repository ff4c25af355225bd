"""The preview: the page and the panel of a bot's chat. The conversation itself goes over the API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bots.models import Bot
from bots.services import conversations


def bot_of(request: HttpRequest, bot_id: int) -> Any:
    return get_object_or_404(Bot.objects.for_user(request.user), pk=bot_id)


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The page; asked for by script, the panel alone."""
    template = "bots/_preview.html" if getattr(request, "htmx", False) else "bots/preview.html"
    return render(request, template, {"bot": bot_of(request, bot_id)})


@login_required
@require_GET
@never_cache
def log_stream(request: HttpRequest, bot_id: int, conversation: str) -> HttpResponse:
    """Where an author of the bot follows a conversation's bot log."""
    bot = bot_of(request, bot_id)
    try:
        opening = conversations.check(conversation, user=request.user)
    except conversations.UnknownConversation as error:
        raise Http404 from error
    if opening.bot != bot.pk:
        raise Http404
    ticket = conversations.log_ticket(conversation, holder=request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    return JsonResponse({"url": f"/api/v1/streams/{ticket}"})
