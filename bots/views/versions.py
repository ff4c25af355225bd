"""Publishing a bot, and what was published: list, compare, restore, choose what is live."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bots.engine import spec
from bots.forms.authoring import PublishForm
from bots.models import Bot, Version
from bots.services import comparing, problems, specs, versions
from bots.views import replies

DRAFT = "draft"


@login_required
@require_GET
def index(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    rows = bot.versions.select_related("published_by").defer("spec")
    return render(request, "bots/versions.html", {"bot": bot, "versions": rows})


@login_required
@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version = versions.publish(bot.pk, user=request.user, note=form.cleaned_data["note"])
        replies.say(request, f"Version {version.number} is live. Conversations that are running keep theirs.")
        return redirect("versions", bot.pk)
    live = bot.live_version
    changes = comparing.compare(versions.read(live), new=specs.draft(bot)) if live else None
    context = {"bot": bot, "form": form, "problems": problems.of(bot), "changes": changes, "live": live}
    return render(request, "bots/publish.html", context)


@login_required
@require_POST
def unpublish(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = versions.unpublish(replies.bot_of(request, bot_id).pk, user=request.user)
    replies.say(request, "The bot is off the air: no new conversation can begin until a version is live again.")
    return redirect("versions", bot.pk)


@login_required
@require_POST
def roll_back(request: HttpRequest, bot_id: int, number: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    get_object_or_404(bot.versions.defer("spec"), number=number)
    versions.roll_back(bot.pk, user=request.user, number=number)
    replies.say(request, f"Version {number} is live. The draft stayed as it is.")
    return redirect("versions", bot.pk)


@login_required
@require_POST
def restore(request: HttpRequest, bot_id: int, number: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    get_object_or_404(bot.versions.defer("spec"), number=number)
    versions.restore(bot.pk, user=request.user, number=number)
    replies.say(request, f"The draft is version {number} again.")
    return redirect("bot", bot.pk)


@login_required
@require_GET
def compare(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    old, new = request.GET.get("from", ""), request.GET.get("to", DRAFT)
    context = {
        "bot": bot,
        "versions": bot.versions.defer("spec"),
        "old": old,
        "new": new,
        "changes": comparing.compare(_spec(bot, old), new=_spec(bot, new)) if old else None,
    }
    return render(request, "bots/compare.html", context)


def _spec(bot: Bot, name: str) -> spec.BotSpec:
    if name == DRAFT:
        return specs.draft(bot)
    if not name.isdigit():
        raise Http404
    version: Version = get_object_or_404(bot.versions, number=int(name))
    return versions.read(version)
