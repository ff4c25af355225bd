"""The JavaScript that every script of a bot may call, with what does not parse at its line."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from bots.forms.authoring import GlobalFunctionsForm
from bots.services import bots, scripts
from bots.views import replies
from config import ui


@login_required
@require_GET
def edit(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    form = GlobalFunctionsForm(initial={"source": bot.global_functions})
    context = {"bot": bot, "form": form, "script_error": scripts.warning(bot.global_functions, place="globalFunctions")}
    return render(request, "bots/global_functions.html", context)


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Store the source even when it does not parse, so that nothing typed is lost, and say what is wrong."""
    bot = replies.bot_of(request, bot_id)
    form = GlobalFunctionsForm(request.POST)
    if form.is_valid():
        bot = bots.change_global_functions(bot.pk, user=request.user, source=form.cleaned_data["source"])
    context = {
        "bot": bot,
        "form": form,
        "failed": bool(form.errors),
        "script_error": scripts.warning(bot.global_functions, place="globalFunctions"),
    }
    if ui.by_htmx(request):
        return render(request, "bots/_global_functions_saved.html", context)
    return (
        render(request, "bots/global_functions.html", context) if form.errors else redirect("global_functions", bot.pk)
    )
