"""What is wrong with a bot: all of it on one page, and that of one integration beside the integration."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from bots.services import problems
from bots.views import replies
from config import ui


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The page; for htmx the problems of the integration that `integration` names, and the bot's own count.

    An open page asks again with what it has `seen`: nothing is answered while that is all there is.
    """
    bot = replies.bot_of(request, bot_id)
    if request.GET.get("seen") == bot.updated_at.isoformat():
        return HttpResponse(status=204)
    found = problems.of(bot)
    seen = "" if any(each.kind == "unchecked" for each in found) else bot.updated_at.isoformat()
    context = {"bot": bot, "problems": found, "integration_key": request.GET.get("integration", ""), "seen": seen}
    if "seen" in request.GET:
        return render(request, "bots/_problems_again.html", context)
    template = "bots/_integration_problems.html" if ui.by_htmx(request) else "bots/problems.html"
    return render(request, template, context | {"fresh": True})


@login_required
@require_GET
def integration_by_key(request: HttpRequest, bot_id: int, key: str) -> HttpResponse:
    """Go to the integration that a problem names."""
    pk = replies.bot_of(request, bot_id).integrations.filter(key=key).values_list("pk", flat=True).first()
    if pk is None:
        return redirect("integrations", bot_id)
    at = f"?{urlencode({'at': request.GET['at']})}" if "at" in request.GET else ""
    return redirect(f"{reverse('integration', args=[bot_id, pk])}{at}")
