"""The pages that bring an exported bot in, and the link that takes one out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from bots.engine.exportfile import MAX_BYTES, UnreadableExport
from bots.forms.transfer import DecisionsForm, FileForm
from bots.services import importjobs, importreport, names, transfer, uploads
from bots.views import importing, replies
from credentials.services import organizations


@csrf_exempt  # not the check is left out, but that it reads the whole body before the body's size is known
@login_required
@require_http_methods(["GET", "POST"])
def import_bot(request: HttpRequest) -> HttpResponse:
    """Take the file; one that is too large is refused before it is read."""
    if _length(request) > uploads.MOST_BYTES:
        context = {"form": FileForm(), "problem": f"The file is larger than {MAX_BYTES // 1024 // 1024} MB."}
        return render(request, "bots/import.html", context, status=413)
    return _upload(request)


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isascii() and given.isdigit() else 0


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    organizations.current(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    problem = ""
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read()
        large = transfer.size(data) >= settings.IMPORT_WORKER_FROM
        try:
            if not large:
                transfer.read(data)
            token = uploads.keep(request.user, name=file.name, data=data)
            if large:
                importing.begin(request, token=token, name=file.name, total=transfer.size(data))
        except (UnreadableExport, uploads.NotKept, importjobs.Unavailable) as error:
            problem = str(error)
        else:
            return redirect("import_report", token)
    return render(request, "bots/import.html", {"form": form, "problem": problem})


@login_required
@require_http_methods(["GET", "POST"])
def import_report(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the file brings, and import it when the author has decided what it leaves open."""
    organization = organizations.current(request)
    try:
        job = importjobs.find(request.user, token=token)
        if job is not None:
            return importing.page(request, job)
        upload = uploads.find(request.user, token=token)
    except uploads.NotKept as error:
        return render(request, "bots/import.html", {"form": FileForm(), "problem": str(error)})
    if upload is None:
        replies.say(request, "That file waits no longer. Choose it again.", bad=True)
        return redirect("import_bot")
    document = transfer.read(upload.data)
    report = importreport.report(document, organization=organization)
    form = DecisionsForm(request.POST or None, report=report, organization=organization)
    if request.method == "POST" and form.is_valid():
        response = _import(request, form, document=document)
        if response is not None:
            return response
    context = {"report": report, "form": form, "upload": upload, "organization": organization}
    return render(request, "bots/import_report.html", context)


def _import(request: HttpRequest, form: DecisionsForm, *, document: transfer.Document) -> HttpResponse | None:
    """Import and go to the bot; nothing when it was refused, which the form then says."""
    data: dict[str, Any] = form.cleaned_data
    decisions = transfer.Decisions(data["name"], data["environment"], form.credentials())
    organization = organizations.current(request)
    try:
        bot = transfer.import_bot(document, organization=organization, actor=request.user, decisions=decisions)
    except names.Refused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return None
    return importing.arrived(request, bot)


@login_required
@require_GET
def export_bot(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    text = transfer.export_bot(bot)
    headers = {"Content-Disposition": f'attachment; filename="{transfer.file_name(bot)}"', "Cache-Control": "no-store"}
    return HttpResponse(text.encode(), content_type="application/json", headers=headers)
