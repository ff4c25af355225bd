"""When a call that went wrong is made again, and after how long a wait.

Pure: knows statuses and headers, no clock and no network.
"""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

from integrations.engine import call

STATUSES = frozenset({429, 502, 503, 504})
UNSAFE_STATUSES = frozenset({429, 503})  # a method that is not idempotent: only with a Retry-After
NOT_IDEMPOTENT = frozenset({"POST", "PATCH"})
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 8.0


def after_status(method: str, *, status: int, headers: call.Headers) -> bool:
    """Tell whether an answer is a reason to call again."""
    if method in NOT_IDEMPOTENT:
        return status in UNSAFE_STATUSES and bool(call.header(headers, name="Retry-After"))
    return status in STATUSES


def after_network_error(method: str, *, connected: bool) -> bool:
    """Tell whether to call again after a lost connection; `connected`: the request may have reached the server."""
    return not (connected and method in NOT_IDEMPOTENT)


def pause(attempt: int, *, jitter: float) -> float:
    """Return the seconds to wait after the n-th attempt: doubling, spread by a jitter between 0 and 1."""
    return float(min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (0.5 + jitter / 2))


def asked_pause(headers: call.Headers, *, now: float) -> float | None:
    """Return the seconds that Retry-After asks for, as a number or a date; None when it does not. `now`: Unix time."""
    value = call.header(headers, name="Retry-After").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, now)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
