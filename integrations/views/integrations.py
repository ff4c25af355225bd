"""The pages of a bot's API integrations: list, form, duplicate, delete, and cURL in and out."""

from __future__ import annotations

from typing import Any, get_args

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from credentials.services import vault
from integrations.engine.scripts import Place
from integrations.forms import conflicts
from integrations.forms.integrations import IntegrationForm
from integrations.models import Integration
from integrations.services import definitions, samples, testruns

PLACES: dict[str, Place] = {place: place for place in get_args(Place)}


def bot_of(request: HttpRequest, bot_id: int) -> Any:
    return get_object_or_404(definitions.bots_for(request.user), pk=bot_id)


def row_of(request: HttpRequest, bot: Any, pk: int | None) -> Integration:
    """The stored integration, or an unsaved one of the bot."""
    if pk is None:
        return Integration(bot=bot)
    row: Integration = get_object_or_404(Integration.objects.for_user(request.user), bot=bot, pk=pk)
    row.bot = bot  # read already
    return row


@login_required
@require_GET
def index(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = bot_of(request, bot_id)
    return render(request, "integrations/index.html", {"bot": bot, "integrations": listed(bot)})


@login_required
@require_GET
def listing(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The list beside the form, alone."""
    bot = bot_of(request, bot_id)
    current = bot.integrations.filter(pk=number(request.GET.get("current"))).first()
    return render(request, "integrations/_list.html", {"bot": bot, "integrations": listed(bot), "integration": current})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The empty form, and what it creates."""
    bot = bot_of(request, bot_id)
    row = Integration(bot=bot)
    if request.method != "POST":
        run = _run(request, bot)
        typed = definitions.typed(run.order.definition, organization=bot.organization_id) if run else {}
        form = IntegrationForm(instance=row, initial=typed)
        return render(request, "integrations/integration.html", page(request, bot, row, form) | {"pasted": bool(typed)})
    form = IntegrationForm(request.POST, instance=row)
    if not form.store(actor=request.user):
        return shown(request, bot, Integration(bot=bot), form)
    target = reverse("integration", args=[bot.pk, row.pk])
    return HttpResponseClientRedirect(target) if by_htmx(request) else redirect(target)


@login_required
@require_GET
def edit(request: HttpRequest, bot_id: int, pk: int) -> HttpResponse:
    bot = bot_of(request, bot_id)
    row = row_of(request, bot, pk)
    form = IntegrationForm(instance=row)
    form.look_over()
    return render(request, "integrations/integration.html", page(request, bot, row, form))


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int, pk: int) -> HttpResponse:
    bot = bot_of(request, bot_id)
    data = conflicts.merged(request.POST, theirs=IntegrationForm(instance=row_of(request, bot, pk)))
    form = IntegrationForm(data, instance=row_of(request, bot, pk))
    if not form.store(actor=request.user):
        return shown(request, bot, row_of(request, bot, pk), form, **_conflict(request, form))
    row = row_of(request, bot, pk)
    fresh = IntegrationForm(instance=row)
    fresh.look_over()
    return trigger_client_event(shown(request, bot, row, fresh, saved=True), "integration-saved")


def _conflict(request: HttpRequest, form: IntegrationForm) -> dict[str, Any]:
    """What the page shows when somebody else saved in between: both versions of each field that differs."""
    if form.theirs is None:
        return {}
    stored = form.theirs.instance
    return {
        "theirs": conflicts.differences(form.theirs, form),
        "changed_by": conflicts.who(definitions.editor(stored), user=request.user),
        "take_url": reverse("integration", args=[stored.bot_id, stored.pk]),
    }


@login_required
@require_POST
def check_script(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Say what is wrong in a script of the bot and where, as JSON, while it is being written."""
    bot_of(request, bot_id)
    place = PLACES.get(request.POST.get("place", ""), "preProcess")
    error = definitions.script_error(request.POST.get("source", ""), place=place)
    found = [{"line": error.line, "column": error.column, "message": error.message}] if error else []
    return JsonResponse({"problems": found})


@login_required
@require_POST
def duplicate(request: HttpRequest, bot_id: int, pk: int) -> HttpResponse:
    try:
        copy = definitions.duplicate(row_of(request, bot_of(request, bot_id), pk), actor=request.user)
    except vault.HostNotCovered as refusal:
        messages.error(request, f"It was not duplicated. {refusal}")
        return redirect("integration", bot_id, pk)
    return redirect("integration", bot_id, copy.pk)


@login_required
@require_POST
def delete(request: HttpRequest, bot_id: int, pk: int) -> HttpResponse:
    bot = bot_of(request, bot_id)
    row = row_of(request, bot, pk)
    try:
        deleted = definitions.delete(row, actor=request.user)
    except definitions.InUse as refusal:
        context = page(request, bot, row, IntegrationForm(instance=row)) | {"refused": refusal.uses}
        return render(request, "integrations/integration.html", context, status=409)
    undo = reverse("take_back", args=[deleted.pk])
    messages.success(request, f"{row.name} was deleted.", extra_tags=undo)
    return redirect("integrations", bot.pk)


def listed(bot: Any) -> list[dict[str, Any]]:
    """The bot's integrations for a list, each with how its latest test run ended."""
    rows = list(bot.integrations.only("bot", "key", "name", "method", "url", "updated_at"))
    results = testruns.latest([row.pk for row in rows])
    return [{"row": row, "result": results.get(row.pk)} for row in rows]


def form_context(bot: Any, row: Integration, form: IntegrationForm) -> dict[str, Any]:
    stored = row.pk is not None
    return {
        "bot": bot,
        "integration": row,
        "form": form,
        "save_url": reverse("integration_save", args=[bot.pk, row.pk])
        if stored
        else reverse("integration_new", args=[bot.pk]),
    }


def page(request: HttpRequest, bot: Any, row: Integration, form: IntegrationForm) -> dict[str, Any]:
    """All that the page of one integration shows."""
    run = _run(request, bot)
    unsaved = run.order if run and row.pk is None else None
    return form_context(bot, row, form) | {
        "integrations": listed(bot),
        "uses": definitions.uses(row),
        "samples": samples.ask(
            unsaved.definition if unsaved else definitions.to_spec(row),
            remembered=unsaved.values if unsaved else samples.remembered(row, user=request.user),
            environment=definitions.environment(bot),
        ),
        "run": run,
    }


def _run(request: HttpRequest, bot: Any) -> testruns.Run | None:
    """The run that the address names: a reload shows it again."""
    run_id = request.GET.get("run", "")
    return testruns.find(run_id, bot=bot.pk) if run_id else None


def shown(request: HttpRequest, bot: Any, row: Integration, form: IntegrationForm, **more: Any) -> HttpResponse:
    """The form alone for htmx, the whole page for a browser without script."""
    if by_htmx(request):
        return render(request, "integrations/_form.html", form_context(bot, row, form) | more)
    return render(request, "integrations/integration.html", page(request, bot, row, form) | more)


def by_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
