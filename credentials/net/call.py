"""What one hop carries down to the socket that serves it: its limits, its permission and its stop-watch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from credentials import wire
from credentials.net import resolving

SLICE_SECONDS = 0.2


@dataclass(slots=True)
class Call:
    """One request on its way. Times are time.monotonic() seconds; `sent` once a byte may have left this machine."""

    host: str
    policy: wire.Policy
    options: wire.SendOptions
    ask: resolving.Lookup
    started: float = field(default_factory=time.monotonic)
    doing: str = "connecting"
    address: str = ""
    dns_seconds: float | None = None
    connect_seconds: float | None = None
    tls_seconds: float | None = None
    sent_at: float | None = None
    first_byte_at: float | None = None

    @property
    def sent(self) -> bool:
        return self.sent_at is not None

    def remaining(self) -> float:
        """Return the seconds that are left; raises CallError when none are, or when the caller gave up."""
        if self.options.cancelled():
            raise wire.CallError("timeout", "The call was cancelled.")
        left = self.options.deadline - time.monotonic()
        if left <= 0:
            raise wire.CallError("timeout", f"{self.host} took too long: the time limit ended while {self.doing}.")
        return left

    def wait(self) -> float:
        """Return the seconds to wait for something before this is asked again: short where a call may be cancelled."""
        left = self.remaining()
        return left if self.options.cancelled is wire.never else min(left, SLICE_SECONDS)

    def hop(self, *, method: str, url: str, status: int = 0, redirected_to: str = "") -> wire.Hop:
        """Return the record of this request as it stands now."""
        waited = self.first_byte_at - self.sent_at if self.first_byte_at and self.sent_at else None
        return wire.Hop(
            method=method,
            url=url,
            status=status,
            address=self.address,
            dns_ms=_ms(self.dns_seconds),
            connect_ms=_ms(self.connect_seconds),
            tls_ms=_ms(self.tls_seconds),
            first_byte_ms=_ms(waited),
            total_ms=round((time.monotonic() - self.started) * 1000, 2),
            connected=self.sent,
            redirected_to=redirected_to,
        )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
