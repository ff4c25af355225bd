"""What a page costs the server, as a multiple of the emptiest page that Django answers: CPU of one process.

The empty page goes through the middleware of a fresh Django project, with a signed-in session, and is measured before
and after the pages of the product, which go through the product's own.
"""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from bench.seed_names import USER
from bots.models import Bot

WARM_UP, TIMES = 3, 15
FRESH_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGES = {
    "list of bots": "/bots/",
    "dialogs": "/bots/{bot}/dialogs/",
    "integrations": "/bots/{bot}/integrations/",
    "variables": "/bots/{bot}/variables/",
    "versions": "/bots/{bot}/versions/",
    "settings": "/bots/{bot}/settings/",
    "environments": "/environments/",
    "credentials": "/credentials/",
    "activity": "/activity/",
}


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<!DOCTYPE html><title>{request.user.is_authenticated}</title>")


urlpatterns = [path("", empty)]


def measure() -> dict[str, Any]:
    """Return the milliseconds of the empty page and of each page: the median of a few."""
    host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS[0] != "*" else "localhost"
    client = Client(headers={"host": host})
    client.force_login(User.objects.get(username=USER))
    bot = Bot.objects.get(name="Turn 0").pk
    before = _empty(client)
    pages = {name: _milliseconds(client, address.format(bot=bot)) for name, address in PAGES.items()}
    return {"empty": (before + _empty(client)) / 2, "pages": pages}


def _empty(client: Client) -> float:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=FRESH_MIDDLEWARE):
        client.handler.load_middleware()
        took = _milliseconds(client, "/")
    client.handler.load_middleware()
    return took


def _milliseconds(client: Client, address: str) -> float:
    """Return the CPU time, the median; the first answers fill caches, as they are filled in a server that runs."""
    taken = []
    for turn in range(WARM_UP + TIMES):
        began = time.process_time()
        answer = client.get(address)
        if turn >= WARM_UP:
            taken.append(time.process_time() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
    return sorted(taken)[TIMES // 2] * 1000
