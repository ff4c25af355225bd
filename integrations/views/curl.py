"""cURL in and out of the integration form. Nothing is saved here."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from integrations.engine.errors import IntegrationError
from integrations.forms.integrations import IntegrationForm
from integrations.forms.samples import sample_values
from integrations.services import curls, definitions
from integrations.views import integrations as pages

INVALID = "Mend the marked fields of the form first; the command is made of them."


@login_required
@require_POST
def copy(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The request of the form as typed, with the sample values, as a command."""
    bot = pages.bot_of(request, bot_id)
    form = IntegrationForm(
        request.POST, instance=pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    )
    if not form.is_valid():
        return render(request, "integrations/_curl.html", {"problem": INVALID})
    try:
        command = curls.command(
            form.instance,
            definition=form.definition(),
            values=sample_values(request.POST),
            environment=definitions.environment(bot),
        )
    except IntegrationError as error:
        return render(request, "integrations/_curl.html", {"problem": error.message})
    return render(request, "integrations/_curl.html", {"command": command})


@login_required
@require_POST
def paste(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The form as typed, with what a command says in its place."""
    bot = pages.bot_of(request, bot_id)
    row = pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    typed = IntegrationForm(request.POST, instance=row).typed()
    problem = ""
    notes: list[str] = []
    try:
        values, notes = curls.typed(request.POST.get("curl", ""))
        typed |= values
    except IntegrationError as error:
        problem = error.message
    form = IntegrationForm(instance=row, initial=typed)
    context = {"pasted": not problem, "paste_problem": problem, "paste_notes": notes}
    return pages.shown(request, bot, row, form, **context)
