"""A bot as plain frozen data: what rows, export files and published versions all turn into, and what runs.

Pure. Encoded with `encode`/`decode`; a stored spec that does not fit raises InvalidSpec with the place in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import msgspec

from integrations.engine.spec import Damaged, IntegrationSpec

FORMAT = 1

Kind = Literal[
    "starter",
    "text",
    "image",
    "link",
    "structured",
    "text_question",
    "quick_reply",
    "multiple_choice",
    "button",
    "structured_question",
    "universal",
    "integration",
    "agent_transfer",
    "unsupported",
]
QUESTIONS = frozenset({"text_question", "quick_reply", "multiple_choice", "button", "structured_question"})

ActionKind = Literal["next", "repeat", "interaction", "dialog", "end", "close_conversation", "close_dialog"]
ConditionKind = Literal["pattern", "regex", "exact", "option", "api_result", "intent", "no_match", "unsupported"]
DialogKind = Literal["standard", "fallback"]
VariableScope = Literal["request", "dialog", "session"]


class InvalidSpec(Damaged):
    """A stored or imported specification does not have the shape of a BotSpec; says where."""


@dataclass(frozen=True, slots=True)
class Action:
    """Where a flow goes. `target` is the key of an interaction or dialog for those two kinds."""

    kind: ActionKind = "next"
    target: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One match. values: patterns, one regular expression, one exact text, one choice, SUCCESS / FAILURE / a
    failure kind, or one intent id, by kind. message: what No Match sends first. source: an unknown imported one."""

    kind: ConditionKind
    values: tuple[str, ...] = ()
    exclude_keywords: tuple[str, ...] = ()
    message: str = ""
    source: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class VariableCondition:
    """`name` is a bare variable name or a {…} expression; operator as in rules.OPERATORS (unknown: never holds)."""

    name: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class SetVariable:
    name: str
    value: str = "{$userMessage}"
    scope: VariableScope = "session"


