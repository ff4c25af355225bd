"""What the placeholders of a text stand for, as chips under the field, and the steps that mend an unknown one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from bots.engine import spec
from bots.services import names, placeholders, specs
from bots.views import replies
from config import ui

LONGEST = 100_000
MOST_TEXTS = 200


@login_required
@require_POST
def look(request: HttpRequest, bot_id: int) -> HttpResponse:
    """The chips for each text, in order; a POST, since texts are long."""
    bot = replies.bot_of(request, bot_id)
    environment = bot.environment.values if bot.environment else {}
    texts = [text[:LONGEST] for text in request.POST.getlist("text")[:MOST_TEXTS]]
    try:
        found = placeholders.look(texts, draft=specs.draft(bot), environment=environment)
    except spec.InvalidSpec:
        found = [[] for _ in texts]
    return render(request, "bots/_chips.html", {"bot": bot, "looks": found})


@login_required
@require_POST
def create_variable(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    name = request.POST.get("written", "").strip("{}").removeprefix("$botContext.")
    try:
        placeholders.create_variable(bot.pk, user=request.user, name=name)
    except names.Refused as refused:
        return _mended(request, bot_id, refused.sentence, bad=True)
    text = f"Each conversation begins with an empty {name} now. A line in Global functions sets it."
    return _mended(request, bot_id, text, href=reverse("global_functions", args=[bot_id]))


@login_required
@require_POST
def add_field(request: HttpRequest, bot_id: int) -> HttpResponse:
    bot = replies.bot_of(request, bot_id)
    owner, _, key = request.POST.get("written", "").strip("{}").partition(".")
    key = key.removesuffix(".count")
    try:
        pk = placeholders.add_field(bot, user=request.user, integration=owner, key=key)
    except names.Refused as refused:
        return _mended(request, bot_id, refused.sentence, bad=True)
    text = f"{owner} has a field {key} now. Give it a path."
    return _mended(request, bot_id, text, href=f"{reverse('integration', args=[bot_id, pk])}#part-fields")


def _mended(request: HttpRequest, bot_id: int, text: str, *, href: str = "", bad: bool = False) -> HttpResponse:
    if not ui.by_htmx(request):
        replies.say(request, text, bad=bad)
        return redirect(href or reverse("problems", args=[bot_id]))
    answer = HttpResponse(status=204)
    trigger_client_event(answer, "toast", {"text": text, "href": href, "label": "Open", "bad": bad})
    return trigger_client_event(answer, "placeholders-mended", {})
