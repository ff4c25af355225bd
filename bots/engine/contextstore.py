"""The context service inside of a turn: its writes carried out on plain dicts, within limits. Pure.

Knows namespaces and keys; where the global and user scopes are kept is their owner's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from integrations.engine.json_values import Json, dumps

MOST_ENTRIES = 1_000  # of a scope
MOST_BYTES = 4 * 1024 * 1024  # of a scope

Operation = Mapping[str, Json]
Namespaces = dict[str, Any]


def refusal(scopes: Mapping[str, Namespaces], *, operation: Operation) -> str:
    """Return why a write cannot be taken, or nothing."""
    if operation["action"] != "set":
        return ""
    namespaces = scopes[str(operation["scope"])]
    namespace, key = str(operation["namespace"]), str(operation["key"])
    is_new = key not in namespaces.get(namespace, {})
    if is_new and sum(map(len, namespaces.values())) >= MOST_ENTRIES:
        return f"this scope already has {MOST_ENTRIES:,} entries"
    if len(dumps(namespaces)) + len(dumps(operation["value"])) > MOST_BYTES:
        return f"this scope would exceed {MOST_BYTES // 1024 // 1024} MB"
    return ""


def change(scopes: Mapping[str, Namespaces], *, operation: Operation) -> None:
    """Carry out one write on {scope: {namespace: {key: value}}}; no scope means all."""
    for scope, namespaces in scopes.items():
        if operation["scope"] in (scope, ""):
            ACTIONS[str(operation["action"])](namespaces, operation)


def _set(namespaces: Namespaces, operation: Operation) -> None:
    """Values keep their type, so that numbers are stored as such and not as the spellings that engines use."""
    value = json.loads(dumps(operation["value"]))
    namespaces.setdefault(str(operation["namespace"]), {})[str(operation["key"])] = value


def _register(namespaces: Namespaces, operation: Operation) -> None:
    """A namespace needs no registration; its time to live is the business of whoever stores it."""


def _delete(namespaces: Namespaces, operation: Operation) -> None:
    namespaces.get(str(operation["namespace"]), {}).pop(str(operation["key"]), None)


def _forget(namespaces: Namespaces, operation: Operation) -> None:
    namespaces.pop(str(operation["namespace"]), None)


ACTIONS: dict[str, Callable[[Namespaces, Operation], None]] = {
    "set": _set,
    "register": _register,
    "delete": _delete,
    "delete_all": _forget,
    "delete_namespace": _forget,
}
