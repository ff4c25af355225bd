"""The context service's global and user scopes: what outlives a conversation, by organization, in Redis.

Loaded only for bots whose scripts mention it. A turn's writes are committed with it into the outbox of its shard and
carried out from there, in order and at least once: writing the same again does no harm.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bots.engine import contextstore
from bots.runtime import keys
from config.redis import PREFIX, client
from integrations.engine.json_values import Json, dumps, loads

log = logging.getLogger(__name__)

KEPT_SECONDS = 90 * 24 * 3600  # after the latest write
LOCK_SECONDS = 3.0
LOCK_PAUSE_SECONDS = 0.01
Operation = Mapping[str, Json]


def load(organization: int, *, consumer: str) -> dict[str, dict[str, dict[str, Json]]]:
    """Return {"global": {namespace: {key: value}}, "user": …}; no user scope without a consumer's id."""
    return {name: _read(_key(organization, name, consumer)) for name in _scopes(consumer)}


def write(organization: int, operations: Sequence[Operation], *, consumer: str) -> list[str]:
    """Return the writes of a turn as an entry of the outbox, or nothing."""
    if not operations:
        return []
    entry = {"id": secrets.token_hex(8), "organization": str(organization), "consumer": consumer}
    return [dumps({**entry, "operations": [dict(operation) for operation in operations]})]


def settle(shard: int) -> None:
    """Carry out what turns of this shard have committed; one process at a time, so that the order is kept."""
    outbox = keys.outbox(shard)
    lock, give_up = f"{outbox}:lock", time.monotonic() + LOCK_SECONDS
    while client().llen(outbox) and time.monotonic() < give_up:
        if not client().set(lock, "1", nx=True, px=int(LOCK_SECONDS * 1000)):
            time.sleep(LOCK_PAUSE_SECONDS)
            continue
        try:
            _settle(outbox)
        finally:
            client().delete(lock)


def _settle(outbox: str) -> None:
    while (stored := client().lindex(outbox, 0)) is not None:
        try:
            entry = loads(stored.decode())  # type: ignore[union-attr]
            apply(int(entry["organization"]), entry["operations"], consumer=entry["consumer"])
        except (ValueError, KeyError, TypeError):
            log.exception("a write to the context service was dropped: it is damaged, or of another version")
        client().lrem(outbox, 1, stored)  # type: ignore[arg-type]


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
    if not client().hexists(key, name) and int(client().hlen(key)) >= contextstore.MOST_ENTRIES:
        return  # a turn refuses and logs it; this is for two that run at once
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
