"""Publishing a bot, and what was published: list, compare, restore, choose what is live."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from bots.engine import spec
from bots.forms.authoring import PublishForm
from bots.models import Bot, Version
from bots.services import problems, testjobs, versions
from bots.views import replies, savedtests, undo
from config import ui

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
    """Publish; a bot with tests is tested first, and one that fails them asks for confirmation."""
    bot = replies.bot_of(request, bot_id)
    run = testjobs.find(request.POST.get("run") or request.GET.get("run", ""), bot=bot.pk)
    form = PublishForm(request.POST or None, initial={"note": _pending(request, bot).get("note", "")})
    why_untested = ""
    if request.method == "POST" and form.is_valid():
        try:
            return _published_or_tested(request, bot, run, note=form.cleaned_data["note"])
        except testjobs.Unavailable as error:
            why_untested = str(error)
        except spec.InvalidSpec:
            form.add_error(None, "It was not published. Mend the draft first.")
    return render(request, "bots/publish.html", _publish_context(request, bot, form, run) | {"untested": why_untested})


def _published_or_tested(request: HttpRequest, bot: Bot, run: testjobs.Run | None, *, note: str) -> HttpResponse:
    tests = _tests(request, bot, run)
    return _tested(request, bot, note=note) if tests is None else _published(request, bot, note=note, tests=tests)


def _tests(request: HttpRequest, bot: Bot, run: testjobs.Run | None) -> str | None:
    """Return what to put on record about the tests; None when they must be run before anything is published."""
    if not bot.saved_tests.exists():
        return ""
    if testjobs.clears(run, bot=bot):
        return "passed"
    return "published without their passing" if request.POST.get("confirmed") else None


def _published(request: HttpRequest, bot: Bot, *, note: str, tests: str) -> HttpResponse:
    version = versions.publish(bot.pk, user=request.user, note=note, tests=tests)
    request.session.pop(f"publish-{bot.pk}", None)
    replies.say(request, f"Version {version.number} is live. Conversations that are running keep theirs.")
    return _go(request, reverse("versions", args=[bot.pk]))


def _tested(request: HttpRequest, bot: Bot, *, note: str) -> HttpResponse:
    """Have all tests run; the page that follows the run publishes when they pass."""
    run_id = savedtests.order(bot, bot.saved_tests.values_list("pk", flat=True))
    request.session[f"publish-{bot.pk}"] = {"run": run_id, "note": note}
    return _go(request, f"{reverse('publish', args=[bot.pk])}?run={run_id}")


def _pending(request: HttpRequest, bot: Bot) -> dict[str, str]:
    """What the author wanted to publish when the tests began."""
    pending: dict[str, str] = request.session.get(f"publish-{bot.pk}", {})
    return pending


def _publish_context(request: HttpRequest, bot: Bot, form: PublishForm, run: testjobs.Run | None) -> dict[str, Any]:
    live = bot.live_version
    found, draft = problems.with_draft(bot)
    return {
        "bot": bot,
        "form": form,
        "problems": found,
        "damaged": draft is None,
        "changes": versions.differences(bot, old=_readable(live), new=draft),
        "live": live,
        "tests": bot.saved_tests.count(),
        "run": run,
        "cleared": draft is not None and testjobs.clears(run, bot=bot),
        "pending": run is not None and _pending(request, bot).get("run") == run.id,
    }


def _readable(version: Version | None) -> spec.BotSpec | None:
    """Return what a version froze; nothing of a damaged one, which the next takes the place of."""
    try:
        return versions.read(version) if version else None
    except spec.InvalidSpec:
        return None


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if ui.by_htmx(request) else redirect(address)


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
    token = versions.restore(bot.pk, user=request.user, number=number)
    back = undo.keep(request, {"bot": bot.pk, "restored": token}) if token else ""
    replies.say(request, f"The draft is version {number} again.", undo=back)
    return redirect("bot", bot.pk)


@login_required
@require_GET
def compare(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    old, new = request.GET.get("from", ""), request.GET.get("to", DRAFT)
    found, draft = problems.with_draft(bot)
    sides = [draft if name == DRAFT else _frozen(bot, name) for name in (old, new)] if old else [None, None]
    context = {
        "problems": found,
        "bot": bot,
        "versions": bot.versions.defer("spec"),
        "old": old,
        "new": new,
        "changes": versions.differences(bot, old=sides[0], new=sides[1]),
    }
    return render(request, "bots/compare.html", context)


def _frozen(bot: Bot, name: str) -> spec.BotSpec:
    if not name.isdigit():
        raise Http404
    version: Version = get_object_or_404(bot.versions, number=int(name))
    return versions.read(version)
