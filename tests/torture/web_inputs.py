"""Requests as no browser makes them: headers, addresses, bodies, names and files that pages and API must survive."""

from __future__ import annotations

import asyncio
import json
import re
from functools import partial
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bots.api import bodies, problems
from bots.models import Bot
from bots.runtime import keys, sessions
from bots.services import conversations
from integrations.services import streams
from tests.torture.case import Case, expect

INSIDE = re.compile(r"Traceback|site-packages|File (?:&quot;|\")|OperationalError|DoesNotExist")
FORM = "application/x-www-form-urlencoded"
CHARSETS = ("utf-7", "utf8", "punycode", "idna", "zlib", "undefined", "unicode_escape", "utf-16", "../../x")
ELSEWHERE = (
    *("//evil.test/", "https://evil.test/", "https:evil.test", "/\\evil.test/", "\\\\evil.test", "///evil.test"),
    *("http:///evil.test", "javascript:alert(1)", "data:text/html,x", "\t//evil.test", "//127.0.0.1@evil.test/"),
)
BACK_OFFICE = ("admin:index", "admin:auth_user_changelist", "admin:bots_bot_changelist", "admin:auth_user_add")
NUMBERS = ("9" * 30, "9" * 4_500, "0" * 40 + "1")
IDS = ("9" * 23 + "-1", "1-" + "9" * 23, "18446744073709551616-0", "18446744073709551615-18446744073709551615")
MARKUP = "<img src=x onerror=alert(1)>"
HOSTILE = f'a";\r\nSet-Cookie: x=y; {MARKUP}'
PAGES = ("versions", "export_bot", "integrations", "intents", "tests", "problems", "bot_map", "bot_settings")
FILES: dict[str, tuple[str, bytes]] = {
    "whose name is markup": (f"{MARKUP}.json", b"{}"),
    "whose name walks up": ("../../../etc/passwd", b"{}"),
    "whose name has 200 letters and a zero byte": ("a" * 200 + "\0.json", b"{}"),
    "of a million brackets": ("a.json", b"[" * 1_000_000),
    "in UTF-16": ("a.json", '{"bot": {}}'.encode("utf-16")),
    "with a mark": ("a.json", b'\xef\xbb\xbf{"bot": {}}'),
    "with a number of 5,000 digits": ("a.json", b'{"bot": {"id": ' + b"9" * 5_000 + b"}}"),
    "with what is not a number": ("a.json", b'{"bot": {"name": NaN}}'),
    "with half of a pair": ("a.json", b'{"bot": {"name": "\\ud800"}}'),
    "with a zero byte in a name": ("a.json", b'{"bot": {"name": "a\\u0000"}, "groups": [], "conversationMessage": []}'),
    "whose bot's name is markup": ("a.json", json.dumps({"bot": {"name": MARKUP}, "groups": []}).encode()),
    "of nothing": ("a.json", b""),
}
MESSAGES: dict[str, bytes] = {
    "with a mark": b'\xef\xbb\xbf{"message_id": "a", "text": "x"}',
    "in UTF-16": '{"message_id": "a", "text": "x"}'.encode("utf-16"),
    "compressed": b"\x1f\x8b\x08\x00\x00",
    "with what is not a number": b'{"message_id": "a", "text": NaN}',
    "with half of a pair": b'{"message_id": "a", "text": "\\ud800"}',
    "with a number of 10,000 digits": b'{"message_id": "a", "text": ' + b"9" * 10_000 + b"}",
    "nested 100,000 deep": b'{"message_id": "a", "tap": {"metadata": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "that is a list": b"[]",
    "that is nothing": b"null",
    "that is a form": b"message_id=a&text=x",
    "with an id of 101 letters": json.dumps({"message_id": "a" * 101, "text": "x"}).encode(),
}


def survives(answer: Any, *, most: int = 499) -> str:
    """Hold that it is no defect and tells nothing of the inside; return the page."""
    page = "" if answer.streaming else answer.content.decode("utf-8", "replace")
    expect(answer.status_code <= most, f"It answered {answer.status_code}")
    expect(not INSIDE.search(page), f"The page says {INSIDE.search(page)}")
    return page


