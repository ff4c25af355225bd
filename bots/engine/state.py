"""What a conversation remembers between two turns, what a turn is given and what it answers. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import structs

from integrations.engine.json_values import Json

FORMAT = 1


class InvalidState(ValueError):
    """A stored state is of another format or damaged: the conversation cannot go on and must begin anew."""


class Frame(msgspec.Struct):
    """A dialog on the stack, the question that waits in it (an interaction's key) and its dialog-scoped variables."""

    dialog: str
    pending: str = ""
    variables: dict[str, Any] = msgspec.field(default_factory=dict)
    fallback: bool = False


class State(msgspec.Struct):
    """All but the session variables (those are stored one by one). Last frame = top of the stack.

    logged_once: notices that are given once a conversation. context: the conversation scope of the context service.
    consumer_names: variables that hold the consumer's own words (Scope.consumer_names).
    """

    stack: list[Frame] = msgspec.field(default_factory=list)
    started: bool = False
    closed: Literal["", "close_conversation", "close_dialog"] = ""
    waiting_for_agent: bool = False
    allow_max_text: bool = False
    api_status: int | None = None
    user: dict[str, str] = msgspec.field(default_factory=dict)
    transfer: dict[str, str] = msgspec.field(default_factory=dict)
    context: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    logged_once: list[str] = msgspec.field(default_factory=list)
    consumer_names: list[str] = msgspec.field(default_factory=list)
    format: int = FORMAT

    def copy(self) -> State:
        """Return a state that can be changed without changing this one; values themselves are never changed."""
        return structs.replace(
            self,
            stack=[structs.replace(frame, variables=dict(frame.variables)) for frame in self.stack],
            user=dict(self.user),
            transfer=dict(self.transfer),
            context={namespace: dict(values) for namespace, values in self.context.items()},
            logged_once=list(self.logged_once),
            consumer_names=list(self.consumer_names),
        )

    def waiting_at(self) -> str:
        """The key of the question on top that waits for the consumer, or nothing."""
        return self.stack[-1].pending if self.stack else ""


class Tap(msgspec.Struct, frozen=True):
    """A chip, choice or button as delivered. kind: quick_reply, choice, button, publish_text, location."""

    kind: str
    label: str = ""
    payload: str = ""
    metadata: tuple[Mapping[str, Any], ...] = ()


class Event(msgspec.Struct, frozen=True):
    """A consumer's message. `text` is what the bot receives (for a tap: its payload, callback or label).

    session_facts: what the channel knows, by the names of integrations.engine.scripts.FACTS.
    environment: `$env`. context: the global and user scopes of the context service. now: seconds since 1970.
    intent: a result of intent recognition fed in from outside: {"id"/"name": …, "score": …}.
    """

    text: str
    conversation: str
    tap: Tap | None = None
    turn: int = 1
    now: float = 0.0
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    session_facts: Mapping[str, Json] = msgspec.field(default_factory=dict)
    context: Mapping[str, Mapping[str, Mapping[str, Json]]] = msgspec.field(default_factory=dict)
    intent: Mapping[str, Json] | None = None


class Reply(msgspec.Struct, frozen=True):
    """A message to the consumer. `body` has the fields of its kind (the table in
    docs/conversation-tests.md); `interaction` is the key of the one that sent it. Delays are for the page to play."""

    kind: Literal["text", "quick_replies", "choices", "buttons", "tiles", "rich", "image", "link"]
    body: Mapping[str, Json]
    delay_ms: int = 0
    interaction: str = ""


class LogLine(msgspec.Struct, frozen=True):
    """One line of the bot log. `code` is a stable word (message, rule, interaction, script, debug, set, token, call,
    field, sent, limit, notice, error …); `text` is the sentence; `detail` never holds a body or a secret."""

    code: str
    text: str
    error: bool = False
    interaction: str = ""
    detail: Mapping[str, Json] = msgspec.field(default_factory=dict)


class Occurrence(msgspec.Struct, frozen=True):
    """Something that happened besides messages: close {how}, transfer {skill_id, agent_id, …},
    custom_event {name, user_message, detail}, private_message {text}, escalation {…}, reset {}."""

    type: str
    detail: Mapping[str, Json] = msgspec.field(default_factory=dict)


class TurnResult(msgspec.Struct, frozen=True):
    """Everything a turn changed; the caller stores it in one step.

    variables: the session variables afterwards; as_json: the same as they are stored. context_changes: writes to the
    global and user scopes, as the `context` operations of integrations.engine.scripts.ScriptOutcome. waiting_at: an
    interaction's key or nothing.
    """

    state: State
    variables: dict[str, Json]
    replies: tuple[Reply, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    context_changes: tuple[Mapping[str, Json], ...] = ()
    waiting_at: str = ""
    as_json: Mapping[str, bytes] = msgspec.field(default_factory=dict)


_STATES = msgspec.json.Decoder(State)  # made at import: msgspec crashes where threads learn a type at once


def encode(state: State) -> bytes:
    return msgspec.json.encode(state)


def decode(data: bytes) -> State:
    """Raises InvalidState for a state that this version cannot continue."""
    try:
        state = _STATES.decode(data)
    except msgspec.DecodeError as error:
        raise InvalidState(str(error)) from error
    if state.format != FORMAT:
        raise InvalidState(f"the state has format {state.format}, this version reads {FORMAT}")
    return state
