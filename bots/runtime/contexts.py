"""The context service's global and user scopes: what outlives a conversation, by organization, in Redis.

Loaded only for bots whose scripts mention it. Writing the same again does no harm, so a turn that runs again may.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from config.redis import PREFIX, client
from integrations.engine.json_values import Json, dumps, loads

KEPT_SECONDS = 90 * 24 * 3600  # after the latest write
MOST_ENTRIES = 1_000
Operation = Mapping[str, Json]


def load(organization: int, *, consumer: str) -> dict[str, dict[str, dict[str, Json]]]:
    """Return {"global": {namespace: {key: value}}, "user": …}; no user scope without a consumer's id."""
    return {name: _read(_key(organization, name, consumer)) for name in _scopes(consumer)}


def apply(organization: int, operations: Iterable[Operation], *, consumer: str) -> None:
    """Carry out the writes of a turn, in order."""
    for operation in operations:
        for name in _scopes(consumer):
            if operation["scope"] in (name, ""):
                ACTIONS[str(operation["action"])](organization, _key(organization, name, consumer), operation)


def _register(organization: int, key: str, operation: Operation) -> None:
    if operation.get("ttl"):
        client().hset(_lifetimes(organization), str(operation["namespace"]), str(operation["ttl"]))
        client().expire(_lifetimes(organization), KEPT_SECONDS)


def _set(organization: int, key: str, operation: Operation) -> None:
    namespace = str(operation["namespace"])
    name, lifetime = _field(namespace, operation["key"]), client().hget(_lifetimes(organization), namespace)
    if not client().hexists(key, name) and int(client().hlen(key)) >= MOST_ENTRIES:
        return
    until = time.time() + int(lifetime) if lifetime else None
    client().hset(key, name, dumps({"value": operation["value"], "until": until}).encode("utf-8", "replace"))
    client().expire(key, KEPT_SECONDS)


def _delete(organization: int, key: str, operation: Operation) -> None:
    client().hdel(key, _field(str(operation["namespace"]), operation["key"]))


def _delete_all(organization: int, key: str, operation: Operation) -> None:
    fields: Any = client().hkeys(key)
    doomed = [name for name in fields if json.loads(name)[0] == str(operation["namespace"])]
    if doomed:
        client().hdel(key, *doomed)


ACTIONS = {
    "register": _register,
    "set": _set,
    "delete": _delete,
    "delete_all": _delete_all,
    "delete_namespace": _delete_all,
}


def _read(key: str) -> dict[str, dict[str, Json]]:
    namespaces: dict[str, dict[str, Json]] = {}
    stored: Any = client().hgetall(key)
    for name, text in stored.items():
        entry = loads(text.decode())
        if entry["until"] is None or float(entry["until"]) > time.time():
            namespace, item = json.loads(name)
            namespaces.setdefault(namespace, {})[item] = entry["value"]
    return namespaces


def _scopes(consumer: str) -> tuple[str, ...]:
    return ("global", "user") if consumer else ("global",)


def _field(namespace: str, key: Json) -> str:
    return json.dumps([namespace, str(key)])


def _key(organization: int, scope: str, consumer: str) -> str:
    whose = f":{hashlib.sha256(consumer.encode('utf-8', 'replace')).hexdigest()}" if scope == "user" else ""
    return f"{PREFIX}:context:{{{organization}}}:{scope}{whose}"


def _lifetimes(organization: int) -> str:
    return f"{PREFIX}:context:{{{organization}}}:lifetimes"