def reads_forms_as_utf8(client: Client, owner: User, bot: Bot, *, charset: str) -> None:
    client.force_login(owner)
    much = "%C3%BC" * 2_000  # a hundred times as much, and Python's punycode takes hours
    sent = f"name=gr%C3%BC%C3%9Fe&organization={bot.organization_id}&language=en-US&other={much}".encode()
    survives(client.generic("POST", reverse("new_bot"), sent, content_type=f"{FORM}; charset={charset}"))
    expect(Bot.objects.filter(name="grüße").exists(), f"There are {[each.name for each in Bot.objects.all()]}")


def speaks_no_web_sockets(*, path: str) -> None:
    from config.asgi import application  # noqa: PLC0415 - sets Django up

    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": [], "scheme": "ws"}
    asyncio.run(application(scope, receive, send))
    expect([each["type"] for each in said] == ["websocket.close"], f"It said {said}")


def leads_nowhere_else(client: Client, owner: User, *, to: str, signed_in: bool) -> None:
    if signed_in:
        client.force_login(owner)
        answer = client.get(reverse("login"), {"next": to})
    else:
        form = {"username": "owner", "password": "correct horse battery", "next": to}
        answer = client.post(reverse("login"), form)
    expect(answer.status_code == 302 and answer.headers["Location"] == reverse("bots"), f"It leads to {answer.headers}")


def back_office_is_closed(client: Client, owner: User, *, page: str, who: str) -> None:
    if who == "an administrator who is no staff":
        client.force_login(owner)
    answer = client.get(reverse(page))
    asked = answer.status_code == 302 and answer.headers["Location"].startswith(reverse("admin:login"))
    expect(asked, f"It answered {answer.status_code}")


def number_is_nobodys(client: Client, owner: User, bot: Bot, *, number: str) -> None:
    client.force_login(owner)
    for page in ("bot", "versions", "export_bot"):
        address = reverse(page, args=[bot.pk]).replace(f"/{bot.pk}/", f"/{number}/", 1)
        answer = client.get(address)
        expect(answer.status_code in (200, 302, 404), f"{page} answered {answer.status_code}")
        survives(answer)


def goes_on_from_anywhere(client: Client, owner: User, bot: Bot, store: redis.Redis, *, after: str) -> None:
    begun = conversations.begin(bot, draft=True)
    client.force_login(owner)
    survives(client.get(reverse("api_log", args=[begun.id]), {"after": after}))
    expect(streams.read(keys.stream(begun.id), after=after) == [], "It found something.")


def keeps_a_name_a_name(client: Client, owner: User, bot: Bot, *, page: str) -> None:
    Bot.objects.filter(pk=bot.pk).update(name=HOSTILE)
    client.force_login(owner)
    answer = client.get(reverse(page, args=[bot.pk]))
    text = survives(answer)
    expect(page == "export_bot" or MARKUP not in text, "The markup is in the page.")
    headers = "".join(f"{name}: {value}" for name, value in answer.headers.items())
    expect("\n" not in headers and "<" not in headers and "x" not in client.cookies, f"The headers are {headers}")
    expect(answer.headers["X-Content-Type-Options"] == "nosniff", "A browser may guess what it is.")


def file_is_told(client: Client, owner: User, store: redis.Redis, *, name: str, content: bytes) -> None:
    client.force_login(owner)
    upload = SimpleUploadedFile("a.json", content, content_type="application/json")
    upload._name = name  # what a browser would not send, and Django would clean
    page = survives(client.post(reverse("import_bot"), {"file": upload}))
    expect(MARKUP not in page, "The markup is in the page.")
    expect(not Bot.objects.exists(), "A bot was made of it.")


def message_is_refused(*, body: bytes) -> None:
    with pytest.raises(problems.Problem) as refused:
        bodies.message(body)
    expect(refused.value.status in (400, 422), f"It is refused as {refused.value.status}")


