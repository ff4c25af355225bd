"""Asks a Parley in production what test_production_process.py wants to know, and prints the answers as JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from config.asgi import application  # isort: skip - sets Django up

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from bots.models import Bot
from credentials.models import Membership, Organization, Role

HOST, *PATHS = sys.argv[1:]
PASSWORD = "a long pass phrase"
FLAGS = ("secure", "httponly", "samesite", "path", "domain")


def prepare() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    user = User.objects.create_user("ada", password=PASSWORD)
    organization = Organization.objects.create(name="Acme")
    Membership.objects.create(organization=organization, user=user, role=Role.ADMINISTRATOR)


def ask() -> dict[str, Any]:
    """The pages, as a browser behind the proxy sees them."""
    browser = Client(raise_request_exception=False, HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https")
    found = {
        "plain": told(Client(HTTP_HOST=HOST).get("/login/")),
        "poisoned": told(browser.get("/login/", HTTP_HOST="evil.test")),
        "poisoned by a proxy header": told(browser.get("/login/", HTTP_X_FORWARDED_HOST="evil.test")),
        "page": told(browser.get("/login/")),
    }
    assert browser.session is not None  # makes one before the log-in, as somebody could have planted it
    planted = session(browser)
    form = {"username": "ada", "password": PASSWORD, "next": "https://evil.test/"}
    found["log-in"] = told(browser.post("/login/", form))
    found["same session"] = session(browser) == planted
    found["back office"] = told(browser.get("/admin/"))
    found["missing"] = told(browser.get("/bots/4711/"))
    found["redirect uri"] = told(browser.get("/credentials/new/oauth_code/"))
    return found | defects(browser) | sessions(browser)


def defects(browser: Client) -> dict[str, Any]:
    def broken(*_: Any) -> None:
        raise RuntimeError("SELECT secret FROM /srv/parley")

    sound, Bot.objects.for_user = Bot.objects.for_user, broken
    api = "/api/v1/bots/1/conversations"
    found = {
        "defect": told(browser.get("/bots/")),
        "defect of the API": told(browser.post(api, "{}", content_type="application/json")),
    }
    Bot.objects.for_user = sound
    return found


def sessions(browser: Client) -> dict[str, Any]:
    """What a change of the password and a log-out leave of sessions."""
    other = Client(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https")
    other.post("/login/", {"username": "ada", "password": PASSWORD})
    before = other.get("/bots/").status_code
    fresh = "another long pass phrase"
    browser.post("/password/", {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh})
    found = {"before": before, "own": browser.get("/bots/").status_code, "other": other.get("/bots/").status_code}
    stolen = session(browser)
    found["log-out by a link"] = browser.get("/logout/").status_code
    browser.post("/logout/")
    thief = Client(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https")
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    found["after log-out"] = thief.get("/bots/").status_code
    return {"sessions": found}


def session(browser: Client) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def told(answer: Any) -> dict[str, Any]:
    cookies = {name: {flag: morsel[flag] for flag in FLAGS} for name, morsel in answer.cookies.items()}
    text = answer.content.decode("utf-8", "replace")
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies, "text": text}


async def ask_server(path: str) -> dict[str, Any]:
    """What the ASGI application answers to this very path."""
    said: list[Any] = []

    waiting = iter([True])

    async def receive() -> dict[str, Any]:
        if next(waiting, None) is None:
            await asyncio.Event().wait()  # the caller stays
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
    scope |= {"path": path, "raw_path": path.encode(), "root_path": "", "query_string": b""}
    headers = [(b"host", HOST.encode()), (b"x-forwarded-proto", b"https")]
    await application(
        scope | {"headers": headers, "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 8000)}, receive, send
    )
    names = [name.decode().lower() for name, _ in said[0]["headers"]]
    headers = {name.decode().title(): value.decode() for name, value in said[0]["headers"]}
    text = b"".join(message.get("body", b"") for message in said).decode("utf-8", "replace")
    return {"status": said[0]["status"], "headers": headers, "names": names, "text": text}


if __name__ == "__main__":
    prepare()
    print(json.dumps(ask() | {path: asyncio.run(ask_server(path)) for path in PATHS}))  # noqa: T201
