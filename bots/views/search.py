"""Finding words anywhere in a bot, and the finder that goes anywhere (Ctrl+K)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from bots.engine import spec
from bots.models import Bot
from bots.services import finder, problems, search, specs
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
        if hit.place in ("intent", "test"):
            return reverse(hit.place, args=[bot.pk, hit.key])
        return reverse(PAGES[hit.place], args=[bot.pk])

    return [(hit, address(hit)) for hit in found]


@login_required
@require_GET
def find(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The entries of the finder for what is typed so far, each a link; the search page for people without script."""
    bot = replies.bot_of(request, bot_id)
    words = request.GET.get("q", "").strip()[:200]
    try:
        found = finder.find(bot, draft=specs.draft(bot), words=words)
    except spec.InvalidSpec:
        found = []
    address = _addresses(bot)
    context = {"words": words, "found": [(each, address(each)) for each in found]}
    return render(request, "bots/_found.html", context)


def _addresses(bot: Bot) -> Callable[[finder.Found], str]:
    """Return what knows the address of each thing that the finder finds."""
    dialogs = dict(bot.dialogs.values_list("key", "pk"))
    integrations = dict(bot.integrations.values_list("key", "pk"))
    interactions = dict(bot.interactions.values_list("key", "pk"))

    def interaction(found: finder.Found) -> str:
        tab = f"?tab={found.tab}" if found.tab else ""
        return f"{reverse('interaction', args=[bot.pk, interactions[found.key]])}{tab}"

    kinds: dict[str, Callable[[finder.Found], str]] = {
        "page": lambda found: reverse(found.key, args=[bot.pk]),
        "dialog": lambda found: reverse("dialog", args=[bot.pk, dialogs[found.key]]),
        "interaction": interaction,
        "integration": lambda found: reverse("integration", args=[bot.pk, integrations[found.key]]),
        "variable": lambda found: f"{reverse('search', args=[bot.pk])}?{urlencode({'q': found.key})}",
        "intent": lambda found: reverse("intent", args=[bot.pk, found.key]),
        "test": lambda found: reverse("test", args=[bot.pk, found.key]),
        **{place: lambda found: reverse(PAGES[found.place], args=[bot.pk]) for place in PAGES},
    }
    return lambda found: kinds[found.place or found.kind](found)
