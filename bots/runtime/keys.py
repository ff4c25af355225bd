"""Names of the keys in Redis, and the ids of conversations.

All keys of a shard carry its number as hash tag, so that one Lua call may touch them all on a Redis Cluster too.
"""

from __future__ import annotations

import re
import secrets
from functools import cache

from django.conf import settings

from config.redis import PREFIX, SHARD_DIGITS

_CONVERSATION = re.compile(rf"(\d{{{SHARD_DIGITS}}})-[A-Za-z0-9_-]{{22}}")


class UnknownConversation(Exception):
    """It never was, has ended, or the asker may not know of it."""


def new_conversation() -> str:
    """Return an id that cannot be guessed, on some shard."""
    shard = secrets.randbelow(settings.REDIS_SHARDS)
    return f"{shard:0{SHARD_DIGITS}}-{secrets.token_urlsafe(16)}"


def shard_of(conversation: str) -> int:
    """Return the shard; raises UnknownConversation for what cannot be an id."""
    match = _CONVERSATION.fullmatch(conversation)
    if match is None or int(match[1]) >= settings.REDIS_SHARDS:
        raise UnknownConversation
    return int(match[1])


def shards() -> range:
    return range(settings.REDIS_SHARDS)


def base(shard: int) -> str:
    return f"{PREFIX}:{{{shard:0{SHARD_DIGITS}}}}:"


@cache
def ready(shard: int) -> str:
    """The list of the conversations that wait for a runner."""
    return f"{base(shard)}ready"


def part(conversation: str, name: str) -> str:
    """Return the key of one part: meta, vars, inbox, seen, stream, log, journal, early or calls."""
    return f"{base(shard_of(conversation))}c:{conversation}:{name}"


def hand(shard: int, owner: str) -> str:
    """The list on which a parked runner is handed a conversation."""
    return f"{base(shard)}hand:{owner}"


def stream(conversation: str) -> str:
    """The stream of what the consumer sees, and its channel."""
    return part(conversation, "stream")


def log(conversation: str) -> str:
    """The stream of the bot log, and its channel."""
    return part(conversation, "log")


def draft(conversation: str, digest: str) -> str:
    """Where a draft is kept while conversations with it last; on the conversation's own shard."""
    return f"{base(shard_of(conversation))}spec:{digest}"


def outbox(shard: int) -> str:
    """The list of committed writes to the context service that are still to be carried out."""
    return f"{base(shard)}outbox"


WORKERS = f"{PREFIX}:workers"  # hash: process -> JSON of its latest sign of life
