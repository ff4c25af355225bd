"""Event streams over HTTP (`text/event-stream`): an ASGI response for any stream, and the streams behind tickets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from django.conf import settings
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bots.api.hub import BEAT, Hub
from bots.api.problems import Problem
from integrations.services import streams
from integrations.services.streams import Entry

HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 1_000
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


def is_end(entry: Entry) -> bool:
    """Tell whether this is the event after which nothing comes: the `end` of a test run."""
    return entry.event == "end"


def stream_response(hub: Hub, key: str, last_event_id: str, *, ends: Callable[[Entry], bool] = is_end) -> EventStream:
    """Answer with the events of a stream after that id, then live, up to the one that `ends` it."""
    return EventStream(hub, key, last_event_id, ends)


class EventStream(Response):
    """A response that lasts as long as its client. Beats while nothing happens, so that dead clients show."""

    def __init__(self, hub: Hub, key: str, after: str, ends: Callable[[Entry], bool]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._hub, self._key, self._after, self._ends = hub, key, after, ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._hub.subscribed(self._key)  # who sees the head may post: signs that are not kept come, too
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":  # nothing follows a head, so its connection must not stay
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        writer = asyncio.create_task(self._write(send))
        reader = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writer, reader):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await task

    async def _write(self, send: Send) -> None:
        await _send(send, f"retry: {RETRY_MILLISECONDS}\n\n")
        source = self._hub.follow(self._key, after=self._after, beat=HEARTBEAT_SECONDS)
        async with contextlib.aclosing(source) as entries:
            async for entry in entries:
                await _send(send, ": still here\n\n" if entry is BEAT else frame(entry))
                if self._ends(entry):
                    break
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def frame(entry: Entry) -> str:
    """Write one event in the form of the event stream standard."""
    identifier = f"id: {entry.id}\n" if entry.id else ""
    return f"{identifier}event: {entry.event}\ndata: {entry.body}\n\n"


def last_event_id(request: Request) -> str:
    """Return where a reader wants to go on: the standard's header, or `after` for a first connection."""
    given = request.headers.get("last-event-id") or request.query_params.get("after", "")
    if given and streams.position(given) < (0, 0):
        raise Problem(400, f"{given[:60]!r} is no event id.", place="Last-Event-ID", mend="Send an id as received.")
    return given


async def ticket_events(request: Request) -> Response:
    """GET /api/v1/streams/{ticket}: the stream that a page of ours was given a ticket for."""
    try:
        holder = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
        key = streams.redeem(request.path_params["ticket"], holder=holder)
    except streams.BadTicket as error:
        raise Problem(403, str(error)) from error
    return stream_response(request.app.state.hub, key, last_event_id(request))


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
