"""The JavaScript that every script of a bot may call, with what does not parse at its line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from bots.forms.authoring import GlobalFunctionsForm
from bots.models import Bot
from bots.services import bots, revised, scripts
from bots.views import replies
from config import ui
from integrations.forms import conflicts
from integrations.services import revisions


@login_required
@require_GET
def edit(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    return render(request, "bots/global_functions.html", _context(bot, form=_form(bot)) | _undo(request, bot))


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Store the source even when it does not parse, so that nothing typed is lost, and say what is wrong."""
    bot = replies.bot_of(request, bot_id)
    form = GlobalFunctionsForm(conflicts.merged(request.POST, theirs=_form(bot)))
    conflict: dict[str, Any] = {}
    if form.is_valid():
        source, seen = form.cleaned_data["source"], conflicts.posted(request.POST)
        try:
            bot = bots.change_global_functions(bot.pk, user=request.user, source=source, seen=seen)
        except bots.Changed as changed:
            stored = _form(changed.theirs)
            conflict = replies.conflict(request, changed.theirs, "global_functions", theirs=stored, mine=form)
    failed = bool(form.errors or conflict)
    context = _context(bot, form=form) | conflict | {"failed": failed} | _undo(request, bot)
    if ui.by_htmx(request):
        return replies.saved_form(request, "bots/_functions_form.html", context)
    return render(request, "bots/global_functions.html", context) if failed else redirect("global_functions", bot.pk)


def _undo(request: HttpRequest, bot: Bot) -> dict[str, str]:
    """Offer to take back the latest change, if it is one's own."""
    latest = revisions.latest(bot, kind=revised.FUNCTIONS)
    own = latest is not None and latest.author_id == request.user.pk
    return {"undo": reverse("take_back", args=[latest.pk])} if latest and own else {}


def _form(bot: Bot) -> GlobalFunctionsForm:
    return GlobalFunctionsForm(initial={"source": bot.global_functions})


def _context(bot: Bot, *, form: GlobalFunctionsForm) -> dict[str, Any]:
    return {
        "bot": bot,
        "form": form,
        "seen": conflicts.seen(bots.revision(bot, aspect="global_functions"), form=form),
        "script_error": scripts.warning(str(form["source"].value() or ""), place="globalFunctions"),
    }
