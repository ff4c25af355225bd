"""What a bot knows while it talks: every variable with its places.

Also the list that fields complete from while an author types.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from bots.engine import spec
from bots.services import completions, specs, variables
from bots.views import replies

RENAMED = ("variable", "slot", "env")  # the kinds whose name alone says which is meant


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    environment = bot.environment.values if bot.environment else {}
    groups = variables.listing(specs.draft(bot), environment=environment)
    integrations = dict(bot.integrations.values_list("key", "pk"))
    return render(
        request, "bots/variables.html", {"bot": bot, "groups": groups, "integrations": integrations, "renamed": RENAMED}
    )


@login_required
@require_GET
def complete(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Return what a text can refer to, as JSON; a draft that cannot be read offers nothing."""
    bot = replies.bot_of(request, bot_id)
    environment = bot.environment.values if bot.environment else {}
    try:
        offers = completions.of(specs.draft(bot), environment=environment)
    except spec.InvalidSpec:
        offers = []
    found = [{"written": offer.written, "origin": offer.origin} for offer in offers]
    return JsonResponse({"offers": found}, headers={"Cache-Control": "no-store"})
