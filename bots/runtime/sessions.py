"""Conversations as they lie in Redis: begun, looked at, reset and ended. Nothing of them is ever in SQL."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import redis.asyncio

from bots.runtime import keys, scripts
from config import redis as connections
from integrations.engine.json_values import Json, dump_bytes, dumps, loads, loads_all
from integrations.services import streams


class Opening(msgspec.Struct, frozen=True):
    """Everything that a conversation keeps from its beginning.

    spec_ref: `v:<version id>` or `d:<sha256 of the encoded draft>`. facts: by integrations.engine.scripts.FACTS.
    """

    bot: int
    bot_key: str
    organization: int
    spec_ref: str
    session_seconds: int
    error_text: str
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    facts: Mapping[str, Json] = msgspec.field(default_factory=dict)
    draft: bytes = b""

    def fields(self) -> dict[str, str]:
        """The fields of the conversation's `meta` hash."""
        return {
            "bot": str(self.bot),
            "bot_key": self.bot_key,
            "organization": str(self.organization),
            "ref": self.spec_ref,
            "seconds": str(self.session_seconds),
            "error_text": self.error_text,
            "env": json.dumps(dict(self.environment)),
            "facts": dumps(dict(self.facts)),
        }


@dataclass(frozen=True, slots=True)
class Begun:
    """A fresh conversation. The token is told this once; only its digest is kept. expires_at: seconds since 1970."""

    id: str
    token: str
    expires_at: int


def begin(opening: Opening, *, variables: Mapping[str, Json]) -> Begun:
    """Store a new conversation with its first variables."""
    conversation, token = keys.new_conversation(), secrets.token_urlsafe(32)
    start = {"token": digest(token), "turn": "0", "at": "0", "done": "0", "entry": "0", "attempts": "0"}
    keep_draft(conversation, opening)
    pipeline: Any = connections.client().pipeline()
    pipeline.hset(keys.part(conversation, "meta"), mapping=opening.fields() | start)
    pipeline.expire(keys.part(conversation, "meta"), opening.session_seconds)
    if variables:
        pipeline.hset(keys.part(conversation, "vars"), mapping=_encoded(variables))
        pipeline.expire(keys.part(conversation, "vars"), opening.session_seconds)
    pipeline.execute()
    return Begun(conversation, token, int(time.time()) + opening.session_seconds)


def reset(conversation: str, opening: Opening, *, variables: Mapping[str, Json]) -> None:
    """Begin anew under the same id and token; what was said and set is forgotten. Raises UnknownConversation."""
    keep_draft(conversation, opening)
    fields = [item for pair in opening.fields().items() for item in pair]
    pairs = [item for pair in _encoded(variables).items() for item in pair]
    arguments = (conversation, len(fields), *fields, *pairs)
    if not scripts.run("reset", keys.shard_of(conversation), *arguments):
        raise keys.UnknownConversation


def end(conversation: str, *, token_digest: str = "") -> None:
    """Forget a conversation and tell its listeners; raises UnknownConversation."""
    if not scripts.run("end", keys.shard_of(conversation), conversation, token_digest):
        raise keys.UnknownConversation


def end_all(*, bot: int) -> int:
    """End every conversation of a bot that was deleted, and return how many. Looks through all keys: it is rare."""
    client: Any = connections.client()
    ended = 0
    for key in client.scan_iter(match=f"{connections.PREFIX}:{{*}}:c:*:meta", count=1_000):
        if client.hget(key, "bot") == str(bot).encode():
            with contextlib.suppress(keys.UnknownConversation):
                end(key.decode().rsplit(":", 2)[1])
                ended += 1
    return ended


def opening(conversation: str) -> Opening:
    """Return what the conversation began with; raises UnknownConversation."""
    meta: Any = connections.client().hgetall(keys.part(conversation, "meta"))
    if not meta:
        raise keys.UnknownConversation
    return from_meta(meta)


def from_meta(meta: Mapping[bytes, bytes]) -> Opening:
    return Opening(
        bot=int(meta[b"bot"]),
        bot_key=meta[b"bot_key"].decode(),
        organization=int(meta[b"organization"]),
        spec_ref=meta[b"ref"].decode(),
        session_seconds=int(meta[b"seconds"]),
        error_text=meta[b"error_text"].decode(),
        environment=msgspec.json.decode(meta[b"env"]),
        facts=loads(meta[b"facts"].decode()),
    )


def variables(conversation: str) -> dict[str, Json]:
    """Return the session variables as the latest finished turn left them."""
    stored: Any = connections.client().hgetall(keys.part(conversation, "vars"))
    return decoded({name.decode(): text for name, text in stored.items()})


def entries(conversation: str, *, after: str = "") -> list[streams.Entry]:
    """Return what happened in the conversation: consumer, message, closed, turn and reset events, oldest first."""
    return streams.read(keys.stream(conversation), after=after)


def log(conversation: str, *, after: str = "") -> list[streams.Entry]:
    """Return the bot log."""
    return streams.read(keys.log(conversation), after=after)


async def allows(client: redis.asyncio.Redis, conversation: str, *, token_digest: str) -> bool:
    """Tell whether the conversation lives and the token is its own."""
    stored = await client.hget(keys.part(conversation, "meta"), "token")
    return isinstance(stored, bytes) and secrets.compare_digest(stored.decode(), token_digest)


def token_fits(conversation: str, *, token_digest: str) -> bool:
    """The same outside an event loop."""
    stored = connections.client().hget(keys.part(conversation, "meta"), "token")
    return isinstance(stored, bytes) and secrets.compare_digest(stored.decode(), token_digest)


def keep_draft(conversation: str, opening: Opening) -> None:
    """Keep the draft for as long as a conversation with it lasts; every turn pushes that forward."""
    if opening.draft:
        key = keys.draft(conversation, opening.spec_ref.removeprefix("d:"))
        connections.client().set(key, opening.draft, ex=opening.session_seconds + 60)


def stored_draft(conversation: str, *, sha256: str) -> bytes | None:
    """Return the encoded draft that conversations began with, while one of them lasts."""
    data: Any = connections.client().get(keys.draft(conversation, sha256))
    return data if isinstance(data, bytes) else None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def decoded(stored: Mapping[str, bytes]) -> dict[str, Json]:
    """Return variables by name, read from their JSON."""
    return dict(zip(stored, loads_all([text.decode() for text in stored.values()]), strict=True))


def encode_value(value: Json) -> bytes:
    """A variable as it is stored: JSON, numbers in their own spelling, what is no Unicode replaced."""
    return dump_bytes(value)


def _encoded(values: Mapping[str, Json]) -> dict[str, bytes]:
    return {name: encode_value(value) for name, value in values.items()}
