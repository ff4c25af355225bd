"""Steps that the tests of sessions take: begin, claim, commit, and lose a lease."""

from __future__ import annotations

import redis

from bots.runtime import keys, leases, sessions
from bots.runtime.leases import Change, Claim
from bots.runtime.sessions import Begun, Opening

SHARD = 0


def begin(**values: object) -> Begun:
    opening = Opening(
        bot=1, bot_key="b", organization=1, spec_ref="v:1", session_seconds=600, error_text="Oops", **values
    )
    return sessions.begin(opening, variables={"city": "Ulm"})


def claim(owner: str = "runner") -> Claim:
    found = leases.next_claim(SHARD, owner=owner, park=False)
    assert isinstance(found, Claim)
    return found


def change(**values: object) -> Change:
    values.setdefault("events", [("message", '{"text":"Hello"}'), ("turn", '{"turn":1}')])
    return Change(**values)


def lose_time(store: redis.Redis, conversation: str) -> None:
    """Let the lease, or the wait in the queue, be over."""
    store.zadd(f"{keys.base(SHARD)}active", {conversation: 1})
