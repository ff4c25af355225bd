"""Test runs on the page of an integration: start, follow, cancel, pin, and run the transform alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import replace_url

from integrations import tasks
from integrations.engine.outcome import ReceivedResponse
from integrations.forms.integrations import IntegrationForm
from integrations.forms.samples import SampleResponseForm, sample_values
from integrations.models import Integration
from integrations.services import definitions, samples, testruns
from integrations.views import integrations as pages


@login_required
@require_POST
def start(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Run the integration as it stands in the form, saved or not."""
    bot = pages.bot_of(request, bot_id)
    row = pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    form = IntegrationForm(request.POST, instance=row)
    sample = SampleResponseForm(request.POST, wanted=request.POST.get("mode") == "transform")
    if not form.is_valid() or not sample.is_valid():
        return _refused(request, bot, row, form, sample)
    values = sample_values(request.POST)
    samples.remember(row, user=request.user, values=values, environment=definitions.environment(bot))
    try:
        run_id = testruns.order(_order(request, bot, row, form, values, sample.response()))
        tasks.send(run_id)
    except testruns.Unavailable as error:
        return _refused(request, bot, row, form, sample, reason=str(error))
    return _following(request, bot, row, run_id)


def _order(
    request: HttpRequest, bot: Any, row: Integration, form: IntegrationForm, values: dict[str, str],
    response: ReceivedResponse | None,
) -> testruns.Order:  # fmt: skip
    return testruns.Order(
        bot=bot.pk,
        user=request.user.pk or 0,
        definition=form.definition(),
        integration=row.pk,
        values=values,
        response=response,
    )


def _refused(
    request: HttpRequest,
    bot: Any,
    row: Integration,
    form: IntegrationForm,
    sample: SampleResponseForm,
    *,
    reason: str = "Mend the marked fields first.",
) -> HttpResponse:
    """Say in the panel what is wrong, and mark the fields in the form."""
    if not pages.by_htmx(request):
        return render(request, "integrations/integration.html", pages.page(request, bot, row, form))
    problems = [error for errors in sample.errors.values() for error in errors]
    context = pages.form_context(bot, row, form) | {"oob": True, "sample_problems": problems, "reason": reason}
    return render(request, "integrations/_run_refused.html", context)


def _following(request: HttpRequest, bot: Any, row: Integration, run_id: str) -> HttpResponse:
    args = [bot.pk, row.pk] if row.pk else [bot.pk]
    page = f"{reverse('integration' if row.pk else 'integration_new', args=args)}?run={run_id}"
    if not pages.by_htmx(request):
        return redirect(page)
    return replace_url(_run(request, bot, run_id), page)


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int, run_id: str) -> HttpResponse:
    """The run alone: its progress, or its report."""
    return _run(request, pages.bot_of(request, bot_id), run_id)


@login_required
@require_POST
def cancel(request: HttpRequest, bot_id: int, run_id: str) -> HttpResponse:
    bot = pages.bot_of(request, bot_id)
    _found(bot, run_id)
    testruns.cancel(run_id)
    return _run(request, bot, run_id)


@login_required
@require_GET
def body(request: HttpRequest, bot_id: int, run_id: str) -> HttpResponse:
    """The response's whole body, or the document that the transform script left, as plain text."""
    report = _found(pages.bot_of(request, bot_id), run_id).report
    if report is None:
        raise Http404
    text = report.transformed if "transformed" in request.GET else report.response.body if report.response else ""
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@login_required
@require_POST
def pin(request: HttpRequest, bot_id: int, run_id: str) -> HttpResponse:
    """Keep the run's response with the integration, in the database."""
    bot = pages.bot_of(request, bot_id)
    run = _found(bot, run_id)
    row = pages.row_of(request, bot, run.order.integration)
    if row.pk is None or run.report is None or run.report.response is None:
        raise Http404
    definitions.pin(row, response=run.report.response, actor=request.user)
    return _sample(request, bot, row, run_id)


@login_required
@require_POST
def unpin(request: HttpRequest, bot_id: int, pk: int) -> HttpResponse:
    bot = pages.bot_of(request, bot_id)
    row = pages.row_of(request, bot, pk)
    definitions.unpin(row, actor=request.user)
    return _sample(request, bot, row, "")


@login_required
@require_POST
def ask(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The fields for sample values, of exactly the variables that the form as typed uses."""
    bot = pages.bot_of(request, bot_id)
    row = pages.row_of(request, bot, pages.number(request.POST.get("integration")))
    form = IntegrationForm(request.POST, instance=row)
    form.full_clean()
    typed = samples.remembered(row, user=request.user) | sample_values(request.POST)
    asked = samples.ask(form.definition(), remembered=typed, environment=definitions.environment(bot))
    return render(request, "integrations/_samples.html", {"bot": bot, "samples": asked})


def _found(bot: Any, run_id: str) -> testruns.Run:
    run = testruns.find(run_id, bot=bot.pk)
    if run is None:
        raise Http404
    return run


def _run(request: HttpRequest, bot: Any, run_id: str) -> HttpResponse:
    return render(request, "integrations/_run.html", {"bot": bot, "run": testruns.find(run_id, bot=bot.pk)})


def _sample(request: HttpRequest, bot: Any, row: Integration, run_id: str) -> HttpResponse:
    if not pages.by_htmx(request):
        target = reverse("integration", args=[bot.pk, row.pk])
        return redirect(f"{target}?run={run_id}" if run_id else target)
    return render(request, "integrations/_sample_response.html", {"bot": bot, "integration": row})
