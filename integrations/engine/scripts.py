"""What goes into the script sandbox and what comes out: plain data, both ways.

Pure. The sandbox (integrations.sandbox) turns a ScriptCall into JSON, runs it and hands back a ScriptOutcome;
the engines apply the operations in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from integrations.engine.json_values import Json

Place = Literal["initConversation", "preProcess", "postProcess", "processUserResponse", "transform", "globalFunctions"]


class ScriptCall(msgspec.Struct, frozen=True):
    """One run of one author script.

    reuse: which isolates may be shared; one bot version (and never two bots).
    variables: every readable bot variable by name, request before dialog before session.
    facts: what botContext's other getters read; keys as in `FACTS`.
    interaction_names: for setTriggerNextMessage.
    """

    reuse: str
    place: Place
    source: str
    global_functions: str = ""
    variables: Mapping[str, Json] = msgspec.field(default_factory=dict)
    facts: Mapping[str, Json] = msgspec.field(default_factory=dict)
    time_limit_seconds: float = 1.0


# The facts that botContext reads. Absent means: nothing is known. All are JSON.
FACTS = (
    "message",  # str: the consumer's latest message
    "quickReplyPayload",
    "buttonPayload",  # str
    "conversationId",
    "chatBotId",
    "accountId",
    "consumerId",
    "channel",  # str; channel as lp_web
    "env",  # {key: text}
    "engagement",  # {attribute: text}
    "customerInfo",
    "personalInfo",
    "location",  # objects
    "metadata",  # [{"type": …, …}]
    "starterIntent",  # str
    "webView",  # {name: text}
    "apiStatus",  # int, 0 when the latest call got no response
    "userName",
    "email",  # str
    "file",  # {"caption": …, "type": …}
    "context",  # {"global": {ns: {key: value}}, "user": {...}, "conversation": {...}}
    "now",  # float, seconds since 1970
)


class ScriptError(msgspec.Struct, frozen=True):
    """Why a script ended early. kind: script (it threw), syntax, timeout, memory, crash, limit. Line and column are
    those of the author's text, from 1; 0 when unknown."""

    kind: Literal["script", "syntax", "timeout", "memory", "crash", "limit"]
    message: str
    line: int = 0
    column: int = 0


class ScriptOutcome(msgspec.Struct, frozen=True):
    """What a script did before it ended, in order, and the error that ended it, if any.

    Each operation is a JSON object with `op`:
      set {name, value, scope: request|session, forever: bool}; value null unsets
      trigger {name} · delay {ms} · allow_max {value: bool} · quick_replies {replies: [{title, payload}]}
      message {text} · message_replies {text, replies} · immediate {texts: [str]} (always the last) · private {text}
      debug {text} · refused {text} · event {message, name, detail} · escalation {message, type}
      context {action: set|delete|delete_all|register|delete_namespace, scope, namespace, key, value, ttl}
      user {field: name|email, value} · transfer {field: intent|intent_id|message|domain, value}
      stub {name}: a function that has no meaning here was called; its documented answer was given
      unsupported {name}: something unknown was called on botContext (the script got an exception)
    """

    operations: tuple[Mapping[str, Json], ...] = ()
    error: ScriptError | None = None
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class RegexOutcome:
    """matched is None when the expression is invalid or was stopped; error then says why."""

    matched: bool | None
    error: str = ""
    groups: tuple[str, ...] = ()
    duration_ms: float = field(default=0.0, compare=False)


RunScript = Callable[[ScriptCall], ScriptOutcome]
MatchRegex = Callable[[str, str], RegexOutcome]  # (expression, text)
