"""Finding words anywhere in a bot."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from bots.engine import spec
from bots.models import Bot
from bots.services import problems, search, specs
from bots.views import replies
from config import ui

PAGES = {"global_functions": "global_functions", "settings": "bot_settings"}


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    words = request.GET.get("q", "").strip()[:200]
    try:
        draft = specs.draft(bot)
    except spec.InvalidSpec as error:
        return render(request, "bots/search.html", {"bot": bot, "words": words, "damaged": str(error)})
    hits = _linked(bot, search.search(bot, draft=draft, words=words))
    context = {"bot": bot, "words": words, "hits": hits, "most": search.MOST, "problems": problems.of_draft(draft)}
    return render(request, "bots/_hits.html" if ui.by_htmx(request) else "bots/search.html", context)


def _linked(bot: Bot, found: list[search.Hit]) -> list[tuple[search.Hit, str]]:
    """Give each hit the address where its text is edited."""
    dialogs = dict(bot.dialogs.values_list("key", "pk"))
    integrations = dict(bot.integrations.values_list("key", "pk"))

    def address(hit: search.Hit) -> str:
        if hit.place == "interaction":
            return f"{reverse('interaction_by_key', args=[bot.pk, hit.key])}?tab={hit.tab}"
        if hit.place == "dialog":
            return reverse("dialog", args=[bot.pk, dialogs[hit.key]])
        if hit.place == "integration":
            return reverse("integration", args=[bot.pk, integrations[hit.key]])
        return reverse(PAGES[hit.place], args=[bot.pk])

    return [(hit, address(hit)) for hit in found]
