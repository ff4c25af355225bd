"""The variables of a running turn: what templates read, what scripts and calls write.

Pure and in memory. Whoever runs the turn loads `session` from its store and writes back what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from integrations.engine.json_values import Json, NumberText, dump_bytes, to_text

ScopeName = Literal["request", "dialog", "session"]

_FIXED = frozenset({str, int, bool, float, NumberText})  # what cannot have changed where it lies
MAX_VARIABLES = 1_000
MAX_VALUE_BYTES = 256 * 1024
MAX_TOTAL_BYTES = 4 * 1024 * 1024


@dataclass(slots=True)
class Scope:
    """Lookups go request, dialog, session. `facts` are the system variables of section 2 of the contract
    (userMessage, query, conversationId, chatBotId, quickReplyPayload …) by bare name; `environment` is `$env`.

    `refused` is told once for every write that a limit refuses (name, reason). `consumer_names` are the variables
    that hold the consumer's own words: store them with the session and hand them back in the next turn.
    `stored` is the JSON that the session's variables were read from, where there is such.
    """

    session: dict[str, Json] = field(default_factory=dict)
    dialog: dict[str, Json] = field(default_factory=dict)
    request: dict[str, Json] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    refused: Callable[[str, str], None] = lambda name, reason: None
    consumer_names: set[str] = field(default_factory=set)
    stored: Mapping[str, bytes] = field(default_factory=dict)
    _counted: dict[ScopeName, _Counted] = field(default_factory=dict)
    _lent: dict[str, Json] = field(default_factory=dict)

    def get(self, name: str) -> Json:
        """Return the value of a bot variable, None when it is not set."""
        for variables in (self._lent, self.request, self.dialog, self.session):
            if name in variables:
                return variables[name]
        return None

    def has(self, name: str) -> bool:
        return name in self._lent or name in self.request or name in self.dialog or name in self.session

    def as_json(self) -> dict[str, bytes]:
        """Return the session's variables as JSON; most of it was written already, to know their sizes."""
        return self._counts()["session"].texts

    def names(self) -> list[str]:
        return list(self.visible())

    def visible(self) -> dict[str, Json]:
        """Return every variable by name, as `get` gives it."""
        return {**self.session, **self.dialog, **self.request, **self._lent}

    def script_variables(self) -> dict[str, Json]:
        """Return every variable as scripts get it: truth values and numbers as text, none rounded, but a status as the
        number that documented scripts compare it with."""
        return {
            name: value if type(value) is str else _for_script(name, value) for name, value in self.visible().items()
        }

    def lending(self, name: str, value: Json) -> _Loan:
        """Make a value readable for a while though it may be too large to keep; writes to its name are seen, too."""
        return _Loan(self._lent, name, value)

    def text(self, name: str) -> str:
        return to_text(self.get(name))

    def set(self, name: str, value: Json, scope: ScopeName = "session", *, consumer: bool = False) -> bool:
        """Write a variable, null removes it; answers False, and tells `refused`, when a limit is met.

        `consumer` marks a value that holds what the consumer typed: such a variable may not start a URL.
        """
        variables: dict[str, Json] = getattr(self, scope)
        if name in self._lent:
            self._lent[name] = value
        if value is None:
            variables.pop(name, None)
            self._counts()[scope].drop(name)
            self.consumer_names.discard(name)
            return True
        if type(value) not in _FIXED or variables.get(name) is not value:  # else it stands there, counted
            counts, text = self._counts(), dump_bytes(value)
            if reason := _limit(counts, len(text), counts[scope].texts.get(name)):
                self.refused(name, reason)
                return False
            variables[name] = value
            counts[scope].put(name, text)
        (self.consumer_names.add if consumer else self.consumer_names.discard)(name)
        return True

    def unset(self, name: str) -> None:
        for scope, counted in self._counts().items():
            getattr(self, scope).pop(name, None)
            counted.drop(name)
        self.consumer_names.discard(name)

    def from_consumer(self, name: str) -> bool:
        """Tell whether the variable was last set from the consumer's own words (slots always are)."""
        return name in self.consumer_names or name.startswith("slot.")

    def _counts(self) -> dict[ScopeName, _Counted]:
        """Return what all variables weigh; whoever walks from dialog to dialog exchanges the whole dict."""
        counted = self._counted
        if not counted:
            counted["session"] = _Counted(self.session, self.stored)
            counted["request"] = _Counted(self.request)
        if "dialog" not in counted or counted["dialog"].variables is not self.dialog:
            counted["dialog"] = _Counted(self.dialog)
        return counted


def _limit(counts: dict[ScopeName, _Counted], size: int, replaced: bytes | None) -> str:
    """Return why a value of this size may not be written in the place of that one, or nothing."""
    request, dialog, session = counts["request"], counts["dialog"], counts["session"]
    if size > MAX_VALUE_BYTES:
        return f"the value has {size} bytes, {MAX_VALUE_BYTES} are allowed"
    if replaced is None and len(request.texts) + len(dialog.texts) + len(session.texts) >= MAX_VARIABLES:
        return f"the conversation already has {MAX_VARIABLES} variables"
    if request.total + dialog.total + session.total - len(replaced or b"") + size > MAX_TOTAL_BYTES:
        return f"the conversation's variables would exceed {MAX_TOTAL_BYTES} bytes"
    return ""


class _Counted:
    """The variables of one scope as JSON, by name, and the bytes of all. stored: JSON that is known already."""

    __slots__ = ("texts", "total", "variables")

    def __init__(self, variables: dict[str, Json], stored: Mapping[str, bytes] | None = None) -> None:
        known = stored or {}
        self.variables = variables
        self.texts = {name: known[name] if name in known else dump_bytes(each) for name, each in variables.items()}
        self.total = sum(map(len, self.texts.values()))

    def put(self, name: str, text: bytes) -> None:
        self.total += len(text) - len(self.texts.get(name, b""))
        self.texts[name] = text

    def drop(self, name: str) -> None:
        self.total -= len(self.texts.pop(name, b""))


class _Loan:
    """Holds a value among what is lent for the length of a block."""

    __slots__ = ("lent", "name", "value")

    def __init__(self, lent: dict[str, Json], name: str, value: Json) -> None:
        self.lent, self.name, self.value = lent, name, value

    def __enter__(self) -> None:
        self.lent[self.name] = self.value

    def __exit__(self, *_: object) -> None:
        self.lent.pop(self.name, None)


def _for_script(name: str, value: Json) -> Json:
    if isinstance(value, NumberText):
        return int(value) if _is_status(name, value) else str(value)
    if isinstance(value, list) and not any(isinstance(element, dict | list) for element in value):
        return [to_text(element) if isinstance(element, NumberText | bool) else element for element in value]
    return to_text(value) if isinstance(value, bool) else value


def _is_status(name: str, value: NumberText) -> bool:
    """Tell whether this is the status of a call that was stored and read again; one of this turn is a number."""
    return name.startswith("api_") and name.endswith("Status") and value.isdigit()
