"""The worker's end of the sandbox: starts the zygote, has it fork children, asks and ends them.

Knows frames and processes; knows nothing of scripts or of who gets which child.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from integrations.sandbox import wire

_ROOT = str(Path(__file__).resolve().parents[2])
_BOOT = """import sys
sys.path.insert(0, sys.argv[1])
from integrations.sandbox import zygote
zygote.main(int(sys.argv[2]))
"""
_START_SECONDS = 30.0
_SEND_SECONDS = 5.0
_MEMORY_KB = 96 * 1024  # a child that dies above this peak died of memory; a fresh one stands near 50 MB
_KEPT_FROM_ENVIRONMENT = ("LD_LIBRARY_PATH",)  # where the interpreter's own library is, on some systems

_V8_GIVES_UP = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL)  # how V8 ends when an allocation fails
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # no script can send itself these

Ending = Literal["timeout", "memory", "crash", "killed"]


class Unavailable(Exception):
    """The zygote cannot be started or does not answer."""


@dataclass(frozen=True, slots=True)
class Ended(Exception):
    """The child ended, or was ended, before it answered."""

    how: Ending


class Gone(Exception):
    """The child had ended before it got the request."""


class Zygote:
    """The forking process of this worker; started again when it is gone. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._owner = os.getpid()
        self.process: subprocess.Popen[bytes] | None = None

    def fork(self) -> Child:
        """Return a new child, which may still be warming up; raises Unavailable."""
        with self._lock:
            for attempt in (1, 2):
                try:
                    answer, descriptor = self._ask_for_child()
                    return Child(answer["pid"], socket.socket(fileno=descriptor), self)
                except (OSError, IndexError, ValueError) as error:
                    self._stop()
                    if attempt == 2:
                        raise Unavailable("The sandbox's parent process does not start.") from error
        raise AssertionError("unreachable")

    def end(self, pid: int) -> tuple[int, int]:
        """Kill a child and reap it; returns (exit status, peak kilobytes), zeros when the zygote is gone, too."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._control is not None:
                self._control.send(json.dumps({"do": "end", "pid": pid}).encode())
                answer = json.loads(self._control.recv(4096))
                return answer["status"], answer["peak_kb"]
        return 0, 0

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _ask_for_child(self) -> tuple[dict[str, int], int]:
        if self._control is None:
            self._start()
        assert self._control is not None  # noqa: S101 - for the type checker
        self._control.send(b'{"do":"fork"}')
        message, descriptors, _, _ = socket.recv_fds(self._control, 4096, 1)
        return json.loads(message), descriptors[0]

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_START_SECONDS)
        started = threading.Event()
        # The kernel ends the zygote when the *thread* that started it ends, so it gets a thread that waits for it.
        threading.Thread(target=self._keep, args=(theirs, started), name="sandbox-zygote", daemon=True).start()
        started.wait(_START_SECONDS)
        theirs.close()
        self._control = ours
        if not ours.recv(4096):
            raise OSError("the zygote ended while it started")

    def _keep(self, theirs: socket.socket, started: threading.Event) -> None:
        command = [sys.executable, "-I", "-c", _BOOT, _ROOT, str(theirs.fileno())]
        environment = {name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ}
        try:
            self.process = process = subprocess.Popen(  # noqa: S603 - our own interpreter and text
                command,
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # a Ctrl-C is the worker's: it may want to finish its scripts
            )
        finally:
            started.set()
        process.wait()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()  # it ends at the end of its input, and its children with it
            self._control = None
        if self.process is not None and self._owner == os.getpid():  # a forked worker must not end its parent's
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1.0)
            self.process.kill()
            self.process = None


class Child:
    """One sandbox child. Belongs to one thread at a time. used: it has answered before."""

    def __init__(self, pid: int, connection: socket.socket, zygote: Zygote) -> None:
        self.pid = pid
        self.used = False
        self.retiring = False
        self.ended = False
        self._connection = connection
        self._frames = wire.Frames(connection)
        self._readable = select.poll()
        self._readable.register(connection, select.POLLIN)
        self._zygote = zygote
        self._warm = False

    def ask(self, key: str, body: bytes, *, seconds: float) -> bytes:
        """Return the answer; raises Ended, or Gone when nothing was asked yet. Of no use after that or `retiring`."""
        try:
            self._await_warmth()
            self._frames.send(key.encode() + b"\n" + body, seconds=max(seconds, _SEND_SECONDS))
        except (OSError, wire.Closed, wire.FrameTooLarge) as early:
            raise Gone from early
        try:
            answer = self._answer(seconds)
        except TimeoutError as late:
            self.end()
            raise Ended("timeout") from late
        except (OSError, wire.Closed, wire.FrameTooLarge) as gone:
            raise Ended(self._cause()) from gone
        self.used = True
        return answer

    def end(self) -> tuple[int, int]:
        """Kill it, whatever it does."""
        self.retiring = self.ended = True
        self._connection.close()
        return self._zygote.end(self.pid)

    def _await_warmth(self) -> None:
        if not self._warm:
            self._connection.settimeout(_START_SECONDS)
            wire.receive(self._connection, most=1)
            self._connection.setblocking(False)
            self._warm = True

    def _answer(self, seconds: float) -> bytes:
        clock, ready = _Clock(self.pid, seconds), False
        while True:
            self._await_frame(clock)
            # A frame that has begun comes at once, or never.
            frame = self._frames.receive(most=wire.MAX_ANSWER, seconds=_SEND_SECONDS)
            kind, answer = frame[:1], frame[1:]
            if kind == wire.READY and not ready:  # the time for making an isolate is not the script's
                clock, ready = _Clock(self.pid, seconds), True
                continue
            self.retiring = kind != wire.ANSWER or bool(self._frames.held)  # nothing may come unasked
            if kind == wire.OUT_OF_MEMORY:
                self.end()
                raise Ended("memory")
            return answer

    def _await_frame(self, clock: _Clock) -> None:
        if self._frames.held:
            return
        while (left := clock.left()) > 0:
            if self._readable.poll(left * 1000):
                return
        raise TimeoutError

    def _cause(self) -> Ending:
        status, peak_kb = self.end()
        if status == -signal.SIGXCPU:
            return "timeout"
        if -status in _V8_GIVES_UP or peak_kb > _MEMORY_KB:
            return "memory"
        return "killed" if -status in _FROM_OUTSIDE or not peak_kb else "crash"  # no peak: the zygote is gone as well


class _Clock:
    """How much longer a script may run. On a busy machine what counts is the time that its child got to work in,
    within twice the limit and a second. Most scripts answer before it is worth asking the kernel for that."""

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid = pid
        self._seconds = seconds
        self._began = time.monotonic()
        self._worked: float | None = None

    def left(self) -> float:
        passed = time.monotonic() - self._began
        if passed < _QUICK:
            return min(self._seconds, _QUICK - passed)
        if self._worked is None:
            self._worked = _cpu_seconds(self._pid)
        if passed < self._seconds:
            return self._seconds - passed
        worked = _cpu_seconds(self._pid) - self._worked
        if worked > 0.8 * self._seconds or passed > 2 * self._seconds + 1.0:
            return 0.0
        return max(self._seconds - worked, _TICK)


_QUICK = 0.02  # seconds
_TICK = 1 / os.sysconf("SC_CLK_TCK")


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return math.inf  # it has ended: infinity minus anything makes the clock run out
    return (int(fields[11]) + int(fields[12])) * _TICK
