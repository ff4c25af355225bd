"""The variables of a running turn: what templates read, what scripts and calls write.

Pure and in memory. Whoever runs the turn loads `session` from its store and writes back what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from integrations.engine.json_values import Json, NumberText, dump_bytes, to_text

ScopeName = Literal["request", "dialog", "session"]

SCOPES: tuple[ScopeName, ...] = ("request", "dialog", "session")
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
    """

    session: dict[str, Json] = field(default_factory=dict)
    dialog: dict[str, Json] = field(default_factory=dict)
    request: dict[str, Json] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    refused: Callable[[str, str], None] = lambda name, reason: None
    consumer_names: set[str] = field(default_factory=set)
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
            counts, size = self._counts(), len(dump_bytes(value))
            counted = counts[scope]
            if reason := _limit(counts, size, counted.sizes.get(name)):
                self.refused(name, reason)
                return False
            variables[name] = value
            counted.put(name, size)
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
        """Return the sizes of all variables; whoever walks from dialog to dialog exchanges the whole dict."""
        counted = self._counted
        for scope, variables in zip(SCOPES, (self.request, self.dialog, self.session), strict=True):
            if scope not in counted or counted[scope].variables is not variables:
                counted[scope] = _Counted(variables)
        return counted


def _limit(counts: dict[ScopeName, _Counted], size: int, replaced: int | None) -> str:
    """Return why a value of this size may not be written in the place of one of that size, or nothing."""
    request, dialog, session = counts["request"], counts["dialog"], counts["session"]
    if size > MAX_VALUE_BYTES:
        return f"the value has {size} bytes, {MAX_VALUE_BYTES} are allowed"
    if replaced is None and len(request.sizes) + len(dialog.sizes) + len(session.sizes) >= MAX_VARIABLES:
        return f"the conversation already has {MAX_VARIABLES} variables"
    if request.total + dialog.total + session.total - (replaced or 0) + size > MAX_TOTAL_BYTES:
        return f"the conversation's variables would exceed {MAX_TOTAL_BYTES} bytes"
    return ""


class _Counted:
    """The sizes of the variables of one scope, by name, and their sum."""

    __slots__ = ("sizes", "total", "variables")

    def __init__(self, variables: dict[str, Json]) -> None:
        self.variables = variables
        self.sizes = {name: len(dump_bytes(value)) for name, value in variables.items()}
        self.total = sum(self.sizes.values())

    def put(self, name: str, size: int) -> None:
        self.total += size - self.sizes.get(name, 0)
        self.sizes[name] = size

    def drop(self, name: str) -> None:
        self.total -= self.sizes.pop(name, 0)


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
