"""Looks names up within a time limit: the system's resolver has none and cannot be interrupted."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable

from credentials import wire

# (host, port) -> the system's answers; raises OSError. Tests put another one in its place.
Lookup = Callable[[str, int], list[tuple[int, tuple[str, int]]]]

AT_ONCE = 64
SLICE_SECONDS = 0.2
_slots = threading.BoundedSemaphore(AT_ONCE)


def lookup(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    """Ask the system for the addresses of a host: (family, socket address) in the order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [(family, address) for family, _, _, _, address in found]  # type: ignore[misc]


def resolve(host: str, port: int, *, ask: Lookup, remaining: Callable[[], float]) -> list[tuple[int, tuple[str, int]]]:
    """Return the addresses of a host; `remaining` raises when the time is over or the call was cancelled."""
    answers: queue.SimpleQueue[list[tuple[int, tuple[str, int]]] | OSError] = queue.SimpleQueue()
    _take_slot(remaining)
    threading.Thread(target=_ask, args=(ask, host, port, answers), name="lookup", daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=min(SLICE_SECONDS, remaining()))
        except queue.Empty:
            continue
        if isinstance(answer, OSError) or not answer:
            raise _unknown(host, answer)
        return answer


def _take_slot(remaining: Callable[[], float]) -> None:
    while not _slots.acquire(timeout=min(SLICE_SECONDS, remaining())):
        pass


def _ask(
    ask: Lookup, host: str, port: int, answers: queue.SimpleQueue[list[tuple[int, tuple[str, int]]] | OSError]
) -> None:
    try:
        answers.put(ask(host, port))
    except OSError as error:
        answers.put(error)
    except UnicodeError:
        answers.put(socket.gaierror(socket.EAI_NONAME, "not a name"))
    finally:
        _slots.release()


def _unknown(host: str, answer: list[tuple[int, tuple[str, int]]] | OSError) -> wire.CallError:
    if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
        return wire.CallError(
            "network", f"The name {host} could not be looked up just now. Try again; check this machine's name servers."
        )
    return wire.CallError("network", f"The name {host} does not exist. Check the host in the URL.")
