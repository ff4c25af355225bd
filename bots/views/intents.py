"""The intents of a bot: the list, one with its examples, and trying what a message would be taken for."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from bots.engine.intents import GOOD
from bots.forms.intents import IntentForm, NewIntentForm, TryForm
from bots.models import Bot, Intent
from bots.services import intents, names, revised
from bots.views import replies
from config import ui
from integrations.forms import conflicts


@login_required
@require_GET
def index(request: HttpRequest, bot_id: int) -> HttpResponse:
    return _list(request, replies.bot_of(request, bot_id), NewIntentForm())


@login_required
@require_POST
def add(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    form = NewIntentForm(request.POST)
    if form.is_valid():
        try:
            row = intents.create(bot.pk, user=request.user, name=form.cleaned_data["name"])
            return redirect("intent", bot.pk, row.pk)
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
    return _list(request, bot, form)


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int, intent_id: int) -> HttpResponse:
    row = _intent(request, bot_id, intent_id)
    return _page(request, row, _form(row))


def _form(row: Intent) -> IntentForm:
    return IntentForm(initial={"name": row.name, "phrases": row.phrases, "patterns": row.patterns})


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int, intent_id: int) -> HttpResponse:
    row = _intent(request, bot_id, intent_id)
    form = IntentForm(conflicts.merged(request.POST, theirs=_form(row)))
    conflict: dict[str, Any] = {}
    if form.is_valid():
        try:
            row = intents.change(row.pk, user=request.user, **form.cleaned_data, seen=conflicts.posted(request.POST))
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except intents.Changed as changed:
            conflict = _conflict(request, changed.theirs, form)
    failed = bool(form.errors or conflict)
    if ui.by_htmx(request):
        context = _context(row, form) | conflict | {"failed": failed}
        return replies.saved_form(request, "bots/_intent_form.html", context)
    return _page(request, row, form, **conflict) if failed else redirect("intent", bot_id, row.pk)


def _conflict(request: HttpRequest, stored: Intent, mine: IntentForm) -> dict[str, Any]:
    return {
        "theirs": conflicts.differences(_form(stored), mine),
        "changed_by": conflicts.who(revised.last_author(stored), user=request.user),
        "take_url": reverse("intent", args=[stored.bot_id, stored.pk]),
        "seen": conflicts.again(intents.revision(stored), data=request.POST),
    }


@login_required
@require_POST
def delete(request: HttpRequest, bot_id: int, intent_id: int) -> HttpResponse:
    row = _intent(request, bot_id, intent_id)
    deleted = intents.delete(row.pk, user=request.user)
    replies.say(request, f"The intent {row.name} is deleted.", undo=reverse("take_back", args=[deleted.pk]))
    return redirect("intents", bot_id)


@login_required
@require_POST
def try_out(request: HttpRequest, bot_id: int) -> HttpResponse:
    """What the draft would take a message for."""
    bot = replies.bot_of(request, bot_id)
    form = TryForm(request.POST)
    context = {"try_form": form, "good": GOOD}
    if form.is_valid():
        context["candidates"] = intents.try_out(bot, message=form.cleaned_data["message"])
    if ui.by_htmx(request):
        return render(request, "bots/_intent_trial.html", {"bot": bot, **context})
    return _list(request, bot, NewIntentForm(), **context)


def _intent(request: HttpRequest, bot_id: int, intent_id: int) -> Intent:
    bot = replies.bot_of(request, bot_id)
    row: Intent = get_object_or_404(bot.intents, pk=intent_id)
    row.bot = bot
    return row


def _list(request: HttpRequest, bot: Bot, form: NewIntentForm, **more: object) -> HttpResponse:
    context = {"bot": bot, "form": form, "try_form": TryForm(), "good": GOOD, "entries": intents.listing(bot), **more}
    return render(request, "bots/intents.html", context)


def _context(row: Intent, form: IntentForm) -> dict[str, Any]:
    entry = intents.entry(row)  # first, since it says which part cannot be read
    seen = conflicts.seen(intents.revision(row), form=form)
    return {"bot": row.bot, "entry": entry, "form": form, "seen": seen}


def _page(request: HttpRequest, row: Intent, form: IntentForm, **more: Any) -> HttpResponse:
    context = _context(row, form) | {"try_form": TryForm(), "good": GOOD} | more
    return render(request, "bots/intent.html", context)
