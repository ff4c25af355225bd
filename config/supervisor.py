"""Keeps a few programs running: starts them, starts again what died, ends all of them together.

Knows processes and signals; knows nothing of what the programs are for.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STEADY_SECONDS = 5  # a program that ran so long starts again at once: somebody waits for what it did
LONGEST_DELAY = 15.0
SET_PARENT_DEATH_SIGNAL = 1  # of Linux' prctl


@dataclass(frozen=True)
class Program:
    """One process to keep. Lower stages end after higher ones; past the patience its whole group is killed.

    What it prints goes to the terminal, or to `log` if it keeps one. It inherits the socket
    `listener`."""

    name: str
    command: tuple[str, ...]
    log: Path | None = None
    listener: int | None = None
    stage: int = 1
    patience: float = 6
    orphan_signal: signal.Signals = signal.SIGKILL


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    start_again_at: float = 0


class Supervisor:
    def __init__(self, *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._environ = dict(environ)
        self._say = say
        self._running: list[_Running] = []

    def start(self, program: Program) -> None:
        self._running.append(_Running(program, self._spawn(program), time.monotonic()))

    def tend(self) -> None:
        """Start again what has ended, each time a little later; to be called a few times a second."""
        now = time.monotonic()
        for running in self._running:
            if running.start_again_at:
                if now >= running.start_again_at:
                    self._start_again(running)
            elif running.process.poll() is not None:
                self._note_death(running, now)

    def failures(self) -> int:
        """How often the least lucky program has ended in a row."""
        return max((running.failures for running in self._running), default=0)

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        """End everything, stage by stage, each program with its patience; at once when `hurry()` says so."""
        for stage in sorted({running.program.stage for running in self._running}, reverse=True):
            self._stop_stage([running for running in self._running if running.program.stage == stage], hurry)
        self._running.clear()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        """A session of its own keeps the terminal's Ctrl-C away: only `stop` ends a program."""
        return subprocess.Popen(  # noqa: S603
            program.command,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=() if program.listener is None else (program.listener,),
            preexec_fn=_dies_with(os.getpid(), program.orphan_signal),
        )

    def _note_death(self, running: _Running, now: float) -> None:
        _kill_group(running.process)
        steady = now - running.started_at >= STEADY_SECONDS
        running.failures = 0 if steady else running.failures + 1
        delay = 0.0 if steady else min(0.25 * 2**running.failures, LONGEST_DELAY)
        running.start_again_at = now + delay
        when = f"in {delay:g} s" if delay else "at once"
        self._say(f"{running.program.name} ended ({_how(running.process.returncode)}); starting it again {when}.")

    def _start_again(self, running: _Running) -> None:
        running.process = self._spawn(running.program)
        running.started_at = time.monotonic()
        running.start_again_at = 0

    def _stop_stage(self, stage: Sequence[_Running], hurry: Callable[[], bool]) -> None:
        for running in stage:
            with contextlib.suppress(ProcessLookupError):
                running.process.terminate()
        asked_at = time.monotonic()
        for running in stage:
            while running.process.poll() is None and not hurry() and _patient(running.program, asked_at):
                time.sleep(0.02)
            _kill_group(running.process)
            running.process.wait()


def _patient(program: Program, asked_at: float) -> bool:
    return time.monotonic() - asked_at < program.patience


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Whatever the program itself started goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _how(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _dies_with(parent: int, orphan_signal: signal.Signals) -> Callable[[], None]:
    """What a child runs first: on Linux it asks to be ended when its parent is, however that ends."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def ask() -> None:
        if prctl is not None:
            prctl(SET_PARENT_DEATH_SIGNAL, orphan_signal)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return ask
