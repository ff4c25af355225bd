"""What of a bot has a history, and which columns of it; integrations.services.revisions says how a revision is kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from bots.models import Dialog, Intent, Interaction, SavedTest
from integrations.models import Integration, Revision
from integrations.services import definitions, environments, revisions
from integrations.services.revisions import Kind

DIALOG = Kind("dialog", ("name", "description", "kind", "enabled", "position"))
INTERACTION = Kind(
    "interaction",
    ("name", "kind", "enabled", "delay_ms", "content", "integration_id", "rules", "pre_process", "post_process",
     "process_response", "comment", "dialog_id", "position"),
)  # fmt: skip
INTENT = Kind("intent", ("name", "phrases", "patterns"))
TEST = Kind("test", ("name", "transcript", "answers"), key="pk")
SETTINGS = Kind(
    "settings",
    ("name", "description", "language", "environment_id", "session_seconds", "failure_text", "error_text",
     "fallback_text", "split_long_texts", "debug"),
    key="",
    bot=lambda row: row,
)  # fmt: skip
FUNCTIONS = Kind("global_functions", ("global_functions",), key="", bot=lambda row: row)
KINDS = {
    kind.name: kind
    for kind in (
        DIALOG, INTERACTION, definitions.HISTORY, INTENT, TEST, SETTINGS, FUNCTIONS, environments.HISTORY,
    )
}  # fmt: skip
OF_ROW: dict[type, Kind] = {
    Dialog: DIALOG,
    Interaction: INTERACTION,
    Integration: definitions.HISTORY,
    Intent: INTENT,
    SavedTest: TEST,
}


def watch(row: Any, *, user: Any) -> AbstractContextManager[None]:
    """Record what the block changes in a dialog, interaction, intent or test."""
    return revisions.watched(row, kind=OF_ROW[type(row)], author=user)


def made(row: Any, *, user: Any, what: str = "created") -> Revision:
    return revisions.created(row, kind=OF_ROW[type(row)], author=user, what=what)


def last_author(row: Any) -> str:
    """Return who saved the row last, as far as its history goes back."""
    latest = revisions.latest(row, kind=OF_ROW[type(row)])
    return latest.author_name if latest else ""


def gone(row: Any, *, user: Any, snapshot: dict[str, Any] | None = None) -> Revision:
    """Record, before it is deleted, what puts it back."""
    return revisions.deleted(row, kind=OF_ROW[type(row)], author=user, snapshot=snapshot)
