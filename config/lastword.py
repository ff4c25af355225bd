"""The last part of an answer is sent outside of the context in which the answer was made.

The server then sets the timer of the kept connection, and a timer holds the context it is set in: all that Django keeps
for a request, 6 kB for as long as the connection is idle.
"""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class LastWord:
    app: Any

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] != "http.response.body" or message.get("more_body"):
                await send(message)
            else:
                await asyncio.get_running_loop().create_task(_say(send, message), context=contextvars.Context())

        await self.app(scope, receive, sending)


async def _say(send: Send, message: Message) -> None:
    await send(message)
