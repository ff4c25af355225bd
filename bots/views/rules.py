"""The rules of one interaction: add, save, order, copy, delete, and the plain next action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget

from bots.forms import rules as rule_forms
from bots.services import authoring, rules
from bots.views import interactions, replies
from bots.views.workspace import View
from config import ui
from integrations.forms import conflicts

FIRST_CONDITION = {"integration": "api_result", "multiple_choice": "option"}


@login_required
@require_POST
def add(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    view = _view(request, bot_id, interaction_id)
    kind: Any = FIRST_CONDITION.get(view.interaction.kind if view.interaction else "", "pattern")
    made = rules.add(interaction_id, user=request.user, condition=kind)
    return _panel(request, bot_id, interaction_id, made.key)


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int, interaction_id: int, key: str) -> HttpResponse:
    view = _view(request, bot_id, interaction_id, key)
    form = view.rule_form(conflicts.merged(request.POST, theirs=view.rule_form()))
    if form is None:
        raise Http404
    before = form.rule.condition.kind if form.rule.condition else ""
    if form.is_valid():
        _store(view, form.cleaned_rule(), form)
    view.form = form
    if ui.by_htmx(request) and form.chosen != before and view.conflict is None:
        return _whole_panel(view, saved=not form.errors, failed=bool(form.errors))
    return interactions.saved(view)


def _store(view: View, rule: Any, form: rule_forms.RuleForm) -> None:
    row = view.interaction
    if row is None:
        return
    try:
        view.interaction = rules.change(
            row.pk, user=view.request.user, rule=rule, seen=conflicts.posted(view.request.POST)
        )
    except authoring.Changed as changed:
        view.conflict = changed.theirs
    except rules.NoSuchRule:
        form.add_error(None, "This rule was deleted meanwhile.")


@login_required
@require_POST
def next_action(request: HttpRequest, bot_id: int, interaction_id: int) -> HttpResponse:
    view = _view(request, bot_id, interaction_id)
    form = view.next_action_form(request.POST)
    if form is not None and form.is_valid():
        chosen = form.cleaned_data["action"]
        action = rule_forms.read_action(chosen) if chosen else None
        asks = form.fields["action"].choices[0][0] == ""  # type: ignore[attr-defined]
        view.interaction = rules.set_next_action(
            interaction_id, user=request.user, action=None if not asks and chosen == "next" else action
        )
    view.form = form
    return interactions.saved(view)


@login_required
@require_POST
def move(request: HttpRequest, bot_id: int, interaction_id: int, key: str, to: int) -> HttpResponse:
    return _do(
        request, bot_id, interaction_id, key, lambda: rules.move(interaction_id, user=request.user, key=key, to=to)
    )


@login_required
@require_POST
def duplicate(request: HttpRequest, bot_id: int, interaction_id: int, key: str) -> HttpResponse:
    return _do(
        request, bot_id, interaction_id, key, lambda: rules.duplicate(interaction_id, user=request.user, key=key)
    )


@login_required
@require_POST
def delete(request: HttpRequest, bot_id: int, interaction_id: int, key: str) -> HttpResponse:
    return _do(request, bot_id, interaction_id, "", lambda: rules.delete(interaction_id, user=request.user, key=key))


def _do(request: HttpRequest, bot_id: int, interaction_id: int, key: str, act: Callable[[], Any]) -> HttpResponse:
    replies.interaction_of(request, bot_id, interaction_id)
    try:
        act()
    except rules.NoSuchRule as error:
        raise Http404 from error
    return _panel(request, bot_id, interaction_id, key)


def _panel(request: HttpRequest, bot_id: int, interaction_id: int, key: str) -> HttpResponse:
    view = _view(request, bot_id, interaction_id, key)
    if not ui.by_htmx(request):
        return redirect(f"{view.address()}?tab=rules&rule={key}")
    return _whole_panel(view)


def _whole_panel(view: View, **said: bool) -> HttpResponse:
    response = render(view.request, "bots/_panel_and_tile.html", view.panel_context() | said)
    return retarget(reswap(response, "outerHTML"), "#panel")


def _view(request: HttpRequest, bot_id: int, interaction_id: int, key: str = "") -> View:
    row = replies.interaction_of(request, bot_id, interaction_id)
    bot = replies.bot_of(request, bot_id)
    row.bot = bot
    return View(request, bot, row.dialog, row, tab="rules", rule=key)
