"""One interaction: its panel, saving what is typed there, and what is done to its tile."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget, trigger_client_event

from bots.models import Dialog, Interaction
from bots.services import authoring, names, ordering, outline
from bots.views import replies, undo
from bots.views.workspace import TABS, View
from config import ui
from integrations.forms import conflicts

RERENDERING = ("card_operation", "list_operation", "keep")


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    row = replies.interaction_of(request, bot_id, interaction_id)
    if not outline.is_readable(row):
        return redirect("dialog", bot_id, row.dialog_id)
    return _view(request, bot_id, interaction_id).page()


@login_required
@require_GET
def by_key(request: HttpRequest, bot_id: int, key: str) -> HttpResponse:
    """Go to the interaction that a log line, a rule or a problem names, to one tab, rule or line of it."""
    row = replies.bot_of(request, bot_id).interactions.filter(key=key).first()
    if row is None:
        return redirect("bot", bot_id)
    asked = {name: request.GET.get(name, "") for name in ("tab", "rule", "at")}
    query = urlencode({name: value for name, value in asked.items() if value}) if asked["tab"] in TABS else ""
    return redirect(f"{reverse('interaction', args=[bot_id, row.pk])}{f'?{query}' if query else ''}")


@login_required
@require_GET
def panel(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    if not outline.is_readable(replies.interaction_of(request, bot_id, interaction_id)):
        return HttpResponseClientRedirect(reverse("interaction", args=[bot_id, interaction_id]))
    view = _view(request, bot_id, interaction_id)
    return render(request, "bots/_panel.html", view.panel_context())


@login_required
@require_POST
def insert(request: HttpRequest, bot_id: int, dialog_id: int) -> HttpResponse:
    dialog = replies.dialog_of(request, bot_id, dialog_id)
    at = request.POST.get("at", "")
    try:
        row = authoring.insert(
            dialog.pk, user=request.user, kind=request.POST.get("kind", ""), at=int(at) if at.isdigit() else None
        )
    except names.Refused as refused:
        replies.say(request, refused.sentence, bad=True)
        return redirect("dialog", bot_id, dialog.pk)
    return _view(request, bot_id, row.pk).updated()


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int, interaction_id: int, tab: str) -> HttpResponse:
    """Store one tab of the panel; the answer says so beside the fields, which the author may be typing in."""
    view = _view(request, bot_id, interaction_id, tab=tab)
    form = view.unbound(conflicts.merged(request.POST, theirs=view.unbound()))
    if form is not None and form.is_valid():
        _store(view, form, _values(tab, form))
    view.form = form
    return saved(view)


def _values(tab: str, form: Any) -> dict[str, Any]:
    if tab == "content":
        return {"name": form.cleaned_data["name"], "content": form.content()}
    return dict(form.cleaned_data)


def _store(view: View, form: Any, values: dict[str, Any]) -> None:
    row = view.interaction
    if row is None:
        return
    try:
        view.interaction = authoring.change(row.pk, user=view.request.user, values=values, seen=view.seen())
        dialog: Dialog | None = values.get("dialog")
        if dialog is not None and dialog.pk != view.interaction.dialog_id:
            view.interaction = authoring.move(row.pk, user=view.request.user, to=10_000, dialog_id=dialog.pk)
    except names.Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
    except authoring.Changed as changed:
        view.conflict = changed.theirs


def saved(view: View) -> HttpResponse:
    """Answer a save: the page without script; the whole panel when its shape changed; else only what was said."""
    form, row = view.form, view.interaction
    failed = bool(form is not None and form.errors) or view.conflict is not None
    if not ui.by_htmx(view.request):
        return view.page() if failed else redirect(f"{view.address()}?tab={view.tab}&rule={view.rule}")
    moved = view.dialog is not None and row is not None and row.dialog_id != view.dialog.pk
    if moved and not failed:
        return HttpResponseClientRedirect(view.address())
    if view.conflict is not None or any(name in view.request.POST for name in RERENDERING):
        template = "bots/_panel.html" if failed else "bots/_panel_and_tile.html"
        panel = render(view.request, template, view.panel_context() | {"saved": not failed})
        return retarget(reswap(panel, "outerHTML"), "#panel")
    context = view.panel_context() | {"failed": failed}
    return render(view.request, "bots/_saved.html", context)


@login_required
@require_POST
def move(request: HttpRequest, bot_id: int, interaction_id: int, to: int) -> HttpResponse:
    """Put it at a place; in another dialog where `dialog` names one, else in its own."""
    row = replies.interaction_of(request, bot_id, interaction_id)
    named = request.POST.get("dialog", "")
    other = replies.dialog_of(request, bot_id, int(named)) if named.isdecimal() else None
    back = undo.moved(request, row, was=ordering.index(row, among=row.dialog.interactions.all()))
    authoring.move(row.pk, user=request.user, to=to, dialog_id=other.pk if other else None)
    response = _tiles(request, bot_id, row)
    said = f"Moved {row.name} to {other.name}." if other else f"Moved {row.name}."
    if not ui.by_htmx(request):
        replies.say(request, said, undo=back)
        return response
    if other is not None:
        response = trigger_client_event(response, f"interaction-{row.pk}")
    return replies.tell(response, said, request=request, undo=back)


@login_required
@require_POST
def duplicate(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    row = replies.interaction_of(request, bot_id, interaction_id)
    copy = authoring.duplicate(row.pk, user=request.user)
    return _view(request, bot_id, copy.pk).updated()


@login_required
@require_POST
def toggle(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    """Switch the interaction on or off."""
    row = replies.interaction_of(request, bot_id, interaction_id)
    authoring.change(row.pk, user=request.user, values={"enabled": not row.enabled})
    return trigger_client_event(_tiles(request, bot_id, row), f"interaction-{row.pk}")


@login_required
@require_POST
def delete(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    row = replies.interaction_of(request, bot_id, interaction_id)
    back = undo.keep(request, authoring.delete(row.pk, user=request.user))
    view = View(request, replies.bot_of(request, bot_id), row.dialog)
    response = view.updated()
    if ui.by_htmx(request):
        return replies.tell(response, f"Deleted {row.name}.", request=request, undo=back)
    replies.say(request, f"Deleted {row.name}.", undo=back)
    return response


def _tiles(request: HttpRequest, bot_id: int, row: Interaction) -> HttpResponse:
    if not ui.by_htmx(request):
        return redirect("dialog", bot_id, row.dialog_id)
    return View(request, replies.bot_of(request, bot_id), row.dialog).fragment("bots/_tiles_update.html")


def _view(request: HttpRequest, bot_id: int, interaction_id: int, tab: str = "") -> View:
    row = replies.interaction_of(request, bot_id, interaction_id)
    bot = replies.bot_of(request, bot_id)
    row.bot = bot
    tab = tab or request.GET.get("tab", "content")
    return View(request, bot, row.dialog, row, tab=tab, rule=request.GET.get("rule", ""))
