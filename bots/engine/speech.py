"""From a prepared message to replies: special texts, splitting, chips added by scripts.

Knows the turn's replies; not which interaction comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from bots.engine import texts
from bots.engine.context import Turn
from bots.engine.state import Occurrence, Reply
from integrations.engine.json_values import Json

Kind = Literal["text", "quick_replies", "choices", "buttons", "tiles", "rich", "image", "link"]
MAX_CHIPS = 10


class Draft(msgspec.Struct, frozen=True):
    """A message before it is sent. `text` is None for kinds that are shown without one."""

    kind: Kind
    text: texts.Filled | None = None
    body: Mapping[str, Json] = msgspec.field(default_factory=dict)


def send(turn: Turn, *, draft: Draft, delay_ms: int, chips: tuple[dict[str, Json], ...] = ()) -> str:
    """Send a message; answers how the conversation is to be closed if its text is one that closes it."""
    if chips:
        draft = _with_chips(draft, chips)
    if draft.text is None:
        _reply(turn, draft.kind, dict(draft.body), delay_ms)
        return ""
    special = _special(turn, draft.text.text)
    if special is None:
        _send_text(turn, draft, draft.text, delay_ms)
    return special or ""


def error_text(turn: Turn) -> None:
    """Say that something went wrong, in the bot's words."""
    if turn.spec.error_text:
        send(turn, draft=Draft("text", turn.fill(turn.spec.error_text)), delay_ms=0)


def close(turn: Turn, *, how: Literal["close_dialog", "close_conversation"]) -> None:
    """Close the conversation: nothing is open any more, the next message begins a new one."""
    turn.state.closed = how
    turn.state.stack.clear()
    turn.stack_changed()
    turn.occurrences.append(Occurrence("close", {"how": how}))
    turn.log("close", "The conversation is closed." if how == "close_conversation" else "The dialog is closed.")


def _special(turn: Turn, text: str) -> str | None:
    """Carry out a special text; None for any other, else how it closes the conversation, if it does."""
    closing = texts.closing(text)
    if closing:
        return closing
    names = texts.profile(text)
    if names is None:
        return None
    turn.state.user.update(names)
    turn.facts_changed()
    turn.log(
        "user",
        f"The consumer's profile was set: {', '.join(names) or 'nothing, its JSON is damaged'}.",
        error=not names,
    )
    return ""


def _send_text(turn: Turn, draft: Draft, filled: texts.Filled, delay_ms: int) -> None:
    if filled.text.strip() == "BLANK_MESSAGE":
        turn.log("sent", "BLANK_MESSAGE: nothing is sent.")
        return
    split = turn.spec.split_long_texts and not turn.state.allow_max_text
    pieces = texts.pieces(filled, limit=texts.MAX_LENGTH if split else None)
    if not pieces and draft.kind == "text":
        turn.log("sent", "The text is empty: nothing is sent.")
        return
    for piece in pieces[:-1]:
        _reply(turn, "text", {"text": piece.text, "html": piece.html}, _pause(piece, delay_ms))
    last = pieces[-1] if pieces else texts.Piece("", "")
    _reply(turn, draft.kind, {"text": last.text, "html": last.html, **draft.body}, _pause(last, delay_ms))


def _pause(piece: texts.Piece, delay_ms: int) -> int:
    return delay_ms if piece.delay_ms is None else piece.delay_ms


def _reply(turn: Turn, kind: Kind, body: dict[str, Json], delay_ms: int) -> None:
    delay_ms, turn.pause_ms = texts.cap(delay_ms + turn.pause_ms), 0
    turn.replies.append(Reply(kind, body, delay_ms, turn.interaction.key))
    turn.log("sent", f"Sent: {kind.replace('_', ' ')}.", delay_ms=delay_ms)


def _with_chips(draft: Draft, chips: tuple[dict[str, Json], ...]) -> Draft:
    replies = [*draft.body.get("quick_replies", ()), *chips][:MAX_CHIPS]
    kind: Kind = "quick_replies" if draft.kind == "text" else draft.kind
    return Draft(kind, draft.text, {**draft.body, "quick_replies": replies})
