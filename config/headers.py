"""What every answer tells browsers to refuse, also where Django does not answer. An answer's own word comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), "
        "payment=(), usb=()"
    ),
}


@dataclass(frozen=True, slots=True)
class SafeHeaders:
    """An application before another; https_seconds: how long browsers shall insist on TLS, 0 for not at all."""

    app: Any
    https_seconds: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, sending)

    def _add(self, headers: MutableHeaders) -> None:
        for name, value in EVERYWHERE.items():
            headers.setdefault(name, value)
        if self.https_seconds:
            headers.setdefault("Strict-Transport-Security", f"max-age={self.https_seconds}")
