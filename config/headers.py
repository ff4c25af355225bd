"""What every answer tells browsers to refuse, also where Django does not answer. An answer's own word comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send

EVERYWHERE: Mapping[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"permissions-policy": (
        b"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), "
        b"payment=(), usb=()"
    ),
}


@dataclass(frozen=True, slots=True)
class SafeHeaders:
    """An application before another; https_seconds: how long browsers shall insist on TLS, 0 for not at all."""

    app: Any
    https_seconds: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # there are none here, and Django takes the question for a defect
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._added(message.get("headers", []))}
            await send(message)

        await self.app(scope, receive, sending)

    def _added(self, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Compares names in lower case: Django writes them as people do."""
        headers = list(given)
        there = {bytes(name).lower() for name, _ in headers}
        wanted = {**EVERYWHERE, **self._https()}
        return headers + [(name, value) for name, value in wanted.items() if name not in there]

    def _https(self) -> dict[bytes, bytes]:
        return {b"strict-transport-security": b"max-age=%d" % self.https_seconds} if self.https_seconds else {}
