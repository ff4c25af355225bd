"""The settings of a bot, saved as they are typed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from bots.forms.authoring import BotSettingsForm, ChannelKeyForm
from bots.models import Bot
from bots.services import bots, channel_keys, names
from bots.views import replies
from config import ui
from integrations.forms import conflicts


@login_required
@require_GET
def edit(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    return _page(request, bot, form=BotSettingsForm(instance=bot))


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    data = conflicts.merged(request.POST, theirs=BotSettingsForm(instance=bot))
    form = BotSettingsForm(data, instance=replies.bot_of(request, bot_id))
    conflict: dict[str, Any] = {}
    if form.is_valid():
        try:
            bot = bots.change(bot.pk, user=request.user, values=form.cleaned_data, seen=conflicts.posted(request.POST))
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except bots.Changed as changed:
            stored = BotSettingsForm(instance=changed.theirs)
            conflict = replies.conflict(request, changed.theirs, "settings", theirs=stored, mine=form)
    failed = bool(form.errors or conflict)
    if ui.by_htmx(request):
        context = _context(bot, form=form) | conflict | {"failed": failed}
        return replies.saved_form(request, "bots/_settings_form.html", context)
    return _page(request, bot, form=form, **conflict) if failed else redirect("bot_settings", bot.pk)


@login_required
@require_POST
def add_key(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Make a channel key and show it, for the only time."""
    bot = replies.bot_of(request, bot_id)
    form = ChannelKeyForm(request.POST)
    secret = ""
    if form.is_valid():
        _, secret = channel_keys.create(bot, label=form.cleaned_data["label"], actor=request.user)
        form = ChannelKeyForm()
    context = {"key_form": form, "secret": secret, "channel_keys": bot.channel_keys.all()}
    if ui.by_htmx(request):
        return render(request, "bots/_channel_keys.html", context | {"bot": bot})
    return _page(request, bot, **context, form=BotSettingsForm(instance=bot))


@login_required
@require_POST
def revoke_key(request: HttpRequest, bot_id: int, key_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    channel_keys.revoke(get_object_or_404(bot.channel_keys, pk=key_id), actor=request.user)
    context = {"bot": bot, "key_form": ChannelKeyForm(), "channel_keys": bot.channel_keys.all()}
    return (
        render(request, "bots/_channel_keys.html", context) if ui.by_htmx(request) else redirect("bot_settings", bot.pk)
    )


def _context(bot: Bot, *, form: BotSettingsForm) -> dict[str, Any]:
    seen = conflicts.seen(bots.revision(bot, aspect="settings"), form=form)
    return {"bot": bot, "form": form, "seen": seen}


def _page(request: HttpRequest, bot: Bot, *, form: BotSettingsForm, **more: Any) -> HttpResponse:
    keys = {"key_form": ChannelKeyForm(), "channel_keys": bot.channel_keys.all()}
    return render(request, "bots/settings.html", keys | _context(bot, form=form) | more)
