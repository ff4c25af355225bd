"""Event streams over HTTP (`text/event-stream`): an ASGI response for any stream, and the streams behind tickets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bots.api.hub import Hub
from bots.api.listeners import BEAT, Listener
from bots.api.problems import Problem
from integrations.services import streams
from integrations.services.streams import Entry

RETRY_MILLISECONDS = 1_000
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
OPEN = "parley.event_stream"  # of a scope


def is_end(entry: Entry) -> bool:
    """Tell whether this is the event after which nothing comes: the `end` of a test run."""
    return entry.event == "end"


def stream_response(hub: Hub, key: str, last_event_id: str, *, ends: Callable[[Entry], bool] = is_end) -> EventStream:
    """Answer with the events of a stream after that id, then live, up to the one that `ends` it."""
    return EventStream(hub, key, last_event_id, ends)


@dataclass(frozen=True, slots=True)
class EventStream:
    """A response that lasts as long as its client. Beats while nothing happens, so that dead clients show."""

    hub: Hub
    key: str
    after: str
    ends: Callable[[Entry], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin once all that led here has returned: see Unwound."""
        scope[OPEN] = self

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.hub.subscribed(self.key)  # who sees the head may post: signs that are not kept come, too
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if scope["method"] == "HEAD":  # nothing follows a head, so its connection must not stay
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        with self.hub.listen(self.key, beats=True) as listener:
            reader = asyncio.create_task(_gone(receive, listener))
            try:
                with contextlib.suppress(OSError):  # what a server may raise where nobody is there any more
                    await self._write(send, listener)
            finally:
                reader.cancel()

    async def _write(self, send: Send, listener: Listener) -> None:
        await _send(send, f"retry: {RETRY_MILLISECONDS}\n\n")
        async with contextlib.aclosing(self.hub.follow(listener, after=self.after)) as entries:
            async for entry in entries:
                await _send(send, ": still here\n\n" if entry is BEAT else frame(entry))
                if self.ends(entry):
                    break
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass(frozen=True, slots=True)
class Unwound:
    """An application before another, whose event streams run after its routes, middleware and requests have returned.

    An open stream would hold all of them, a third of its memory, and send each event through them.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        stream: EventStream | None = scope.pop(OPEN, None)
        if stream:
            await stream.run(scope, receive, send)


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


async def ticket_events(request: Request) -> EventStream:
    """GET /api/v1/streams/{ticket}: the stream that a page of ours was given a ticket for."""
    try:
        holder = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
        key = streams.redeem(request.path_params["ticket"], holder=holder)
    except streams.BadTicket as error:
        raise Problem(403, str(error)) from error
    return stream_response(request.app.state.hub, key, last_event_id(request))


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.leave()
