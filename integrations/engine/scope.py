"""The variables of a running turn: what templates read, what scripts and calls write.

Pure and in memory. Whoever runs the turn loads `session` from its store and writes back what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from integrations.engine.json_values import Json, NumberText, dumps, to_text

ScopeName = Literal["request", "dialog", "session"]

SCOPES: tuple[ScopeName, ...] = ("request", "dialog", "session")
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
        return any(name in variables for variables in (self._lent, self.request, self.dialog, self.session))

    def names(self) -> list[str]:
        return list(self.visible())

    def visible(self) -> dict[str, Json]:
        """Return every variable by name, as `get` gives it."""
        return {**self.session, **self.dialog, **self.request, **self._lent}

    def script_variables(self) -> dict[str, Json]:
        """Return every variable as scripts get it: truth values and numbers as text, none rounded, but a status as the
        number that documented scripts compare it with."""
        return {
            name: int(value) if _is_status(name, value) else _for_script(value)
            for name, value in self.visible().items()
        }

    @contextmanager
    def lending(self, name: str, value: Json) -> Iterator[None]:
        """Make a value readable for a while though it may be too large to keep; writes to its name are seen, too."""
        self._lent[name] = value
        try:
            yield
        finally:
            self._lent.pop(name, None)

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
        counts, size = self._counts(), _size(dumps(value))
        counted = counts[scope]
        if reason := _limit(counts.values(), size, counted.sizes.get(name)):
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
        for scope in SCOPES:
            variables: dict[str, Json] = getattr(self, scope)
            if scope not in counted or counted[scope].variables is not variables:
                counted[scope] = _Counted(variables, {name: _size(dumps(value)) for name, value in variables.items()})
        return counted


def _limit(counts: Iterable[_Counted], size: int, replaced: int | None) -> str:
    """Return why a value of this size may not be written in the place of one of that size, or nothing."""
    if size > MAX_VALUE_BYTES:
        return f"the value has {size} bytes, {MAX_VALUE_BYTES} are allowed"
    number = total = 0
    for counted in counts:
        number += len(counted.sizes)
        total += counted.total
    if replaced is None and number >= MAX_VARIABLES:
        return f"the conversation already has {MAX_VARIABLES} variables"
    if total - (replaced or 0) + size > MAX_TOTAL_BYTES:
        return f"the conversation's variables would exceed {MAX_TOTAL_BYTES} bytes"
    return ""


class _Counted:
    """The sizes of the variables of one scope, by name, and their sum."""

    __slots__ = ("sizes", "total", "variables")

    def __init__(self, variables: dict[str, Json], sizes: dict[str, int]) -> None:
        self.variables, self.sizes = variables, sizes
        self.total = sum(sizes.values())

    def put(self, name: str, size: int) -> None:
        self.total += size - self.sizes.get(name, 0)
        self.sizes[name] = size

    def drop(self, name: str) -> None:
        self.total -= self.sizes.pop(name, 0)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _is_status(name: str, value: Json) -> bool:
    """Tell whether this is the status of a call, also once it was stored and read again (as a NumberText)."""
    return name.startswith("api_") and name.endswith("Status") and isinstance(value, NumberText) and value.isdigit()


def _for_script(value: Json) -> Json:
    if isinstance(value, NumberText | bool):
        return to_text(value)
    if isinstance(value, list) and not any(isinstance(element, dict | list) for element in value):
        return [_for_script(element) for element in value]
    return value
