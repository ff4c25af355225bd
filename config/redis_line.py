"""Redis connections of an event loop: one that many requests share, answered in order, and those of subscriptions.

For the hot path, where the library's own client costs as much as all else in a request. Knows nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import hiredis
from redis.connection import SSLConnection, UnixDomainSocketConnection, parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

CONNECT_SECONDS = 2.0
Argument = str | bytes | int | float


class Line:
    """Connects when it is first asked, and again when the connection was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._wire: Wire | None = None
        self._connecting = asyncio.Lock()

    async def ask(self, *command: Argument) -> Any:
        """Return the answer; raises redis.RedisError. Waits as long as its caller does: give it a limit of time.

        A command whose answer is not awaited any more closes the connection, since others would wait behind it.
        """
        wire = self._wire
        if wire is None or wire.lost:
            wire = await self._connected()
        try:
            return await wire.ask(command)
        except asyncio.CancelledError:
            wire.close()
            raise

    def close(self) -> None:
        if self._wire:
            self._wire.close()

    async def _connected(self) -> Wire:
        async with self._connecting:
            if self._wire is None or self._wire.lost:
                try:
                    async with asyncio.timeout(CONNECT_SECONDS):
                        self._wire = await _connect(self._url)
                except (OSError, TimeoutError) as error:
                    raise RedisConnectionError("Redis cannot be reached.") from error
            return self._wire


async def subscription(url: str, heard: Callable[[Any], None]) -> Wire:
    """Return a connection whose messages go to `heard`, each as the list that Redis sends; raises RedisError."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            wire = await _connect(url)
    except (OSError, TimeoutError) as error:
        raise RedisConnectionError("Redis cannot be reached.") from error
    wire.heard = heard
    return wire


class Wire(asyncio.Protocol):
    """A connection: who asks first is answered first; what nobody waits for goes to `heard`."""

    def __init__(self) -> None:
        self.lost = False
        self.ended = asyncio.Event()
        self.heard: Callable[[Any], None] = _nobody
        self._reader = hiredis.Reader(replyError=ResponseError)
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (answer := self._reader.gets()) is not False:
            if not self._waiting:
                self.heard(answer)
            elif (future := self._waiting.popleft()).done():
                continue
            elif isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self.ended.set()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(RedisConnectionError("The connection to Redis was lost."))

    def ask(self, command: tuple[Argument, ...]) -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type]
        return future

    def tell(self, *command: Argument) -> None:
        """Send a command whose answer goes to `heard`."""
        if not self.lost:
            self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type]

    def close(self) -> None:
        self.lost = True
        self._transport.abort()


def _nobody(answer: Any) -> None:
    raise RedisConnectionError("Redis sent what nobody asked for.")


async def _connect(url: str) -> Wire:
    options = parse_url(url)  # type: ignore[no-untyped-call]
    loop, kind = asyncio.get_running_loop(), options.get("connection_class")
    if kind is UnixDomainSocketConnection:
        _, wire = await loop.create_unix_connection(Wire, options["path"])
    else:
        host, port = options.get("host", "localhost"), options.get("port", 6379)
        encrypted = _context(options) if kind is SSLConnection else None
        _, wire = await loop.create_connection(Wire, host, port, ssl=encrypted)
    if options.get("password"):
        await wire.ask(("AUTH", options.get("username") or "default", options["password"]))
    if options.get("db"):
        await wire.ask(("SELECT", options["db"]))
    return wire


def _context(options: Mapping[str, Any]) -> ssl.SSLContext:
    """Return what the library would make of the address's options."""
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"), capath=options.get("ssl_ca_path"))
    if options.get("ssl_certfile"):
        context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"), options.get("ssl_password"))
    if options.get("ssl_check_hostname") is False or options.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
    if options.get("ssl_cert_reqs") == "none":
        context.verify_mode = ssl.CERT_NONE
    return context
