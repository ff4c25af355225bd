"""What a bot can say that Conversation Builder's format cannot: kept in one optional key of our own. Pure.

The key holds only those fields of a part that reading its other keys does not give. Credentials are never among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from bots.engine import spec
from bots.engine.exportnode import Node, UnreadableExport

KEY = "parley"
NEVER = frozenset({"key", "name", "credential", "format", "dialogs", "integrations", "intents"})

Part = TypeVar("Part")


def overlay(part: Part, node: Node) -> Part:
    """Return the part with what our own key of its node says; raises UnreadableExport for a value of a wrong type."""
    own = node.get(KEY)
    given = {name: value for name, value in own.object().items() if name not in NEVER}
    if not given:
        return part
    plain = spec.to_builtins(part)
    for name in given.keys() & plain.keys():
        plain[name] = _merged(plain[name], given[name])
    try:
        result: Part = spec.from_builtins(plain, type(part))
    except spec.InvalidSpec as error:
        raise UnreadableExport(f"{own.path}: {error}") from error
    return result


def keep(element: dict[str, Any], *, wanted: Any, read: Any, before: Any = None, extra: Mapping[str, Any] = {}) -> None:
    """Make our own key of the element hold what `overlay` needs to make `wanted` of what was `read` without it.

    Fields that are as they were `before` are left alone. `extra` holds further entries; None takes one away.
    """
    own = dict(element.get(KEY) or {})
    want, got, was = (spec.to_builtins(each) for each in (wanted, read, before))
    for name, value in want.items():
        if name in NEVER or (name not in own and was is not None and was[name] == value):
            continue
        own.pop(name, None)
        if _differs(name, value, got[name]):
            own[name] = _sub_difference(value, got[name])
    own = {name: value for name, value in {**own, **extra}.items() if value is not None}
    element.pop(KEY, None) if not own else element.update({KEY: own})


def _differs(name: str, wanted: Any, read: Any) -> bool:
    """Rules have a key of their own each; what is left to say of a list of them is that it is empty."""
    return (not wanted and bool(read)) if name == "rules" else wanted != read


def _merged(plain: Any, given: Any) -> Any:
    return {**plain, **given} if isinstance(plain, Mapping) and isinstance(given, Mapping) else given


def _sub_difference(wanted: Any, read: Any) -> Any:
    if not isinstance(wanted, dict) or not isinstance(read, dict) or read.keys() - wanted.keys():
        return wanted
    return {name: value for name, value in wanted.items() if name not in read or read[name] != value}
