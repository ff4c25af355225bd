"""The settings of a bot, saved as they are typed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from bots.forms.authoring import BotSettingsForm, ChannelKeyForm
from bots.models import Bot
from bots.services import bots, channel_keys, names
from bots.views import replies
from config import ui


@login_required
@require_GET
def edit(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    return _page(request, bot, BotSettingsForm(instance=bot))


@login_required
@require_POST
def save(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    form = BotSettingsForm(request.POST, instance=replies.bot_of(request, bot_id))
    if form.is_valid():
        try:
            bot = bots.change(bot.pk, user=request.user, values=form.cleaned_data)
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
    if ui.by_htmx(request):
        return render(request, "bots/_form_saved.html", {"bot": bot, "form": form, "failed": bool(form.errors)})
    return _page(request, bot, form) if form.errors else redirect("bot_settings", bot.pk)


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
    context = {"bot": bot, "key_form": form, "secret": secret, "channel_keys": bot.channel_keys.all()}
    if ui.by_htmx(request):
        return render(request, "bots/_channel_keys.html", context)
    return render(request, "bots/settings.html", context | {"form": BotSettingsForm(instance=bot)})


@login_required
@require_POST
def revoke_key(request: HttpRequest, bot_id: int, key_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    channel_keys.revoke(get_object_or_404(bot.channel_keys, pk=key_id), actor=request.user)
    context = {"bot": bot, "key_form": ChannelKeyForm(), "channel_keys": bot.channel_keys.all()}
    return (
        render(request, "bots/_channel_keys.html", context) if ui.by_htmx(request) else redirect("bot_settings", bot.pk)
    )


def _page(request: HttpRequest, bot: Bot, form: BotSettingsForm) -> HttpResponse:
    context = {"bot": bot, "form": form, "key_form": ChannelKeyForm(), "channel_keys": bot.channel_keys.all()}
    return render(request, "bots/settings.html", context)
