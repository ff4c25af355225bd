"""Passwords guessed, addresses forged, tokens stolen, pages hammered: what the web side must withstand."""

from __future__ import annotations

import asyncio
import ipaddress
from functools import partial
from typing import Any

import redis
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest import MonkeyPatch
from pytest_django import Settings

from bots.models import Bot
from bots.runtime import inbox, keys, sessions
from bots.runtime.inbox import Message
from bots.services import channel_keys, conversations
from config import ratelimits, visitors
from integrations.services import streams
from tests.torture.case import Case, expect

PASSWORD = "correct horse battery"  # of tests.factories
TOO_MANY = 429


def few(settings: Settings, *, name: int = 1_000, address: int = 1_000) -> None:
    settings.LOGINS_PER_NAME, settings.LOGINS_PER_ADDRESS = name, address


def log_in(client: Client, name: str, password: str = "wrong") -> int:
    return client.post(reverse("login"), {"username": name, "password": password}).status_code


def names_are_limited(client: Client, owner: User, settings: Settings, store: redis.Redis, *, names: list[str]) -> None:
    few(settings, name=len(names))
    tried = [log_in(client, name) for name in names]
    right = log_in(client, "owner", PASSWORD)
    expect(tried == [200] * len(names) and right == TOO_MANY, f"After {tried} the right password was answered {right}")
    expect("_auth_user_id" not in client.session, "The attempt after the limit was logged in")


def addresses_are_limited(client: Client, owner: User, settings: Settings, store: redis.Redis) -> None:
    few(settings, address=3)
    tried = [log_in(client, f"somebody {number}") for number in range(3)]
    right = log_in(client, "owner", PASSWORD)
    expect(tried == [200] * 3 and right == TOO_MANY, f"After {tried} another name was answered {right}")


def counts_without_redis(client: Client, owner: User, settings: Settings) -> None:
    few(settings, name=3)
    tried = [log_in(client, "owner") for _ in range(4)]
    expect(tried == [200, 200, 200, TOO_MANY], f"It answered {tried}")
    expect(log_in(client, "somebody") == 200, "Nobody can log in without Redis")


def old_password_is_limited(client: Client, owner: User, settings: Settings) -> None:
    few(settings, name=2)
    client.force_login(owner)
    form = {"new_password1": "a new long phrase", "new_password2": "a new long phrase"}
    given = ["wrong", "wrong", PASSWORD]
    tried = [client.post(reverse("password_change"), {**form, "old_password": old}).status_code for old in given]
    expect(tried == [200, 200, TOO_MANY], f"It answered {tried}")


def forged_address(settings: Settings, *, remote: str, forwarded: str, place: str) -> None:
    settings.TRUSTED_PROXIES = (ipaddress.ip_network("127.0.0.1/32"),)
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    expect(visitors.place(request) == place, f"It counted for {visitors.place(request)}")


def pages_are_limited(client: Client, owner: User, bot: Bot, store: redis.Redis) -> None:
    client.force_login(owner)
    address = reverse("test_run_start", args=[bot.pk])
    tried = [client.post(address).status_code for _ in range(ratelimits.TEST_RUNS.most + 1)]
    expect(tried[-1] == TOO_MANY and TOO_MANY not in tried[:-1], f"It answered {tried}")


def ticket_is_refused(monkeypatch: MonkeyPatch, *, holder: str, later: int) -> None:
    ticket = streams.ticket("stream", holder="session of its page")
    moment = signing.time.time() + later
    monkeypatch.setattr(signing.time, "time", lambda: moment)
    try:
        opened = streams.redeem(ticket, holder=holder)
    except streams.BadTicket:
        return
    expect(False, f"It opened {opened}")


def token_posts_nowhere_else(bot: Bot, store: redis.Redis) -> None:
    mine, other = conversations.begin(bot, draft=True), conversations.begin(bot, draft=True)
    try:
        posted = inbox.post(other.id, Message("1", "hello"), token_digest=sessions.digest(mine.token))
    except keys.UnknownConversation:
        return
    expect(False, f"The message was accepted as turn {posted.turn}")


def token_ends_nothing_else(client: Client, bot: Bot, store: redis.Redis) -> None:
    mine, other = conversations.begin(bot, draft=True), conversations.begin(bot, draft=True)
    address = reverse("api_conversation", args=[other.id])
    status = client.delete(address, headers={"Authorization": f"Bearer {mine.token}"}).status_code
    expect(status == 404 and sessions.opening(other.id), f"It was answered {status}")


