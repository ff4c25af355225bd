"""The conversation tests of a bot: the list, one with its text, making one of a preview, and running them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from bots import tasks
from bots.forms.savedtests import KindsForm, SavedTestForm
from bots.models import Bot, SavedTest
from bots.services import conversations, names, recording, revised, savedtests, testjobs
from bots.views import replies
from config import ui
from integrations.forms import conflicts


@login_required
@require_GET
def index(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    run = testjobs.find(request.GET.get("run", ""), bot=bot.pk)
    rows = bot.saved_tests.defer("transcript", "answers")
    return render(request, "bots/tests.html", {"bot": bot, "tests": rows, "run": run, "asked": request.GET.get("run")})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    first = {"transcript": savedtests.EMPTY, "answers": savedtests.EMPTY_ANSWERS}
    form = SavedTestForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            row = savedtests.create(bot.pk, user=request.user, text=form.text())
            return redirect("test", bot.pk, row.pk)
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
    return render(request, "bots/test.html", {"bot": bot, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, bot_id: int, test_id: int) -> HttpResponse:
    """The test; posted to, what was typed is stored, and run at once if that was asked for."""
    row = _test(request, bot_id, test_id)
    data = conflicts.merged(request.POST, theirs=_form(row))
    form = SavedTestForm(data, initial=_form(row).initial) if request.method == "POST" else _form(row)
    if request.method == "POST" and form.is_valid():
        try:
            row = savedtests.change(row.pk, user=request.user, text=form.text(), seen=conflicts.posted(request.POST))
            if "run" in request.POST:
                return _ordered(request, row.bot, [row.pk], reverse("test", args=[bot_id, row.pk]))
            replies.say(request, "The test is saved.")
            return redirect("test", bot_id, row.pk)
        except names.Refused as refused:
            form.add_error(refused.field or None, refused.sentence)
        except savedtests.Changed as changed:
            return _page(request, row, form, **_conflict(request, changed.theirs, form))
    return _page(request, row, form)


def _form(row: SavedTest) -> SavedTestForm:
    return SavedTestForm(initial={"name": row.name, **_texts(row)})


def _conflict(request: HttpRequest, stored: SavedTest, mine: SavedTestForm) -> dict[str, Any]:
    return {
        "theirs": conflicts.differences(_form(stored), mine),
        "changed_by": conflicts.who(revised.last_author(stored), user=request.user),
        "take_url": reverse("test", args=[stored.bot_id, stored.pk]),
        "seen": conflicts.again(savedtests.revision(stored), data=request.POST),
    }


@login_required
@require_POST
def choose_kinds(request: HttpRequest, bot_id: int, test_id: int) -> HttpResponse:
    row = _test(request, bot_id, test_id)
    form = KindsForm(request.POST, routes=savedtests.read_answers(row.answers))
    if form.is_valid():
        savedtests.choose_kinds(row.pk, user=request.user, kinds=form.kinds())
        return _ordered(request, row.bot, [row.pk], reverse("test", args=[bot_id, row.pk]))
    replies.say(request, "Choose one of the answers that are offered.", bad=True)
    return redirect("test", bot_id, row.pk)


@login_required
@require_POST
def record(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Make a test of the preview's conversation, and run it once."""
    bot = replies.bot_of(request, bot_id)
    wanted, variables = request.POST.get("conversation", ""), bool(request.POST.get("variables"))
    try:
        row, recorded = savedtests.from_conversation(bot, user=request.user, conversation=wanted, variables=variables)
    except conversations.UnknownConversation:
        replies.say(request, "That conversation is over; nothing of it is left to make a test of.", bad=True)
        return redirect("preview", bot.pk)
    except (recording.NothingToRecord, names.Refused) as refused:
        replies.say(request, str(refused), bad=True)
        return redirect("preview", bot.pk)
    replies.say(request, f"The conversation is kept as the test {row.name}.")
    if recorded.cut:
        replies.say(request, f"{recorded.cut} answers were too large to be kept; write their bodies by hand.", bad=True)
    return _ordered(request, bot, [row.pk], reverse("test", args=[bot.pk, row.pk]))


