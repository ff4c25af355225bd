"""How the worker and its sandbox child talk: length-prefixed frames over a socket pair.

Used on both sides, so it imports nothing but the standard library and trusts no length.
"""

from __future__ import annotations

import math
import socket
import struct
import time

_LENGTH = struct.Struct("!I")

MAX_REQUEST = 16 * 1024 * 1024
MAX_ANSWER = 8 * 1024 * 1024

# The first byte of a child's frame.
READY = b"R"  # an isolate had to be made; the script starts now
ANSWER = b"A"
LAST_ANSWER = b"L"  # the child wants to be replaced
OUT_OF_MEMORY = b"M"


class FrameTooLarge(Exception):
    """The other side announces more than is allowed."""


class Closed(Exception):
    """The other side is gone."""


def send(to: socket.socket, payload: bytes) -> None:
    """Write one frame; raises OSError when the other side is gone."""
    to.sendall(_LENGTH.pack(len(payload)) + payload)


def receive(source: socket.socket, *, most: int, until: float = math.inf) -> bytes:
    """Read one frame; raises Closed, FrameTooLarge, and TimeoutError when the socket has a timeout.

    until: time.monotonic() seconds after which no further part of it is waited for, lest it drip in for ever.
    """
    (length,) = _LENGTH.unpack(read_exactly(source, _LENGTH.size, until=until))
    if length > most:
        raise FrameTooLarge(f"{length} bytes announced, {most} allowed")
    return read_exactly(source, length, until=until)


def read_exactly(source: socket.socket, count: int, *, until: float = math.inf) -> bytes:
    """Read that many bytes."""
    parts: list[bytes] = []
    while count:
        if parts and time.monotonic() > until:
            raise TimeoutError("the frame does not end")
        part = source.recv(min(count, 1 << 20))
        if not part:
            raise Closed
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