def key_begins_nothing(client: Client, owner: User, bot: Bot, store: redis.Redis, *, revoked: bool) -> None:
    row, key = channel_keys.create(bot, label="Web", actor=owner)
    name = str(bot.key) if revoked else "another-bot"
    if revoked:
        channel_keys.revoke(row, actor=owner)
    try:
        channel_keys.bot_for(key, bot=name)
    except channel_keys.UnknownKey:
        return
    expect(False, "The key was accepted")


def log_out_by_link(client: Client, owner: User) -> None:
    client.force_login(owner)
    status = client.get(reverse("logout")).status_code
    expect(status == 405 and "_auth_user_id" in client.session, f"It answered {status}")


def foreign_host(client: Client) -> None:
    status = client.get(reverse("login"), headers={"Host": "evil.test"}).status_code
    expect(status == 400, f"It answered {status}")


def cookies_are_closed(client: Client, owner: User) -> None:
    log_in(client, "owner", PASSWORD)
    client.get(reverse("password_change"))
    for name, morsel in client.cookies.items():
        expect(morsel["httponly"] and morsel["samesite"] == "Lax", f"{name} is {morsel.OutputString()}")
    expect({"sessionid", "csrftoken"} <= set(client.cookies), f"There were only {set(client.cookies)}")


def api_sends_headers() -> None:
    from config.asgi import application  # noqa: PLC0415 - sets Django up

    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": "GET", "path": "/healthz", "query_string": b"", "headers": [], "scheme": "http"}
    asyncio.run(application(scope, receive, send))
    headers = {name.decode().lower() for name, _ in said[0]["headers"]}
    wanted = {"x-content-type-options", "content-security-policy", "referrer-policy", "permissions-policy"}
    expect(wanted <= headers, f"It sent only {sorted(headers)}")


CASES = [
    Case(
        "passwords tried for one name",
        "After the limit not even the right one is looked at.",
        partial(names_are_limited, names=["owner"] * 3),
        database=True,
    ),
    Case(
        "passwords tried for spellings of one name",
        "They share one limit.",
        partial(names_are_limited, names=["Owner", "OWNER", "ｏｗｎｅｒ"]),
        database=True,
    ),
    Case("passwords tried for many names", "Their address has a limit.", addresses_are_limited, database=True),
    Case("passwords tried while Redis is away", "They are limited.", counts_without_redis, database=True),
    Case("old password tried at an open browser", "It is limited.", old_password_is_limited, database=True),
    *(
        Case(
            f"X-Forwarded-For {forwarded!r} from {remote}",
            f"It counts for {place}.",
            partial(forged_address, remote=remote, forwarded=forwarded, place=place),
        )
        for remote, forwarded, place in (
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "1.1.1.1, nonsense", "127.0.0.1"),
        )
    ),
    Case("61 test runs in a minute", "The last one is refused.", pages_are_limited, short=False, database=True),
    Case(
        "stream's address in another session",
        "It opens nothing.",
        partial(ticket_is_refused, holder="another session", later=0),
    ),
    Case("stream's address without a session", "It opens nothing.", partial(ticket_is_refused, holder="", later=0)),
    Case(
        "stream's address after its time",
        "It opens nothing.",
        partial(ticket_is_refused, holder="session of its page", later=streams.TICKET_SECONDS + 2),
    ),
    Case("message with the token of another conversation", "Unknown.", token_posts_nowhere_else, database=True),
    Case("deletion with the token of another conversation", "Unknown.", token_ends_nothing_else, database=True),
    Case(
        "channel key that was revoked", "It begins nothing.", partial(key_begins_nothing, revoked=True), database=True
    ),
    Case("channel key of another bot", "It begins nothing.", partial(key_begins_nothing, revoked=False), database=True),
    Case("link that logs out", "Nobody is logged out.", log_out_by_link, database=True),
    Case("request for another host", "It gets no page.", foreign_host, database=True),
    Case(
        "cookies read by a script or sent by another site",
        "They are closed to both.",
        cookies_are_closed,
        database=True,
    ),
    Case("answers that no page of Django's gives", "They carry the headers that browsers heed.", api_sends_headers),
]
