"""The export file of an import while its author decides: it waits in Redis (integrations.services.uploads)."""

from __future__ import annotations

from typing import Any

from bots.engine.exportfile import MAX_BYTES
from integrations.services import uploads

MOST_BYTES = MAX_BYTES + 64 * 1024  # a form is a little larger than the file in it
SECONDS = uploads.SECONDS
NotKept = uploads.NotKept
_PURPOSE = "upload"


def keep(user: Any, *, name: str, data: bytes) -> str:
    """Keep a file and return its token; the one that the user left waiting before is forgotten."""
    return uploads.keep(user, name=name, data=data, purpose=_PURPOSE)


def find(user: Any, *, token: str) -> uploads.Upload | None:
    """Return the file, or nothing when it was not this user's or its time is over."""
    return uploads.find(user, token=token, purpose=_PURPOSE)


def forget(user: Any) -> None:
    uploads.forget(user, purpose=_PURPOSE)


def _key(user: Any) -> str:
    return uploads.key_of(user, purpose=_PURPOSE)
