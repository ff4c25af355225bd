"""The API that the measured bots call: 1 KB of JSON after a wait that the path names (`/200/balance`: 200 ms).

A process of its own, as small as it can be, since its work counts against the cores that are measured.
Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys

TOKEN = "token-of-the-bench"

_ITEMS = [{"sku": f"A-{number:04}", "name": "A thing that was ordered", "price": number * 1.25} for number in range(13)]
BODY = json.dumps({"balance": 1234.5, "currency": "EUR", "holder": "Ada Lovelace", "items": _ITEMS}).encode()
_HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
ANSWER = _HEAD % (b"200 OK", len(BODY), BODY)
REFUSAL = _HEAD % (b"401 Unauthorized", 2, b"{}")
_EXPECTED = b"authorization: bearer " + TOKEN.encode()


class Api(asyncio.Protocol):
    """One connection; requests have no body, and nobody sends the next before the answer."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        answer = ANSWER if _EXPECTED in head.lower() else REFUSAL
        milliseconds = int(head.split(b"/", 2)[1])
        if milliseconds:
            asyncio.get_running_loop().call_later(milliseconds / 1000, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Api, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    over = loop.create_future()
    loop.add_reader(sys.stdin, lambda: over.done() or sys.stdin.buffer.read1(1024) or over.set_result(None))
    await over


if __name__ == "__main__":
    asyncio.run(main())
