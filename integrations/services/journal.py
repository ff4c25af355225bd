"""Calls that a turn has already made: a turn that is run again after a crash uses their answers, and sends nothing.

Only calls that may have had an effect are kept; reading again does no harm.
"""

from __future__ import annotations

import msgspec

from integrations.services.exchanges import Exchange
from integrations.services.wiring import CallContext

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Record(msgspec.Struct, frozen=True):
    exchange: Exchange
    unknown: tuple[str, ...] = ()


_RECORDS = msgspec.json.Decoder(Record)  # made at import: msgspec crashes where threads learn a type at once


def recall(context: CallContext) -> Record | None:
    """Return what this step's call gave when the turn was run before; a record of another version counts as none."""
    stored = context.journal.get(context.step) if context.journal and context.step else None
    if stored is None:
        return None
    try:
        return _RECORDS.decode(stored)
    except msgspec.DecodeError:
        return None


def keep(record: Record, *, method: str, context: CallContext) -> None:
    """Remember a call that may have reached its server, unless it only reads."""
    if context.journal and context.step and record.exchange.arrived and method not in READING:
        context.journal.put(context.step, msgspec.json.encode(record))
