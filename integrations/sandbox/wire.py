"""How the worker and its sandbox child talk: length-prefixed frames over a socket pair.

Used on both sides, so it imports nothing but the standard library and trusts no length.
"""

from __future__ import annotations

import contextlib
import math
import socket
import struct
import time
from collections.abc import Iterator

_LENGTH = struct.Struct("!I")

MAX_REQUEST = 16 * 1024 * 1024
MAX_ANSWER = 8 * 1024 * 1024
_CHUNK = 64 * 1024

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


def receive_only(source: socket.socket, *, most: int) -> bytes:
    """Read one frame in one go where the other side sends no second one before it has an answer."""
    came = source.recv(_CHUNK)
    if not came:
        raise Closed
    if len(came) < _LENGTH.size:
        came += read_exactly(source, _LENGTH.size - len(came))
    (length,) = _LENGTH.unpack(came[: _LENGTH.size])
    if length > most:
        raise FrameTooLarge(f"{length} bytes announced, {most} allowed")
    missing = _LENGTH.size + length - len(came)
    return came[_LENGTH.size :] + (read_exactly(source, missing) if missing > 0 else b"")


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


class Frames:
    """The frames of a socket that does not block, so that a call takes one system call where a limit of time takes
    two, and gives the interpreter away as often. What came is read in one go; whoever waits polls before."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self.held = b""  # what came of the next frame

    def send(self, payload: bytes, *, seconds: float) -> None:
        """Write one frame; raises OSError when the other side is gone, or takes nothing for so long."""
        frame = _LENGTH.pack(len(payload)) + payload
        try:
            sent = self._source.send(frame)
        except BlockingIOError:
            sent = 0
        if sent < len(frame):
            with self._waiting(seconds):
                self._source.sendall(memoryview(frame)[sent:])

    def receive(self, *, most: int, seconds: float) -> bytes:
        """Read the frame that has begun; raises Closed, FrameTooLarge, TimeoutError when it does not end in time."""
        if not self.held:
            self.held = self._source.recv(_CHUNK)
            if not self.held:
                raise Closed
        until = time.monotonic() + seconds
        self._fill(_LENGTH.size, until)
        (length,) = _LENGTH.unpack(self.held[: _LENGTH.size])
        if length > most:
            raise FrameTooLarge(f"{length} bytes announced, {most} allowed")
        end = _LENGTH.size + length
        self._fill(end, until)
        frame, self.held = self.held[_LENGTH.size : end], self.held[end:]
        return frame

    def _fill(self, count: int, until: float) -> None:
        if len(self.held) < count:
            with self._waiting(max(until - time.monotonic(), 0.001)):
                self.held += read_exactly(self._source, count - len(self.held), until=until)

    @contextlib.contextmanager
    def _waiting(self, seconds: float) -> Iterator[None]:
        self._source.settimeout(seconds)
        try:
            yield
        finally:
            self._source.setblocking(False)
