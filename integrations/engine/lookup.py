"""What a placeholder of a template stands for: its kinds, and how each finds its value in the scope.

Pure. Knows nothing of positions and escaping.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from integrations.engine import jsonpath
from integrations.engine.errors import MalformedPath
from integrations.engine.json_values import Json, is_response, loads
from integrations.engine.scope import Scope

Kind = Literal["variable", "slot", "env", "field", "system", "path"]

SYSTEM_NAMES = frozenset(
    {
        "userMessage", "query", "conversationId", "chatBotId", "quickReplyPayload", "chatBotUserId",
        "chatBotUserPlatformId", "firstname", "location.city", "location.state", "location.zip", "location.lat",
        "location.lng", "location.latlng",
    }
)  # fmt: skip
_OURS = frozenset({"conversationId", "chatBotId", "chatBotUserId", "chatBotUserPlatformId"})
_SAME = {"query": "userMessage", "userMessage": "query"}


class Placeholder(msgspec.Struct, frozen=True):
    """One variable in a template. `source` is what stands between the braces, `name` the bare name: `order.id` of
    `{$botContext.order.id}`, `size` of `{$botContext.slot.size}`, `Order.total`, `userMessage`; a path is whole."""

    kind: Kind
    name: str
    source: str
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


class Found(msgspec.Struct, frozen=True):
    """known: there is such a variable, though it may be empty. consumer: the value holds the consumer's own words."""

    value: Json = None
    known: bool = False
    consumer: bool = False


class Reader(msgspec.Struct):
    """Reads variables from a scope; parses each response document only once.

    response: the response variable that a path means when it begins with something else.
    """

    scope: Scope
    response: str = ""
    _documents: dict[str, Json] = msgspec.field(default_factory=dict)

    def find(self, placeholder: Placeholder) -> Found:
        return _FINDERS[placeholder.kind](self, placeholder.name)

    def select(self, path: jsonpath.Path) -> jsonpath.Selection:
        """Follow a path into the response variable that it begins with."""
        return jsonpath.select(self.document(path), path.steps)

    def document(self, path: jsonpath.Path) -> Json:
        """Return the document that a path leads into."""
        name = str(path.steps[0])
        return self._document(name if self.scope.has(name) or not self.response else self.response)

    def _document(self, name: str) -> Json:
        value = self.scope.get(name)
        if is_response(value):
            if name not in self._documents:
                self._documents[name] = parsed(value["jsonData"])
            return self._documents[name]
        document = parsed(value)
        return document if isinstance(document, dict) and name in document else {name: document}


def parsed(value: Json) -> Json:
    """Return the document that a text holds; anything that is no JSON object or list stays what it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return loads(value)
    except ValueError:
        return value


def _variable(reader: Reader, name: str) -> Found:
    scope = reader.scope
    if scope.has(name):
        return Found(scope.get(name), True, scope.from_consumer(name))
    for prefix, rest in _prefixes(name):
        if scope.has(prefix):
            return _property(scope, prefix, rest)
    return Found()


def _prefixes(name: str) -> Iterator[tuple[str, str]]:
    """Yield (prefix, rest) of a dotted name, the longest prefix first."""
    for match in reversed(list(re.finditer(r"[.\[]", name))):
        yield name[: match.start()], name[match.start() :]


def _property(scope: Scope, prefix: str, rest: str) -> Found:
    try:
        selection = jsonpath.select(parsed(scope.get(prefix)), jsonpath.parse_steps(rest))
    except MalformedPath:
        return Found()
    return Found(selection.value if selection.found else None, selection.found, scope.from_consumer(prefix))


def _slot(reader: Reader, name: str) -> Found:
    found = _variable(reader, f"slot.{name}")
    return Found(found.value, found.known, consumer=True)


def _environment(reader: Reader, name: str) -> Found:
    environment = reader.scope.environment
    return Found(environment.get(name), name in environment)


def _system(reader: Reader, name: str) -> Found:
    facts = reader.scope.facts
    value = facts.get(name, facts.get(_SAME.get(name, name)))
    head, _, rest = name.partition(".")
    if value is None and rest:
        selection = jsonpath.select(facts.get(head), (rest,))
        value = selection.value
    return Found(value, name in SYSTEM_NAMES or value is not None, name not in _OURS)


def _path(reader: Reader, source: str) -> Found:
    try:
        selection = reader.select(jsonpath.parse(source))
    except MalformedPath:
        return Found()
    return Found(selection.value if selection.found else None, selection.found)


_FINDERS: dict[Kind, Callable[[Reader, str], Found]] = {
    "variable": _variable,
    "slot": _slot,
    "env": _environment,
    "field": _variable,
    "system": _system,
    "path": _path,
}
