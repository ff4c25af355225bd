"""Tokens, keys and tickets: not to be guessed, for one thing only, ending, and in no log that gives them away."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.runtime import inbox, keys, sessions
from bots.runtime.inbox import Message
from bots.services import channel_keys, conversations
from config import plant
from integrations.services import streams

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


def bits(text: str) -> int:
    return 8 * len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_a_token_and_a_key_have_256_random_bits_and_a_conversation_128(
    store: redis.Redis, bot: Bot, owner: User
) -> None:
    begun = conversations.begin(bot, draft=True)
    _, key = channel_keys.create(bot, label="Web", actor=owner)

    assert bits(begun.token) == 256
    assert bits(key.removeprefix(channel_keys.MARK)) == 256
    assert bits(begun.id.partition("-")[2]) == 128


def test_redis_and_the_database_hold_digests_only(store: redis.Redis, bot: Bot, owner: User) -> None:
    begun = conversations.begin(bot, draft=True)
    row, key = channel_keys.create(bot, label="Web", actor=owner)

    assert store.hget(keys.part(begun.id, "meta"), "token") == sessions.digest(begun.token).encode()
    assert key not in str(row.__dict__)
    assert row.digest == sessions.digest(key)


def test_a_token_is_for_its_own_conversation_and_ends_with_it(store: redis.Redis, bot: Bot) -> None:
    mine, other = conversations.begin(bot, draft=True), conversations.begin(bot, draft=True)
    digest = sessions.digest(mine.token)

    with pytest.raises(keys.UnknownConversation):
        inbox.post(other.id, Message("1", "hello"), token_digest=digest)
    assert not sessions.token_fits(other.id, token_digest=digest)
    assert sessions.token_fits(mine.id, token_digest=digest)
    assert store.ttl(keys.part(mine.id, "meta")) > 0

    conversations.end(mine.id)
    assert not sessions.token_fits(mine.id, token_digest=digest)


def test_a_revoked_key_begins_nothing(store: redis.Redis, bot: Bot, owner: User) -> None:
    row, key = channel_keys.create(bot, label="Web", actor=owner)
    channel_keys.revoke(row, actor=owner)

    with pytest.raises(channel_keys.UnknownKey):
        channel_keys.bot_for(key, bot=str(bot.key))


@pytest.mark.parametrize("place", ["?token={}", "?access_token={}", "?key={}"])
def test_a_token_in_an_address_opens_nothing(store: redis.Redis, bot: Bot, place: str) -> None:
    begun = conversations.begin(bot, draft=True)
    address = reverse("api_conversation", args=[begun.id]) + place.format(begun.token)

    assert Client().delete(address).status_code == 401
    assert sessions.token_fits(begun.id, token_digest=sessions.digest(begun.token))


def test_every_comparison_of_a_secret_takes_constant_time() -> None:
    """Lua compares texts by their place in memory; Python does not."""
    loose = re.compile(
        r"(==|!=)\s*(\w+\.)?(digest|token|secret)\w*\b(?!\()|\b(digest|token|secret)(\.\w+\(\))?\s*(==|!=)\s*[^'\"]"
    )
    files = [path for app in ("bots/api", "bots/runtime", "bots/services") for path in (ROOT / app).rglob("*.py")]

    found = {f"{path.name}: {line}" for path in files for line in path.read_text().splitlines() if loose.search(line)}

    assert found == set()


def test_a_ticket_opens_its_stream_for_its_holder_and_for_nobody_else() -> None:
    ticket = streams.ticket("stream 1", holder="session")

    assert streams.redeem(ticket, holder="session") == "stream 1"
    for forged, holder in ((ticket[:-2] + "xx", "session"), (ticket, "other session"), (ticket, ""), ("", "session")):
        with pytest.raises(streams.BadTicket):
            streams.redeem(forged, holder=holder)


def test_a_ticket_without_holder_is_none() -> None:
    with pytest.raises(streams.BadTicket):
        streams.redeem(streams.ticket("stream 1", holder=""), holder="")


def test_a_ticket_of_the_old_form_is_refused() -> None:
    with pytest.raises(streams.BadTicket):
        streams.redeem(signing.dumps("stream 1", salt=streams.TICKET_SALT), holder="session")


def test_a_ticket_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    made = signing.time.time()
    ticket = streams.ticket("stream 1", holder="session")
    monkeypatch.setattr(signing.time, "time", lambda: made + streams.TICKET_SECONDS + 2)

    with pytest.raises(streams.BadTicket):
        streams.redeem(ticket, holder="session")


def test_the_web_server_writes_no_log_of_addresses() -> None:
    class Listener:
        def fileno(self) -> int:
            return 7

    listener: Any = Listener()
    assert "--no-access-log" in plant.web(settings.ENV, listener).command
    assert "--no-proxy-headers" in plant.web(settings.ENV, listener).command
