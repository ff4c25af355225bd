"""Files that wait between two pages: in Redis, for half an hour, one a user, found only by who uploaded them."""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass
from typing import Any

import redis

from bots.engine.exportfile import MAX_BYTES
from config.redis import PREFIX, client

SECONDS = 30 * 60
MOST_BYTES = MAX_BYTES + 64 * 1024  # a form is a little larger than the file in it


class NotKept(Exception):
    """The store that files wait in does not answer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """token: what the address of the next page holds."""

    token: str
    name: str
    data: bytes


def keep(user: Any, *, name: str, data: bytes) -> str:
    """Keep a file and return its token; the one that the user left waiting before is forgotten."""
    token = secrets.token_urlsafe(16)
    fields: dict[Any, Any] = {
        "token": token,
        "name": name[:200].encode("utf-8", "replace"),
        "data": zlib.compress(data, 1),
    }
    try:
        with client().pipeline() as commands:
            commands.delete(_key(user))
            commands.hset(_key(user), mapping=fields)
            commands.expire(_key(user), SECONDS)
            commands.execute()
    except redis.RedisError as error:
        raise NotKept("The file cannot be kept just now. Try again in a minute.") from error
    return token


def find(user: Any, *, token: str) -> Upload | None:
    """Return the file, or nothing when it was not this user's, another one took its place, or its time is over."""
    try:
        kept: Any = client().hgetall(_key(user))
    except redis.RedisError as error:
        raise NotKept("The file cannot be fetched just now. Try again in a minute.") from error
    if not kept or not secrets.compare_digest(kept[b"token"], token.encode("utf-8", "replace")):
        return None
    return Upload(token, kept[b"name"].decode(), zlib.decompress(kept[b"data"]))


def forget(user: Any) -> None:
    """Forget the file that waits for this user; without Redis, its time ends it."""
    try:
        client().delete(_key(user))
    except redis.RedisError as error:
        raise NotKept("The file is forgotten in half an hour.") from error


def _key(user: Any) -> str:
    return f"{PREFIX}:upload:{{{user.pk}}}"
