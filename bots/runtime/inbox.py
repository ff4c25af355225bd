"""Accepts consumers' messages: each once, in order, with a turn number, and says whether a runner must be woken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from django.conf import settings

from bots.engine.state import Tap
from bots.runtime import keys, scripts
from config.redis_line import Line

MOST_WAITING = 100
MOST_A_MINUTE: int = settings.RATES["messages"]
TEXT_LENGTH = 10_000


class TooManyMessages(Exception):
    """The conversation sends faster than is allowed, or than its bot answers; says when to come back."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Message(msgspec.Struct, frozen=True):
    """What a consumer sent. A tap carries what the button, chip or choice carried."""

    message_id: str
    text: str = ""
    tap: Tap | None = None
    intent: Mapping[str, Any] | None = None


_MESSAGES = msgspec.json.Decoder(Message)  # made at import: msgspec crashes where threads learn a type at once


class Posted(msgspec.Struct, frozen=True):
    """turn: its number. repeated: the message was there before. ended: its turn is over. wake: nobody is awake."""

    turn: int
    repeated: bool = False
    ended: bool = False
    wake: bool = False


def post(conversation: str, message: Message, *, token_digest: str = "") -> Posted:
    """Accept a message; raises UnknownConversation, TooManyMessages, redis.RedisError."""
    return _posted(
        scripts.run("enqueue", keys.shard_of(conversation), *_arguments(conversation, message, token_digest))
    )


async def post_async(line: Line, conversation: str, message: Message, *, token_digest: str) -> Posted:
    """The same from the event loop."""
    arguments = _arguments(conversation, message, token_digest)
    return _posted(await scripts.run_async(line, "enqueue", keys.shard_of(conversation), *arguments))


def _arguments(conversation: str, message: Message, token_digest: str) -> tuple[scripts.Argument, ...]:
    body = json.dumps(msgspec.to_builtins(message), ensure_ascii=False).encode("utf-8", "replace")
    return conversation, token_digest, message.message_id, body, MOST_WAITING, MOST_A_MINUTE


def _posted(answer: list[Any]) -> Posted:
    match answer:
        case [b"queued", turn, wake]:
            return Posted(turn, wake=bool(wake))
        case [b"again", turn, ended]:
            return Posted(turn, repeated=True, ended=bool(ended))
        case [b"rate", seconds]:
            raise TooManyMessages("This conversation sends too many messages.", retry_after=max(1, seconds))
        case [b"full"]:
            raise TooManyMessages(
                f"{MOST_WAITING} messages of this conversation still wait for the bot.", retry_after=2
            )
    raise keys.UnknownConversation


def decode(body: bytes) -> Message:
    """Read a message as it was put into the inbox."""
    return _MESSAGES.decode(body)
