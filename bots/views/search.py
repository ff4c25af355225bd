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
    rows = search.rows(bot)
    hits = _linked(bot, search.search(bot, draft=draft, words=words, among=rows), rows)
    context = {"bot": bot, "words": words, "hits": hits, "most": search.MOST, "problems": problems.of_draft(draft)}
    return render(request, "bots/_hits.html" if ui.by_htmx(request) else "bots/search.html", context)


def _linked(bot: Bot, found: list[search.Hit], rows: search.Rows) -> list[tuple[search.Hit, str]]:
    """Give each hit the address where its text is edited."""

    def address(hit: search.Hit) -> str:
        if hit.place == "interaction":
            return f"{reverse('interaction_by_key', args=[bot.pk, hit.key])}?tab={hit.tab}"
        if hit.place in ("dialog", "integration"):
            return reverse(hit.place, args=[bot.pk, rows.numbers[hit.place, hit.key]])
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
    rows = search.rows(bot)
    try:
        found = finder.find(bot, draft=specs.draft(bot), words=words, among=rows)
    except spec.InvalidSpec:
        found = []
    address = _addresses(bot, rows)
    context = {"words": words, "found": [(each, address(each)) for each in found]}
    return render(request, "bots/_found.html", context)


def _addresses(bot: Bot, rows: search.Rows) -> Callable[[finder.Found], str]:
    """Return what knows the address of each thing that the finder finds."""

    def numbered(found: finder.Found) -> str:
        place = found.place or found.kind
        tab = f"?tab={found.tab}" if found.tab and place == "interaction" else ""
        return f"{reverse(place, args=[bot.pk, rows.numbers[place, found.key]])}{tab}"

    kinds: dict[str, Callable[[finder.Found], str]] = {
        "page": lambda found: reverse(found.key, args=[bot.pk]),
        "variable": lambda found: f"{reverse('search', args=[bot.pk])}?{urlencode({'q': found.key})}",
        "intent": lambda found: reverse("intent", args=[bot.pk, found.key]),
        "test": lambda found: reverse("test", args=[bot.pk, found.key]),
        **dict.fromkeys(("dialog", "interaction", "integration"), numbered),
        **{place: lambda found: reverse(PAGES[found.place], args=[bot.pk]) for place in PAGES},
    }
    return lambda found: kinds[found.place or found.kind](found)