@login_required
@require_GET
def download(request: HttpRequest, bot_id: int, test_id: int) -> HttpResponse:
    """The test as one file for `manage.py test_bot`."""
    row = _test(request, bot_id, test_id)
    response = HttpResponse(savedtests.as_file(row), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(row.name) or "test"}.yaml"'
    return response


@login_required
@require_POST
def delete(request: HttpRequest, bot_id: int, test_id: int) -> HttpResponse:
    row = _test(request, bot_id, test_id)
    deleted = savedtests.delete(row.pk, user=request.user)
    replies.say(request, f"The test {row.name} is deleted.", undo=reverse("take_back", args=[deleted.pk]))
    return redirect("tests", bot_id)


@login_required
@require_POST
def run(request: HttpRequest, bot_id: int) -> HttpResponse:
    """Run one test, or all of them."""
    bot = replies.bot_of(request, bot_id)
    one = request.POST.get("test", "")
    rows = bot.saved_tests.filter(pk=int(one)) if one.isdigit() else bot.saved_tests
    page = reverse("test", args=[bot.pk, int(one)]) if one.isdigit() else reverse("tests", args=[bot.pk])
    return _ordered(request, bot, rows.values_list("pk", flat=True), page)


@login_required
@require_GET
def progress(request: HttpRequest, bot_id: int, run_id: str) -> HttpResponse:
    """The run alone: how far it is, or what it found."""
    return _run(request, replies.bot_of(request, bot_id), run_id)


@login_required
@require_POST
def cancel(request: HttpRequest, bot_id: int, run_id: str) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    if testjobs.find(run_id, bot=bot.pk) is None:
        raise Http404
    testjobs.cancel(run_id)
    if ui.by_htmx(request):
        return _run(request, bot, run_id)
    return redirect(f"{reverse('tests', args=[bot.pk])}?run={run_id}")


def order(bot: Bot, chosen: Iterable[int]) -> str:
    """Have tests run by a worker; raises testjobs.Unavailable."""
    run_id = testjobs.order(bot, chosen=chosen)
    tasks.send_tests(run_id)
    return run_id


def _ordered(request: HttpRequest, bot: Bot, chosen: Iterable[int], page: str) -> HttpResponse:
    try:
        return redirect(f"{page}?run={order(bot, chosen)}")
    except testjobs.Unavailable as error:
        replies.say(request, str(error), bad=True)
        return redirect(page)


def _run(request: HttpRequest, bot: Bot, run_id: str) -> HttpResponse:
    found = testjobs.find(run_id, bot=bot.pk)
    response = render(request, "bots/_tests_run.html", {"bot": bot, "run": found, "asked": run_id})
    return trigger_client_event(response, "tests-over") if found is None or found.over else response


def _test(request: HttpRequest, bot_id: int, test_id: int) -> SavedTest:
    bot = replies.bot_of(request, bot_id)
    row: SavedTest = get_object_or_404(bot.saved_tests, pk=test_id)
    row.bot = bot
    return row


def _texts(row: SavedTest) -> dict[str, str]:
    return {"transcript": row.transcript, "answers": row.answers}


def _page(request: HttpRequest, row: SavedTest, form: SavedTestForm, **more: Any) -> HttpResponse:
    run = testjobs.find(request.GET.get("run", ""), bot=row.bot_id)
    routes = savedtests.read_answers(row.answers)
    kinds = KindsForm(routes=routes) if routes else None
    context = {"bot": row.bot, "test": row, "form": form, "run": run, "kinds": kinds, "asked": request.GET.get("run")}
    return render(
        request, "bots/test.html", context | {"seen": conflicts.seen(savedtests.revision(row), form=form)} | more
    )
