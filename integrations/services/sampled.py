"""The pinned response of a deleted integration, for its undo: in Redis, for half an hour, for who deleted it.

A history does not hold responses: they were pinned on an author's word, and are gone when they are unpinned.
"""

from __future__ import annotations

import json
from typing import Any

from integrations.models import Integration
from integrations.services import uploads


def keep(row: Integration, *, user: Any) -> str:
    """Keep it, and return what finds it again; nothing where there is none, or nowhere to keep it."""
    if not row.pinned_response or user is None:
        return ""
    try:
        return uploads.keep(user, name=row.name, data=json.dumps(row.pinned_response).encode(), purpose=_purpose(row))
    except uploads.NotKept:
        return ""


def find(row: Integration, *, user: Any, token: str) -> dict[str, Any] | None:
    """Return it, as long as it is kept."""
    try:
        found = uploads.find(user, token=token, purpose=_purpose(row)) if token else None
    except uploads.NotKept:
        return None
    return json.loads(found.data) if found else None


def _purpose(row: Integration) -> str:
    return f"pinned-{row.bot_id}-{row.key}"
