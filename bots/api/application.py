"""The conversation API as an ASGI application, with Django behind it for everything else."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from bots.api import conversations, events, operations, problems
from bots.api.hub import Hub
from bots.api.problems import Problem
from bots.runtime.inbox import TooManyMessages
from bots.runtime.keys import UnknownConversation
from config import redis
from config.redis_line import Line

ONE = "/api/v1/conversations/{conversation}"
IMPOSSIBLE = "impossible"  # what would else be given to Django, which knows nothing of these addresses
OTHERS = ["PUT", "PATCH", "DELETE", "OPTIONS"]


def _impossible(*methods: str) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(request: Request) -> Response:
        raise Problem(405, f"{request.method} is not possible here.", headers={"Allow": ", ".join(methods)})

    return refuse


def build(*, static: ASGIApp, pages: Any) -> Starlette:
    """Return the application; `static` serves /static, `pages` whatever else there is."""
    routes: list[BaseRoute] = [
        Route(f"{ONE}/messages", conversations.post, methods=["POST"]),
        Route(f"{ONE}/messages", conversations.messages, methods=["GET"]),
        Route(f"{ONE}/messages", _impossible("GET", "POST"), methods=OTHERS, name=IMPOSSIBLE),
        Route(f"{ONE}/events", conversations.follow, methods=["GET"]),
        Route(f"{ONE}/events", _impossible("GET"), methods=["POST", *OTHERS], name=IMPOSSIBLE),
        Route("/api/v1/streams/{ticket}", events.ticket_events, methods=["GET"]),
        Route("/healthz", operations.healthz),
        Route("/readyz", operations.readyz),
        Route("/metrics", operations.metrics),
        Mount("/static", static),
        Mount("/", pages),
    ]
    return Starlette(routes=routes, lifespan=_lifespan, exception_handlers=HANDLERS)


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.redis = redis.async_client()
    app.state.line = Line(settings.REDIS_URL)
    app.state.hub = Hub(redis.async_client(), settings.REDIS_URL)
    await app.state.hub.start()
    yield
    await app.state.hub.stop()
    app.state.line.close()
    await app.state.redis.aclose()


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for it
    return answer(error)


async def _unknown(request: Request, error: Exception) -> Response:
    return answer(problems.unknown_conversation())


async def _too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyMessages)  # noqa: S101 - registered for it
    return answer(problems.too_many(str(error), retry_after=error.retry_after))


async def _store_failed(request: Request, error: Exception) -> Response:
    return answer(problems.store_failed(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return answer(Problem(error.status_code, error.detail, headers=error.headers or {}))


async def _defect(request: Request, error: Exception) -> Response:
    return answer(problems.defect())


def answer(problem: Problem) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **problem.headers}
    return Response(problem.body(), problem.status, headers, problems.MEDIA_TYPE)


HANDLERS: Mapping[Any, Any] = {
    Problem: _problem,
    UnknownConversation: _unknown,
    TooManyMessages: _too_many,
    RedisError: _store_failed,
    HTTPException: _http,
    Exception: _defect,
}
