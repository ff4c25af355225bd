"""An import that a worker carries out: how far it is, stopping it, what the author decides, and where it ends."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect
from redis.exceptions import RedisError

from bots import tasks
from bots.forms.transfer import DecisionsForm
from bots.models import Bot
from bots.services import importjobs, uploads
from bots.services.importjobs import Job
from bots.views import replies, undo
from config import ui
from credentials.services import organizations

NOTHING = {
    "cancelled": "Cancelled. Nothing was imported.",
    "lost": "The worker that did this does not answer any more, and nothing was imported. Try it again; if this "
    "stays, tell the operator to look at the workers.",
}


def begin(request: HttpRequest, *, token: str, name: str, total: int) -> None:
    """Have a worker read the file that waits; raises importjobs.Unavailable."""
    organization = organizations.current(request)
    run = importjobs.begin(request.user, organization=organization.pk, token=token, name=name, total=total)
    tasks.send_import(run)


def page(request: HttpRequest, job: Job) -> HttpResponse:
    """The page of an import, wherever it stands."""
    if job.waits:
        return render(request, "bots/import_waiting.html", {"job": job})
    if job.kind == "store" and job.status == "done":
        return _done(request, job)
    report = importjobs.report(job)
    if report is None:
        return render(request, "bots/import_stopped.html", {"job": job, "sentence": _sentence(job)})
    return _decide(request, job, report)


@login_required
@require_GET
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """The progress alone; when it is over, the page."""
    job = importjobs.find(request.user, token=token)
    if job is None or not job.waits:
        return HttpResponseClientRedirect(reverse("import_report", args=[token]))
    return render(request, "bots/_import_progress.html", {"job": job})


@login_required
@require_POST
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    job = _job(request, token)
    if not importjobs.cancel(job):
        replies.say(request, "It was over before it could be cancelled.", bad=True)
    return _to_the_page(request, token)


@login_required
@require_POST
def again(request: HttpRequest, token: str) -> HttpResponse:
    """Read the file once more, after that was cancelled or its worker died."""
    job = _job(request, token)
    try:
        if not job.waits and importjobs.report(job) is None:
            tasks.send_import(importjobs.look_again(job))
    except importjobs.Unavailable as error:
        replies.say(request, str(error), bad=True)
    return _to_the_page(request, token)


def arrived(request: HttpRequest, bot: Bot) -> HttpResponse:
    """Go to the bot that was imported, with a way back."""
    with contextlib.suppress(uploads.NotKept):  # its time ends it as well
        uploads.forget(request.user)
    bot.refresh_from_db(fields=["updated_at"])
    back = undo.keep(request, {"bot": bot.pk, "imported": bot.updated_at.isoformat()})
    replies.say(request, f"Imported {bot.name}. It is a draft: try it in the preview, then publish it.", undo=back)
    return redirect("bot", bot.pk)


def _decide(request: HttpRequest, job: Job, report: Any) -> HttpResponse:
    """Show the report and take the decisions; what was decided before a failure is still there."""
    organization = organizations.current(request)
    data = request.POST if request.method == "POST" else job.posted or None
    form = DecisionsForm(data, report=report, organization=organization)
    valid = form.is_valid()
    problem = "" if job.kind == "look" else _sentence(job)
    if request.method == "POST" and valid:
        try:
            tasks.send_import(importjobs.store(job, decisions=_plain(form), posted=request.POST.dict()))
            return redirect("import_report", job.token)
        except importjobs.Unavailable as error:
            problem = str(error)
    if request.method == "GET" and job.place in form.fields:
        form.add_error(job.place, job.sentence)
        problem = ""
    context = {"report": report, "form": form, "upload": job, "organization": organization, "problem": problem}
    return render(request, "bots/import_report.html", context)


def _plain(form: DecisionsForm) -> dict[str, Any]:
    chosen = {key: credential.pk for key, credential in form.credentials().items()}
    environment = form.cleaned_data["environment"]
    return {
        "name": form.cleaned_data["name"],
        "environment": environment.pk if environment else None,
        "credentials": chosen,
    }


def _done(request: HttpRequest, job: Job) -> HttpResponse:
    bot = Bot.objects.for_user(request.user).filter(pk=job.bot).first()
    with contextlib.suppress(RedisError):  # its time ends it as well
        importjobs.forget(job)
    if bot is None:
        replies.say(request, "The bot was imported, and has been deleted since.", bad=True)
        return redirect("bots")
    return arrived(request, bot)


def _sentence(job: Job) -> str:
    return NOTHING.get(job.status, job.sentence)


def _job(request: HttpRequest, token: str) -> Job:
    job = importjobs.find(request.user, token=token)
    if job is None:
        raise Http404
    return job


def _to_the_page(request: HttpRequest, token: str) -> HttpResponse:
    address = reverse("import_report", args=[token])
    return HttpResponseClientRedirect(address) if ui.by_htmx(request) else redirect(address)