def api_needs_its_own_page(owner: User, bot: Bot, store: redis.Redis, *, kind: str, origin: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    sent = {"Origin": origin} if origin else {}
    answer = browser.post(reverse("api_begin", args=[bot.key]), '{"draft": true}', content_type=kind, headers=sent)
    expect(answer.status_code == 403, f"It answered {answer.status_code}")


def defect_tells_nothing(owner: User, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("bots.models.BotQuerySet.for_user", fails)
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    answer = client.get(reverse("bot", args=[bot.pk]))
    expect(answer.status_code == 500, f"It answered {answer.status_code}")
    expect("secret of the inside" not in survives(answer, most=500), "The page tells the error's text.")


def tokens_end(bot: Bot, store: redis.Redis) -> None:
    begun = conversations.begin(bot, draft=True)
    digest = sessions.digest(begun.token)
    expect(sessions.token_fits(begun.id, token_digest=digest), "It does not even fit at first.")
    expect(0 < store.ttl(keys.part(begun.id, "meta")) <= 3600, "The conversation has no end.")
    conversations.end(begun.id)
    expect(not sessions.token_fits(begun.id, token_digest=digest), "It fits a conversation that is over.")
    expect(not store.keys(f"*{begun.id}*"), f"It left {store.keys(f'*{begun.id}*')}")


NOBODY, AUTHOR = "nobody", "an administrator who is no staff"
OK = "It is no defect: an answer below 500 that tells nothing of the inside."
CASES = [
    *(
        Case(
            f"a form that says charset={charset}",
            "It is read as UTF-8.",
            partial(reads_forms_as_utf8, charset=charset),
            database=True,
        )
        for charset in CHARSETS
    ),
    *(
        Case(f"a web socket to {path}", "It is refused.", partial(speaks_no_web_sockets, path=path))
        for path in ("/", "/api/v1/conversations/000-x/events", "/static/x")
    ),
    *(
        Case(
            f"{'visit' if signed_in else 'log-in'} that leads to {to!r}",
            "It leads to the bots.",
            partial(leads_nowhere_else, to=to, signed_in=signed_in),
            database=True,
            short=signed_in,
        )
        for to in ELSEWHERE
        for signed_in in (True, False)
    ),
    *(
        Case(
            f"{page} opened by {who}",
            "It asks for a log-in of staff.",
            partial(back_office_is_closed, page=page, who=who),
            database=True,
        )
        for page in BACK_OFFICE
        for who in (NOBODY, AUTHOR)
    ),
    *(
        Case(f"bot number {number[:20]} of {len(number)} digits", OK, partial(number_is_nobodys, number=number))
        for number in NUMBERS
    ),
    *(
        Case(f"events after {after[:42]}", OK, partial(goes_on_from_anywhere, after=after), database=True)
        for after in IDS
    ),
    *(
        Case(
            f"bot whose name is markup and a header, on {page}",
            "It is a text, and adds no header.",
            partial(keeps_a_name_a_name, page=page),
            database=True,
        )
        for page in PAGES
    ),
    *(
        Case(
            f"import of a file {how}",
            "It is told what is wrong with it.",
            partial(file_is_told, name=name, content=content),
            database=True,
        )
        for how, (name, content) in FILES.items()
    ),
    *(
        Case(f"message {how}", "It is refused, with a place and a mend.", partial(message_is_refused, body=body))
        for how, body in MESSAGES.items()
    ),
    *(
        Case(
            f"conversation begun by another site, as {kind}{f' from {origin}' if origin else ''}",
            "It does not count.",
            partial(api_needs_its_own_page, kind=kind, origin=origin),
            database=True,
        )
        for kind in ("application/json", "text/plain", FORM)
        for origin in ("", "null", "https://evil.test")
    ),
    Case("a defect of our own", "Its page tells nothing.", defect_tells_nothing, database=True),
    Case("token of a conversation that is over", "It opens nothing; nothing is left.", tokens_end, database=True),
]
