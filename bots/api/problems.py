"""What goes wrong with a request, as RFC 9457 problem documents: one sentence a person understands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from config import redis

MEDIA_TYPE = "application/problem+json"


@dataclass(slots=True)
class Problem(Exception):
    """status, and the sentence. place: where in the request (`/message_id`, `Last-Event-ID`). mend: what to do."""

    status: int
    detail: str
    place: str = ""
    mend: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        document = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        extra = {"place": self.place, "mend": self.mend}
        return json.dumps(document | {name: text for name, text in extra.items() if text}).encode()


def unknown_conversation() -> Problem:
    """One answer for a conversation that never was, has ended, or belongs to another token."""
    return Problem(
        404,
        "There is no such conversation, it has ended, or this token is not for it.",
        mend="Begin a new conversation.",
    )


def defect() -> Problem:
    return Problem(500, "Something is wrong with this installation; the cause is in its log.")


def store_failed(error: Exception) -> Problem:
    """Redis is not to be had for the moment; anything else that it refuses is a defect of ours, and rises."""
    if not redis.is_away(error):
        raise error
    return busy()


def busy() -> Problem:
    return Problem(
        503,
        "The conversation store does not answer, so the request was not accepted.",
        mend="Send the same request again in a few seconds.",
        headers={"Retry-After": "2"},
    )


def database_full() -> Problem:
    """SQL takes nothing for the moment."""
    return Problem(
        503,
        "The database takes nothing at present: its disk is full, or it does not answer. Nothing was changed.",
        mend="Send the same request again in a minute; if this stays, tell the operator.",
        headers={"Retry-After": "60"},
    )


def too_many(sentence: str, *, retry_after: int) -> Problem:
    return Problem(
        429,
        sentence,
        mend=f"Send the same request again in {retry_after} seconds.",
        headers={"Retry-After": str(retry_after)},
    )
