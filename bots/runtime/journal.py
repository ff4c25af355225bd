"""What the calls of a turn gave, kept in Redis until the turn is committed (integrations.services.wiring.Journal)."""

from __future__ import annotations

from typing import Any

from bots.runtime import keys, leases, outage
from bots.runtime.leases import Claim
from bots.runtime.voice import LostLease
from config import redis


class Journal:
    """Of one attempt at one turn. A first attempt has nothing to look up."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim

    def get(self, step: str) -> bytes | None:
        if self._claim.attempts == 1:
            return None
        stored: Any = redis.client().hget(keys.part(self._claim.conversation, "journal"), step)
        return stored if isinstance(stored, bytes) else None

    def put(self, step: str, record: bytes) -> None:
        """Keep it, also across an outage of Redis, or the call would be made again.

        Raises LostLease: another runner makes this turn by now, and this one must not go on to the next call."""
        if not outage.outlast(lambda: leases.note(self._claim, step, record)):
            raise LostLease
