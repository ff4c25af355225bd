"""The hot path of a conversation over ASGI: post a message, list messages, follow events. Touches no SQL."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bots.api import bodies, events, problems
from bots.api.hub import Hub
from bots.api.listeners import Listener
from bots.api.problems import Problem
from bots.runtime import inbox, keys, sessions, wake
from bots.runtime.inbox import Message, Posted
from integrations.services import streams
from integrations.services.streams import Entry

LONGEST_WAIT = 30.0
READY_SECONDS = 2.0
STORE_SECONDS = 3.0
MOST_WAKING = 64

_wakers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="parley-wake")
_PREFER = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", re.IGNORECASE)


async def post(request: Request) -> Response:
    """POST /api/v1/conversations/{id}/messages"""
    conversation, digest = _asked(request)
    message = bodies.message(await bodies.read(request, limit=bodies.MESSAGE_BYTES))
    seconds = _wait(request)
    if not seconds:
        posted = await _post(request, conversation, message, digest)
        return _accepted(posted.turn)
    hub: Hub = request.app.state.hub
    with hub.listen(keys.stream(conversation)) as listener:
        await _ready(listener)
        posted = await _post(request, conversation, message, digest)
        try:
            async with asyncio.timeout(seconds):
                turn = await _turn(hub, conversation, posted, listener)
        except TimeoutError:
            return _accepted(posted.turn)
    return _json(200, turn, headers={"Preference-Applied": f"wait={seconds:g}"})


async def messages(request: Request) -> Response:
    """GET /api/v1/conversations/{id}/messages?after="""
    conversation, digest = _asked(request)
    after = events.last_event_id(request)
    pipeline = request.app.state.redis.pipeline(transaction=False)
    pipeline.hget(keys.part(conversation, "meta"), "token")
    pipeline.xrange(keys.stream(conversation), min=streams.since(after))
    token, rows = await pipeline.execute()
    if token is None or not secrets.compare_digest(token.decode(), digest):
        raise problems.unknown_conversation()
    entries = streams.entries(rows)
    body = {"messages": _messages(entries), "last": entries[-1].id if entries else after}
    return _json(200, body)


async def follow(request: Request) -> events.EventStream:
    """GET /api/v1/conversations/{id}/events"""
    conversation, digest = _asked(request)
    if not await sessions.allows(request.app.state.redis, conversation, token_digest=digest):
        raise problems.unknown_conversation()
    after = events.last_event_id(request)
    return events.stream_response(request.app.state.hub, keys.stream(conversation), after, ends=is_end)


def is_end(entry: Entry) -> bool:
    """Tell whether nothing more can come: the conversation was deleted."""
    return entry.event == "closed" and json.loads(entry.data).get("how") == "ended"


def _asked(request: Request) -> tuple[str, str]:
    token = bodies.bearer(request.headers)
    if not token:
        raise Problem(
            401,
            "The request carries no conversation token.",
            place="Authorization",
            mend="Send the token that the conversation began with: Authorization: Bearer …",
            headers={"WWW-Authenticate": "Bearer"},
        )
    conversation = request.path_params["conversation"]
    keys.shard_of(conversation)
    return conversation, sessions.digest(token)


async def _post(request: Request, conversation: str, message: Message, digest: str) -> Posted:
    try:
        async with asyncio.timeout(STORE_SECONDS):  # the client's own limits add up where it connects again
            posted = await inbox.post_async(request.app.state.line, conversation, message, token_digest=digest)
    except TimeoutError as error:
        raise problems.busy() from error
    if posted.wake and _wakers._work_queue.qsize() < MOST_WAKING:  # else the keeper of a worker sees to it
        _wakers.submit(wake.send, keys.shard_of(conversation))
    return posted


def _wait(request: Request) -> float:
    found = _PREFER.search(request.headers.get("prefer", ""))
    return min(float(found[1]), LONGEST_WAIT) if found else 0.0


async def _ready(listener: Listener) -> None:
    """Wait until the subscription stands; where Redis is slow, the turn is found by reading the stream."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await listener.get()
    except TimeoutError:
        return


async def _turn(hub: Hub, conversation: str, posted: Posted, listener: Listener) -> dict[str, Any]:
    """Return the turn as soon as it has ended, whether it ended before, now, or was dropped by a reset."""
    if posted.repeated:
        listener.put(None)
    found: dict[str, Entry] = {}
    while True:
        item = await listener.get()
        key, after = keys.stream(conversation), f"{posted.turn}-0"
        batch = await hub.read(key, after=after) if item is None else [item]
        for entry in batch:
            if entry.event == "reset" or is_end(entry):
                return {"turn": posted.turn, "outcome": "dropped", "messages": _messages(found.values())}
            if entry.position[0] != posted.turn:
                continue
            found[entry.id] = entry
            if entry.event == "turn":
                return {**json.loads(entry.data), "messages": _messages(found.values())}


def _messages(entries: Iterable[Entry]) -> list[Any]:
    ordered = sorted(entries, key=lambda entry: entry.position)
    return [json.loads(entry.body) for entry in ordered if entry.event == "message"]


def _accepted(turn: int) -> Response:
    return _json(202, {"turn": turn})


def _json(status: int, content: dict[str, Any], *, headers: dict[str, str] | None = None) -> Response:
    head = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(
        json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), status, head, "application/json"
    )
