"""The list of bots, and the pages that make, copy and delete one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bots.forms.authoring import DeleteBotForm, NewBotForm
from bots.models import Bot
from bots.services import bots, names, problems, templates
from bots.views import replies
from config import ui
from credentials.services import organizations

A_PAGE = 30


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    seat = organizations.seat_of(request)
    rows = bots.listing(request.user, organization=seat.organization if seat else None, words=words)
    found = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    known = problems.of_many(list(found))
    context = {"page": found, "rows": [(bot, len(known[bot.pk])) for bot in found], "words": words}
    return render(request, "bots/_bot_list.html" if ui.by_htmx(request) else "bots/bots.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    organization = organizations.current(request)
    form = NewBotForm(request.POST or None, beginnings=templates.choices())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = bots.NewBot(data["name"], data["description"], data["language"])
        try:
            bot = _create(wanted, template=data["template"], user=request.user, organization_id=organization.pk)
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        else:
            return redirect("bot", bot.pk)
    return render(request, "bots/new_bot.html", {"form": form})


def _create(wanted: bots.NewBot, *, template: str, user: Any, organization_id: int) -> Bot:
    if template:
        return templates.create_bot(wanted, template=template, user=user, organization_id=organization_id)
    return bots.create(wanted, user=user, organization_id=organization_id)


@login_required
@require_POST
def duplicate(request: HttpRequest, bot_id: int) -> HttpResponse:
    copy = bots.duplicate(replies.bot_of(request, bot_id).pk, user=request.user)
    replies.say(request, f"Made {copy.name}. It is a draft; channels and versions stayed with the original.")
    return redirect("bot", copy.pk)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    form = DeleteBotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            bots.delete(bot.pk, user=request.user, typed_name=form.cleaned_data["typed_name"])
        except names.Refused as refused:
            form.add_error(refused.field, refused.sentence)
        else:
            replies.say(request, f"Deleted the bot {bot.name}.")
            return redirect("bots")
    return render(request, "bots/delete_bot.html", {"bot": bot, "form": form})