@dataclass(frozen=True, slots=True)
class Rule:
    """Holds when the condition (if any) and any/all of the variable conditions (if any) hold."""

    key: str = ""
    name: str = ""
    condition: Condition | None = None
    variable_conditions: tuple[VariableCondition, ...] = ()
    variable_match: Literal["any", "all"] = "any"
    variables: tuple[SetVariable, ...] = ()
    slot: SetVariable | None = None
    action: Action = Action()

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but a next action."""
        return replace(self, key="", name="", action=Action()) == Rule()


@dataclass(frozen=True, slots=True)
class Chip:
    """A quick reply. An empty payload means the title. type: text or location."""

    title: str
    payload: str = ""
    image: str = ""
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Button:
    """type web_url opens `value` in `target`; type postback sends `value`."""

    label: str
    type: Literal["web_url", "postback"] = "postback"
    value: str = ""
    target: str = ""
    metadata: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    title: str = ""
    subtitle: str = ""
    image: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What an interaction shows or does; each kind uses some of the fields.

    starter: patterns, exclude_keywords, intent, sample. text, text_question: text. quick_reply: text, quick_replies.
    multiple_choice: text, choices, display, text_style. button: text, buttons. structured(_question): tiles.
    universal: rich_json, waits. image, link: url (link: text as its label). integration: integration (its key).
    agent_transfer: text, skill, agent. fallback_text: what a question sends instead of the fallback dialog.
    """

    text: str = ""
    patterns: tuple[str, ...] = ()
    exclude_keywords: tuple[str, ...] = ()
    intent: str = ""
    sample: str = ""
    quick_replies: tuple[Chip, ...] = ()
    choices: tuple[str, ...] = ()
    display: Literal["buttons", "quick_replies"] = "buttons"
    text_style: Literal["numbers", "letters", "none"] = "numbers"
    buttons: tuple[Button, ...] = ()
    tiles: tuple[Tile, ...] = ()
    rich_json: str = ""
    waits: bool = False
    url: str = ""
    integration: str = ""
    skill: str = ""
    agent: str = ""
    fallback_text: str = ""
    imported_type: str = ""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Rules are in list order; a plain next action is a rule without condition."""

    key: str
    name: str
    kind: Kind
    content: Content = Content()
    rules: tuple[Rule, ...] = ()
    enabled: bool = True
    delay_ms: int = 0
    pre_process: str = ""
    post_process: str = ""
    process_response: str = ""

    @property
    def waits(self) -> bool:
        """Whether the flow stops here for the consumer."""
        return self.kind in QUESTIONS or (self.kind == "universal" and self.content.waits)


@dataclass(frozen=True, slots=True)
class Dialog:
    """Interactions stand in the order in which `next` walks them."""

    key: str
    name: str
    kind: DialogKind = "standard"
    enabled: bool = True
    interactions: tuple[Interaction, ...] = ()

    def enabled_from(self, start: int) -> Interaction | None:
        """Return the first interaction from there on that is switched on."""
        for at in range(start, len(self.interactions)):
            if self.interactions[at].enabled:
                return self.interactions[at]
        return None


@dataclass(frozen=True, slots=True)
class Examples:
    """What an author attached to an intent: sentences that mean it, and patterns that are it for certain."""

    phrases: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class BotSpec:
    """A whole bot. Its environment's values are not part of it: a conversation gets them when it begins.

    intents: the name of each intent by its id. intent_examples: by id as well, for those that are recognised here."""

    key: str
    name: str
    language: str = "en-US"
    session_seconds: int = 3600
    failure_text: str = "Sorry, I could not find anything for that."
    error_text: str = "Sorry, something went wrong here. Please try again."
    fallback_text: str = "Not able to understand your question. Can you please re-phrase it?"
    split_long_texts: bool = True
    debug: bool = False
    global_functions: str = ""
    dialogs: tuple[Dialog, ...] = ()
    integrations: tuple[IntegrationSpec, ...] = ()
    intents: Mapping[str, str] = field(default_factory=dict)
    intent_examples: Mapping[str, Examples] = field(default_factory=dict)
    format: int = FORMAT

    @cached_property
    def interaction_by_key(self) -> Mapping[str, tuple[Dialog, Interaction]]:
        return {i.key: (dialog, i) for dialog in self.dialogs for i in dialog.interactions}

    @cached_property
    def interaction_by_name(self) -> Mapping[str, tuple[Dialog, Interaction]]:
        return {i.name: (dialog, i) for dialog in self.dialogs for i in dialog.interactions}

    @cached_property
    def position_by_key(self) -> Mapping[str, int]:
        """Where each interaction stands in its dialog."""
        return {i.key: at for dialog in self.dialogs for at, i in enumerate(dialog.interactions)}

    @cached_property
    def dialog_by_key(self) -> Mapping[str, Dialog]:
        return {dialog.key: dialog for dialog in self.dialogs}

    @cached_property
    def starters(self) -> Sequence[tuple[Dialog, Interaction]]:
        """The dialogs that a message can start, each with its dialog starter."""
        standard = [dialog for dialog in self.dialogs if dialog.kind == "standard" and dialog.enabled]
        firsts = [(dialog, dialog.interactions[0]) for dialog in standard if dialog.interactions]
        return [(dialog, first) for dialog, first in firsts if first.kind == "starter" and first.enabled]

    @cached_property
    def integration_by_key(self) -> Mapping[str, IntegrationSpec]:
        return {integration.key: integration for integration in self.integrations}

    @cached_property
    def fingerprint(self) -> str:
        """What names this very version of this very bot, for those who keep something by it."""
        return f"{self.key}:{hashlib.sha256(encode(self)).hexdigest()[:24]}"


_SPECS = msgspec.json.Decoder(BotSpec)  # made at import: msgspec crashes where threads learn a type at once


def to_builtins(value: Any) -> Any:
    """Return the plain JSON form of a spec or of a part of one (for a JSON column)."""
    return msgspec.to_builtins(value)


def from_builtins(data: Any, type_: Any) -> Any:
    """Read a spec, or a part of one, from its plain JSON form; raises InvalidSpec with the place."""
    try:
        return msgspec.convert(data, type_)
    except msgspec.ValidationError as error:
        raise InvalidSpec(str(error)) from error


def encode(spec: BotSpec) -> bytes:
    return msgspec.json.encode(spec)


def decode(data: bytes) -> BotSpec:
    """Raises InvalidSpec for anything that is not an encoded BotSpec of this format."""
    try:
        spec = _SPECS.decode(data)
    except msgspec.DecodeError as error:
        raise InvalidSpec(str(error)) from error
    if spec.format != FORMAT:
        raise InvalidSpec(f"the specification has format {spec.format}, this version reads {FORMAT}")
    return spec
