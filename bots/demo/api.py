"""The demo API: something to call while learning, demonstrating and testing. Described in docs/demo-api.md.

A small ASGI application of its own; it knows nothing of bots, Django or Redis.
"""

from __future__ import annotations

import asyncio
import base64
from collections import OrderedDict
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bots.demo import data, guide

USER, PASSWORD, TOKEN = "demo", "demo-password", "demo-token"
LONGEST_WAIT = 60.0
REMEMBERED_KEYS = 1000
ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]

_encoder = msgspec.json.Encoder(decimal_format="number")  # amounts keep their spelling: 1250.40
_failures: OrderedDict[str, int] = OrderedDict()


async def balance(request: Request) -> Response:
    """Answer one account's balance, if number and e-mail address belong together."""
    number, email = request.query_params.get("accountNumber", ""), request.query_params.get("email", "")
    if not number or not email:
        return _problem(400, "Give accountNumber and email.")
    account = data.account(number, email=email)
    if account is None:
        return _problem(404, "No account has this number and e-mail address.")
    return _json(account.as_json())


async def secure_balance(request: Request) -> Response:
    """The same, for callers with the demo's Basic or Bearer credentials only."""
    if request.headers.get("authorization", "") not in _accepted():
        challenge = {"WWW-Authenticate": 'Basic realm="demo", Bearer realm="demo"'}
        return _problem(401, "Send the demo's user name and password, or its token.", headers=challenge)
    return await balance(request)


async def orders(request: Request) -> Response:
    return _json(data.orders(email=request.query_params.get("email", "")))


async def order(request: Request) -> Response:
    found = data.order(request.path_params["order_id"])
    return _json(found) if found else _problem(404, "There is no such order.")


async def stores(request: Request) -> Response:
    """Answer a list, not an object: bots wrap it with a transform script."""
    return _json(data.stores(city=request.query_params.get("city", "")))


async def faq(request: Request) -> Response:
    query = request.query_params.get("query", "")
    return _json({"query": query, "results": data.answers(query)})


async def echo(request: Request) -> Response:
    """Answer what arrived."""
    text = (await request.body()).decode("utf-8", "replace")
    arrived = {
        "method": request.method,
        "path": request.url.path,
        "query": [list(pair) for pair in request.query_params.multi_items()],
        "headers": dict(request.headers),
        "body": text,
        "json": _parsed(text),
    }
    return _json(arrived)


async def slow(request: Request) -> Response:
    seconds = min(_number(request, "seconds", 2.0), LONGEST_WAIT)
    await asyncio.sleep(seconds)
    return _json({"waited": seconds})


async def flaky(request: Request) -> Response:
    """Fail the first times that a key is seen, then work."""
    key, failures = request.query_params.get("key", ""), int(min(_number(request, "failures", 2), 1000))
    seen = _failures[key] = _failures.pop(key, 0) + 1
    if len(_failures) > REMEMBERED_KEYS:
        _failures.popitem(last=False)
    if seen <= failures:
        return _problem(503, f"Failure {seen} of {failures}.")
    return _json({"key": key, "attempt": seen})


async def fail(request: Request) -> Response:
    status = request.path_params["status"]
    return _problem(status if 400 <= status <= 599 else 400, "This address always fails.")


async def index(request: Request) -> Response:
    return HTMLResponse(guide.page(str(request.base_url).rstrip("/")))


def _accepted() -> tuple[str, ...]:
    return (f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}", f"Bearer {TOKEN}")


def _number(request: Request, name: str, default: float) -> float:
    try:
        return max(0.0, float(request.query_params.get(name, default)))
    except ValueError:
        return default


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _json(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(_encoder.encode(value), status, headers, media_type="application/json")


def _problem(status: int, message: str, *, headers: dict[str, str] | None = None) -> Response:
    return _json({"error": message}, status=status, headers=headers)


app = Starlette(
    routes=[
        Route("/", index),
        Route("/balance", balance),
        Route("/secure/balance", secure_balance),
        Route("/orders", orders),
        Route("/orders/{order_id}", order),
        Route("/stores", stores),
        Route("/faq", faq),
        Route("/echo", echo, methods=ANY_METHOD),
        Route("/slow", slow),
        Route("/flaky", flaky, methods=ANY_METHOD),
        Route("/fail/{status:int}", fail, methods=ANY_METHOD),
    ]
)
