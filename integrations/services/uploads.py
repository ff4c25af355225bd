"""Files that wait between two pages: in Redis, for half an hour, one a user and purpose, found only by who uploaded."""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass
from typing import Any

import redis

from config.redis import PREFIX, client

SECONDS = 30 * 60


class NotKept(Exception):
    """The store that files wait in does not answer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """token: what the address of the next page holds."""

    token: str
    name: str
    data: bytes


def keep(user: Any, *, name: str, data: bytes, purpose: str) -> str:
    """Keep a file and return its token; the one that the user left waiting before is forgotten."""
    token = secrets.token_urlsafe(16)
    fields: dict[Any, Any] = {
        "token": token,
        "name": name[:200].encode("utf-8", "replace"),
        "data": zlib.compress(data, 1),
    }
    key = key_of(user, purpose=purpose)
    try:
        with client().pipeline() as commands:
            commands.delete(key)
            commands.hset(key, mapping=fields)
            commands.expire(key, SECONDS)
            commands.execute()
    except redis.RedisError as error:
        raise NotKept("The file cannot be kept just now. Try again in a minute.") from error
    return token


def find(user: Any, *, token: str, purpose: str) -> Upload | None:
    """Return the file, or nothing when it was not this user's, another one took its place, or its time is over."""
    try:
        kept: Any = client().hgetall(key_of(user, purpose=purpose))
    except redis.RedisError as error:
        raise NotKept("The file cannot be fetched just now. Try again in a minute.") from error
    if not kept or not secrets.compare_digest(kept[b"token"], token.encode("utf-8", "replace")):
        return None
    return Upload(token, kept[b"name"].decode(), zlib.decompress(kept[b"data"]))


def forget(user: Any, *, purpose: str) -> None:
    """Forget the file that waits for this user; without Redis, its time ends it."""
    try:
        client().delete(key_of(user, purpose=purpose))
    except redis.RedisError as error:
        raise NotKept("The file is forgotten in half an hour.") from error


def key_of(user: Any, *, purpose: str) -> str:
    """Return where a user's file waits."""
    return f"{PREFIX}:{purpose}:{{{user.pk}}}"
