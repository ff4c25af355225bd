"""How often a user may do what costs much: a table of pages, and the answer to who does it more often.

Forms that take a password count for themselves (bots.forms.accounts), channel keys and conversations, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bots.api import problems
from bots.runtime import limits
from bots.runtime.limits import TooOften
from config import ui

TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Limit:
    """For each user, as often a minute as settings.RATES says. `what` was done that often. methods: those that cost."""

    name: str
    what: str
    methods: tuple[str, ...] = ("POST",)

    @property
    def most(self) -> int:
        most: int = settings.RATES[self.name]
        return most

    @property
    def done(self) -> str:
        return f"{self.most:,} {self.what}"


CONVERSATIONS = Limit("begin", "conversations were begun")
TEST_RUNS = Limit("test-run", "test runs were started")
IMPORTS = Limit("import", "imports were sent")
COMMANDS = Limit("curl", "commands were made or read")
CREDENTIALS = Limit("credential", "credentials were tested or authorized")
EXPORTS = Limit("export", "exports were made", ("GET", "HEAD", "POST"))

LIMITS: Mapping[str, Limit] = {
    "api_begin": CONVERSATIONS,
    "api_reset": CONVERSATIONS,
    "test_run_start": TEST_RUNS,
    "api_test_run_start": TEST_RUNS,
    "run_tests": TEST_RUNS,
    "import_bot": IMPORTS,
    "import_report": IMPORTS,
    "import_again": IMPORTS,
    "openapi": IMPORTS,
    "openapi_operations": IMPORTS,
    "integration_paste": COMMANDS,
    "integration_paste_credential": COMMANDS,
    "integration_curl": COMMANDS,
    "test_credential": CREDENTIALS,
    "fetch_token": CREDENTIALS,
    "open_key_store": CREDENTIALS,
    "authorize_credential": CREDENTIALS,
    "export_bot": EXPORTS,
    "environment_export": EXPORTS,
    "download_test": EXPORTS,
}


class RateLimits:
    """Refuses by the table before the page works, and gives a form that refused the status that says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        refused = getattr(request, "too_often", None)
        if isinstance(refused, TooOften):
            response.status_code = TOO_MANY
            response.headers["Retry-After"] = str(refused.retry_after)
        return response

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponse | None:
        limit = LIMITS.get(request.resolver_match.view_name) if request.resolver_match else None
        if limit is None or request.method not in limit.methods or not request.user.is_authenticated:
            return None
        try:
            limits.count_anyway(f"{limit.name}:{request.user.pk}", most=limit.most)
        except TooOften as error:
            return _refusal(request, limit, error.retry_after, unread=getattr(view, "csrf_exempt", False))
        return None


def _refusal(request: HttpRequest, limit: Limit, seconds: int, *, unread: bool) -> HttpResponse:
    """unread: the view reads the body itself, so that a large one is not read here."""
    sentence = f"{limit.done} within a minute, and no more are taken."
    if request.path.startswith("/api/"):
        problem = problems.too_many(sentence, retry_after=seconds)
        return HttpResponse(problem.body(), status=TOO_MANY, content_type=problems.MEDIA_TYPE, headers=problem.headers)
    if ui.by_htmx(request):
        response = ui.stay(f"{sentence} Nothing was done; try again in {seconds} seconds.", status=TOO_MANY)
    else:
        response = _page(request, sentence, seconds, unread)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, sentence: str, seconds: int, unread: bool) -> HttpResponse:
    """A page that holds what was sent, so that one press sends it again. Files are not kept."""
    typed = [] if unread or request.method != "POST" else _typed(request)
    files = request.method == "POST" and (unread or bool(request.FILES))
    again = request.get_full_path()
    context = {"sentence": sentence, "seconds": seconds, "typed": typed, "files": files, "again": again}
    return render(request, "429.html", context, status=TOO_MANY)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    fields = ((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    return [(name, value) for name, values in fields for value in values]
