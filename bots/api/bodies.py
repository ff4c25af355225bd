"""Reads request bodies strictly: nothing unknown, nothing of a wrong type, nothing too large; says where and what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from bots.api.problems import Problem
from bots.engine.state import Tap
from bots.runtime.inbox import TEXT_LENGTH, Message
from integrations.engine.json_values import Json, loads

MESSAGE_BYTES = 256 * 1024  # 10,000 characters also where a client writes each as two escapes
OPENING_BYTES = 1024 * 1024
ID_LENGTH = 100

Shape = TypeVar("Shape")


class TapBody(msgspec.Struct, forbid_unknown_fields=True):
    """A chip, choice or button as delivered, or as {kind, label, payload}."""

    kind: str = ""
    label: str = ""
    title: str = ""
    payload: str = ""
    value: str = ""
    text: str = ""
    type: str = ""
    target: str = ""
    image: str = ""
    metadata: list[dict[str, Any]] = msgspec.field(default_factory=list)


class MessageBody(msgspec.Struct, forbid_unknown_fields=True):
    message_id: str
    text: str | None = None
    tap: TapBody | str | None = None


class ConsumerBody(msgspec.Struct, forbid_unknown_fields=True):
    id: str = ""
    name: str = ""


class OpeningBody(msgspec.Struct, forbid_unknown_fields=True):
    """How a conversation begins."""

    draft: bool = False
    consumer: ConsumerBody = msgspec.field(default_factory=ConsumerBody)
    customer_info: dict[str, Any] = msgspec.field(default_factory=dict)
    engagement: dict[str, Any] = msgspec.field(default_factory=dict)
    variables: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)


# Made at import: msgspec crashes where several threads learn the same type at once, as the first requests would.
MESSAGE = msgspec.json.Decoder(MessageBody)
OPENING = msgspec.json.Decoder(OpeningBody)


def parse(body: bytes, shape: msgspec.json.Decoder[Shape]) -> Shape:
    """Return the body as that shape; raises Problem with the place of what is wrong."""
    try:
        return shape.decode(body or b"{}")
    except msgspec.ValidationError as error:
        sentence, place = _said(str(error))
        raise Problem(422, sentence, place=place, mend="Send the fields that /api/v1/docs lists.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "The body is not valid JSON.", mend="Send one JSON object in UTF-8.") from error


def values(given: Mapping[str, msgspec.Raw]) -> dict[str, Json]:
    """Return variables with their numbers as they were spelled; raises Problem."""
    try:
        return {name: loads(bytes(text).decode()) for name, text in given.items()}
    except ValueError as error:
        raise Problem(
            422, "A variable's value is nested too deep, or is no JSON.", place="/variables", mend="Send a simpler one."
        ) from error


def message(body: bytes) -> Message:
    """Return the consumer's message of a request."""
    given = parse(body, MESSAGE)
    if not 1 <= len(given.message_id) <= ID_LENGTH:
        raise Problem(
            422,
            f"A message id has 1 to {ID_LENGTH} characters.",
            place="/message_id",
            mend="Make a new one for each message, for example a UUID, and keep it when you send again.",
        )
    if (given.text is None) == (given.tap is None):
        raise Problem(422, "A message carries either a text or a tap.", place="/text", mend="Send one of the two.")
    tap = _tap(given.tap) if given.tap is not None else None
    text = given.text if given.text is not None else _received(tap)
    if not text.strip():
        raise Problem(422, "The message is empty.", place="/tap" if tap else "/text", mend="Send some text.")
    if len(text) > TEXT_LENGTH:
        raise Problem(
            422, f"The message has {len(text):,} characters.", place="/text", mend=f"Send at most {TEXT_LENGTH:,}."
        )
    return Message(given.message_id, text, tap)


def _tap(given: TapBody | str) -> Tap:
    if isinstance(given, str):
        return Tap("choice", label=given, payload=given)
    kind = given.kind or ("button" if given.type or given.value else "quick_reply" if given.title else "choice")
    label = given.label or given.title or given.text
    return Tap(kind, label, given.payload or given.value or given.text or label, tuple(given.metadata))


def _received(tap: Tap | None) -> str:
    return (tap.payload or tap.label) if tap else ""


async def read(request: Request, *, limit: int) -> bytes:
    """Return a JSON request's body; raises Problem for another media type or a body over the limit."""
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, f"The body is {media_type}.", place="Content-Type", mend="Send application/json.")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
    return b"".join(parts)


def too_large(limit: int) -> Problem:
    return Problem(413, f"The body is larger than {limit // 1024} KB.", mend="Send less.")


def bearer(headers: Mapping[str, str]) -> str:
    """Return the token or key of an Authorization header, nothing where there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)


def _said(text: str) -> tuple[str, str]:
    """Turn msgspec's message into a sentence and a JSON pointer."""
    found = _PLACE.match(text)
    what, path = (found["what"], found["path"] or "") if found else (text, "")
    pointer = re.sub(r"[.\[]+", "/", path).replace("]", "")
    return f"{what[:1].upper()}{what[1:300]}.".replace("`", "'"), pointer or "/"
