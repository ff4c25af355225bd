"""History: who changed what of a bot or an environment, restoring an older state of one item, and taking back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from bots.services import histories, names, restoring
from bots.services.restoring import Back
from bots.views import replies
from config import ui
from integrations.models import Environment, Revision

PAGES = {
    "dialog": "dialog", "interaction": "interaction", "integration": "integration", "intent": "intent", "test": "test",
    "global_functions": "global_functions", "settings": "bot_settings", "environment": "environment",
}  # fmt: skip
LISTS = {"integration": "integrations", "intent": "intents", "test": "tests"}


@login_required
@require_GET
def of_bot(request: HttpRequest, bot_id: int) -> HttpResponse:
    """All of the bot; `kind` and `item` choose some of it."""
    bot = replies.bot_of(request, bot_id)
    kind, item = request.GET.get("kind", ""), request.GET.get("item", "")[:200]
    kind = kind if kind in histories.KINDS and kind != "environment" else ""
    found = histories.of_bot(bot, kind=kind, item=item if kind else "")
    kinds = {name: label for name, label in histories.KINDS.items() if name != "environment"}
    query = {name: value for name, value in (("kind", kind), ("item", item)) if value}
    context = {"bot": bot, "frame": "bots/bot_base.html", "kinds": kinds.items(), "kind": kind, "item": item}
    return _page(request, found, context | {"query": urlencode(query)})


@login_required
@require_GET
def of_environment(request: HttpRequest, environment_id: int) -> HttpResponse:
    row = get_object_or_404(Environment.objects.for_user(request.user), pk=environment_id)
    context = {"environment": row, "frame": "base.html", "item": str(row.pk), "named": row.name, "query": ""}
    return _page(request, histories.of_environment(row), context)


def _page(request: HttpRequest, found: Any, context: dict[str, Any]) -> HttpResponse:
    start = request.GET.get("before", "")
    entries, older = histories.page(found, before=int(start) if start.isdecimal() and len(start) < 19 else 0)
    shown = [(each, address(each.revision, each.number)) for each in entries]
    if context["item"] and entries:
        context = {"named": entries[0].revision.name, **context}
    return render(request, "bots/history.html", context | {"entries": shown, "older": older, "newest": not start})


def address(revision: Revision, number: int) -> str:
    """Return where the item of a revision is edited; nothing for one that is gone."""
    if not number:
        return ""
    if revision.kind == "environment":
        return reverse("environment", args=[number])
    once = revision.kind in ("settings", "global_functions")
    return reverse(PAGES[revision.kind], args=[revision.bot_id] if once else [revision.bot_id, number])


@login_required
@require_POST
def take_back(request: HttpRequest, revision_id: int) -> HttpResponse:
    """Undo the action that a revision is of; says plainly when that cannot be done any more."""
    request.session.pop(ui.AGAIN, None)
    return _went_back(request, revision_id, restoring.take_back, otherwise=_home)


@login_required
@require_POST
def restore(request: HttpRequest, revision_id: int) -> HttpResponse:
    """Make an item what it was before a revision."""
    return _went_back(request, revision_id, restoring.restore, otherwise=of_item)


def _went_back(
    request: HttpRequest, revision_id: int, go: Callable[..., list[Back]], *, otherwise: Callable[[Revision], str]
) -> HttpResponse:
    """Go back and say what was done, or why not, on the page that `otherwise` gives."""
    page = reverse("bots")
    try:
        revision = restoring.find(revision_id, user=request.user)
        page = otherwise(revision)
        done = go(revision, user=request.user)
    except names.Refused as refused:
        return _refused(request, refused, page)
    if len(done) == 1:
        return _done(request, done[0])
    replies.say(request, f"Taken back: {len(done)} changes.", undo=undo_address(done[0].revision))
    return _go(request, _home(revision))


def undo_address(revision: Revision) -> str:
    """Return the address that takes an action back: it works from any page, for as long as the revision is kept."""
    return reverse("take_back", args=[revision.pk])


def of_item(revision: Revision) -> str:
    """Return the history of the item."""
    if revision.bot_id:
        query = urlencode({"kind": revision.kind, "item": revision.item})
        return f"{reverse('history', args=[revision.bot_id])}?{query}"
    rows = Environment.objects.filter(pk=int(revision.item))
    return reverse("environment_history", args=[revision.item]) if rows.exists() else reverse("environments")


def _home(revision: Revision) -> str:
    if not revision.bot_id:
        return reverse("environments")
    return reverse(LISTS.get(revision.kind, "bot"), args=[revision.bot_id])


def _done(request: HttpRequest, done: Back) -> HttpResponse:
    replies.say(request, f"{done.said}.", undo=undo_address(done.revision))
    there = done.row is not None
    return _go(request, address(done.revision, done.row.pk) if there else _home(done.revision))


def _refused(request: HttpRequest, refused: names.Refused, page: str) -> HttpResponse:
    replies.say(request, refused.sentence, bad=True)
    return _go(request, page)


def _go(request: HttpRequest, page: str) -> HttpResponse:
    return HttpResponseClientRedirect(page) if ui.by_htmx(request) else redirect(page)
