"""Where a name is used, with links, and the form that renames it everywhere after showing each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from bots.engine.naming import Target
from bots.models import Bot
from bots.services import names, renaming
from bots.views import replies, undo

TABS = {"rules": "rules", "pre_process": "code", "post_process": "code", "process_response": "code"}


@login_required
@require_GET
def show(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The uses; with `to` the changes that a rename would make."""
    bot = replies.bot_of(request, bot_id)
    return _page(request, bot, _target(bot, request.GET), new=request.GET.get("to", "").strip())


def _target(bot: Bot, given: Any) -> Target:
    target = renaming.target_of(bot, kind=given.get("kind", ""), name=given.get("name", ""), key=given.get("key", ""))
    if target is None:
        raise Http404
    return target


def _page(request: HttpRequest, bot: Bot, target: Target, *, new: str = "", problem: str = "") -> HttpResponse:
    found = renaming.uses(bot, target=target)
    warning = ""
    if new and not problem:
        try:
            warning = renaming.check(bot, target=target, new=new, draft=found.draft)
        except names.Refused as refused:
            problem = refused.sentence
    address = _addresses(found)
    context = {
        "bot": bot,
        "target": target,
        "kind": renaming.KINDS[target.kind],
        "sure": [(use, address(use)) for use in found.sure],
        "unsure": [(use, address(use)) for use in found.unsure],
        "tests": found.tests,
        "bots": found.bots,
        "live": any(each.live_version_id for each in found.bots),
        "new": new,
        "problem": problem,
        "warning": warning,
        "previewed": bool(new and not problem),
    }
    return render(request, "bots/naming.html", context, status=409 if problem and request.method == "POST" else 200)


def _addresses(found: renaming.Uses) -> Callable[[renaming.Use], str]:
    """Return what knows where each text is edited; a few queries a bot, however many texts there are."""
    places = {use.occurrence.leaf.path[0] for use in (*found.sure, *found.unsure)}
    numbers = {
        (bot.pk, place, str(key)): pk
        for bot in found.bots
        for place, rows in (("dialog", bot.dialogs), ("integration", bot.integrations), ("intent", bot.intents))
        if place in places
        for key, pk in rows.values_list("key", "pk")
    }

    def address(use: renaming.Use) -> str:
        place, key, part = (str(each) for each in use.occurrence.leaf.path[:3])
        if place == "interaction":
            return f"{reverse('interaction_by_key', args=[use.bot.pk, key])}?tab={TABS.get(part, 'content')}"
        if place == "bot":
            return reverse("global_functions" if part == "global_functions" else "bot_settings", args=[use.bot.pk])
        return reverse(place, args=[use.bot.pk, numbers[use.bot.pk, place, key]])

    return address


@login_required
@require_POST
def rename(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Change the chosen places, and lead to where the new name is used."""
    bot = replies.bot_of(request, bot_id)
    target = _target(bot, request.POST)
    new = request.POST.get("to", "").strip()
    chosen, keep_old = request.POST.getlist("use"), "keep_old" in request.POST
    try:
        done = renaming.rename(bot, user=request.user, target=target, new=new, chosen=chosen, keep_old=keep_old)
    except names.Refused as refused:
        return _page(request, bot, target, new=new, problem=refused.sentence)
    count = f"{len(chosen)} place{'' if len(chosen) == 1 else 's'}"
    replies.say(request, f"{target.name} is {new} now, in {count}.", undo=undo.keep(request, done))
    fresh = replies.bot_of(request, bot_id)
    if renaming.target_of(fresh, kind=target.kind, name=new, key=target.key) is None:
        return redirect("bot", bot.pk)  # its own name was not among the chosen places
    return redirect(f"{reverse('naming', args=[bot.pk])}?{urlencode(_query(target, new))}")


def _query(target: Target, name: str) -> dict[str, str]:
    return {"kind": target.kind, "name": name, **({"key": target.key} if target.key else {})}
