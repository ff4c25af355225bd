"""Refuses request bodies that are too large before anything of them is kept. Does not know what a body means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from bots.api import application as api
from bots.api.problems import Problem

TOO_LARGE = 413


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """An application before another. `larger` are the paths that may take more, and that explain a refusal themselves.

    Such a page gets the request's head without its body: it must look at the Content-Length first.
    """

    app: Any
    most: int
    larger: Mapping[str, int]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.larger.get(scope["path"], self.most)
        if _announced(scope) <= most:
            await self._counted(scope, receive, send, most=most)
        elif scope["path"] in self.larger:
            await self.app(scope, _without_body(receive), send)
        else:
            await _refusal(scope, most)(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, *, most: int) -> None:
        """Hand the body on while it is small enough: one in chunks does not say beforehand how large it is."""
        seen, answered = 0, False

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return {"type": "http.disconnect"} if seen > most else message

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self.app(scope, counting, sending)
        if seen > most and not answered:
            await _refusal(scope, most)(scope, receive, send)


def _announced(scope: Scope) -> int:
    given = Headers(scope=scope).get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() else 0


def _without_body(receive: Receive) -> Receive:
    """First an empty body, then the end of the connection; what really comes is thrown away."""
    given = False

    async def reading() -> Message:
        nonlocal given
        if not given:
            given = True
            return {"type": "http.request", "body": b"", "more_body": False}
        while (message := await receive())["type"] != "http.disconnect":
            pass
        return message

    return reading


def _refusal(scope: Scope, most: int) -> Response:
    size = f"{most // 1024 // 1024} MB"
    if scope["path"].startswith("/api/"):
        return api.answer(Problem(TOO_LARGE, f"The body is larger than {size}.", mend="Send less."))
    sentence = (
        f"That is too much to send at once: at most {size} are taken here. "
        "Nothing was saved. Go back, make it shorter and send it again.\n"
    )
    return PlainTextResponse(sentence, TOO_LARGE, {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
