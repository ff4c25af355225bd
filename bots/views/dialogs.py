"""The dialogs page of a bot, and what is done to whole dialogs there."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bots.forms.authoring import DialogForm, NewDialogForm
from bots.models import Dialog
from bots.services import dialogs, names, ordering, revised
from bots.views import replies, undo
from bots.views.workspace import View
from config import ui
from integrations.forms import conflicts


@login_required
@require_GET
def bot(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Open the first dialog."""
    row = replies.bot_of(request, bot_id)
    return View(request, row, row.dialogs.first()).page()


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    return View(request, replies.bot_of(request, bot_id), dialog).page()


@login_required
@require_POST
def add(request: HttpRequest, bot_id: int) -> HttpResponse:
    row = replies.bot_of(request, bot_id)
    form = NewDialogForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    try:
        dialog = dialogs.add(row.pk, user=request.user, name=name)
    except names.Refused as refused:
        replies.say(request, refused.sentence, bad=True)
        return redirect("bot", row.pk)
    return redirect("dialog", row.pk, dialog.pk)


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    """Name, description, type and whether it is on."""
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    if request.method == "GET":
        return _settings(request, dialog, DialogForm(instance=dialog))
    data = conflicts.merged(request.POST, theirs=DialogForm(instance=dialog))
    form = DialogForm(data, instance=replies.dialog_of(request, bot_id, dialog_id))
    conflict: dict[str, Any] = {}
    if form.is_valid():
        try:
            seen = conflicts.posted(request.POST)
            dialogs.change(dialog.pk, user=request.user, values=form.cleaned_data, seen=seen)
            return redirect("dialog", bot_id, dialog.pk)
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except dialogs.Changed as changed:
            conflict = _conflict(request, changed.theirs, form)
    return _settings(request, dialog, form, **conflict)


def _conflict(request: HttpRequest, stored: Dialog, mine: DialogForm) -> dict[str, Any]:
    return {
        "theirs": conflicts.differences(DialogForm(instance=stored), mine),
        "changed_by": conflicts.who(revised.last_author(stored), user=request.user),
        "take_url": reverse("dialog_settings", args=[stored.bot_id, stored.pk]),
        "seen": conflicts.again(dialogs.revision(stored), data=request.POST),
    }


def _settings(request: HttpRequest, dialog: Dialog, form: DialogForm, **more: Any) -> HttpResponse:
    bot = replies.bot_of(request, dialog.bot_id)
    context = {"bot": bot, "dialog": dialog, "form": form, "seen": conflicts.seen(dialogs.revision(dialog), form=form)}
    return render(request, "bots/dialog_settings.html", context | more)


@login_required
@require_POST
def move(request: HttpRequest, bot_id: int, dialog_id: int, to: int) -> HttpResponse:
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    back = undo.moved(request, dialog, was=ordering.index(dialog, among=Dialog.objects.filter(bot=bot_id)))
    dialogs.move(dialog.pk, user=request.user, to=to)
    current = request.POST.get("current", "")
    response = _show(request, bot_id, int(current) if current.isdecimal() else dialog_id)
    if ui.by_htmx(request):
        return replies.tell(response, f"Moved the dialog {dialog.name}.", request=request, undo=back)
    replies.say(request, f"Moved the dialog {dialog.name}.", undo=back)
    return response


@login_required
@require_POST
def duplicate(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    copy = dialogs.duplicate(dialog.pk, user=request.user)
    return redirect("dialog", bot_id, copy.pk)


@login_required
@require_POST
def toggle(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    """Switch the dialog on or off."""
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    dialogs.change(dialog.pk, user=request.user, values={"enabled": not dialog.enabled})
    return _show(request, bot_id, dialog_id)


@login_required
@require_POST
def delete(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    snapshot = dialogs.delete(dialog.pk, user=request.user)
    replies.say(request, f"Deleted the dialog {dialog.name}.", undo=undo.keep(request, snapshot))
    return redirect("bot", bot_id)


def _show(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    if not ui.by_htmx(request):
        return redirect("dialog", bot_id, dialog_id)
    view = View(request, replies.bot_of(request, bot_id), replies.dialog_of(request, bot_id, dialog_id))
    return view.fragment("bots/_dialogs_update.html")
