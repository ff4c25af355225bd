"""One sandbox child: runs one script at a time in a hardened isolate of that script's bot version.

Has no descriptor but its socket, no environment, no host functions in its isolates: text in, text out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, NoReturn

from py_mini_racer import JSEvalException, JSOOMException, JSParseException, MiniRacer, mini_racer

from integrations.sandbox import box, wire

HEAP_LIMIT = 64 * 1024 * 1024
MAX_ISOLATES = 6
MAX_CALLS = 4_000
MAX_CPU_SECONDS = 20.0  # far below RLIMIT_CPU, so that a good script never meets that
LONG_CALL_SECONDS = 0.1  # of work: a call that took less cannot have filled the heap
UNTIDY_HEAP = HEAP_LIMIT // 8  # of rubbish: what one script leaves is missing to the next, and to the other isolates
BRIEF_SECONDS = 0.005  # of work: a call that took less has not left much
LONG_QUESTION = 64 * 1024  # characters
QUEUED = "~"  # the script may have queued work, which has run when the next question is asked

_SCRIPTS = ("harden.js", "values.js", "job.js", "choices.js", "contextstore.js", "botcontext.js", "harness.js")
_PARSE_ERROR = re.compile(r"\A<anonymous>:(\d+): ([^\n]*)\n(?:[^\n]*\n( *)\^)?")


def read_sources() -> str:
    """Return our side of every isolate: a constant that no property reaches and that author code cannot name."""
    folder = Path(__file__).parent
    body = "\n".join((folder / name).read_text("utf-8") for name in _SCRIPTS)
    return "const $parley = (function () { 'use strict';\n" + body + "\nreturn door; })();\n//# sourceURL=parley"


def main(connection: socket.socket, sources: str) -> NoReturn:
    """Serve the worker until it closes its end. Never returns into the zygote's code."""
    try:
        box.die_with_parent()
        asyncio.run(_serve(connection, sources))
    except (wire.Closed, OSError):
        os._exit(0)
    finally:
        os._exit(1)


class Isolate:
    """One hardened V8 isolate with our side of it."""

    def __init__(self, sources: str) -> None:
        self._life = contextlib.ExitStack()
        self.racer: MiniRacer = self._life.enter_context(mini_racer(asyncio.get_running_loop()))
        self.racer.set_hard_memory_limit(HEAP_LIMIT)
        self.racer.eval(sources)
        self._door: Any = self.racer.eval("$parley")
        self.tidy()  # of what hardening left

    def ask(self, text: str) -> str:
        # As the name of a member: V8's thread answers that in one step, without calling back into Python, and nothing
        # has to be compiled. A script that runs out of memory here ends the process.
        answer = self._door[text] if len(text) < LONG_QUESTION else self._ask_at_length(text)
        if answer == QUEUED:
            answer = self._door["answer"]
        if not isinstance(answer, str):
            raise TypeError("our handler gives texts only")
        return answer

    def _ask_at_length(self, text: str) -> Any:
        self._door["question"] = text  # V8 would keep a second copy of a name
        return self._door["question"]

    def tidy(self) -> None:
        if self.racer.heap_stats()["used_heap_size"] > UNTIDY_HEAP:
            self.racer.low_memory_notification()

    def close(self) -> None:
        self._life.close()


class Isolates:
    """The isolates by bot version, the least recently used given up first; one spare is made ahead."""

    def __init__(self, sources: str) -> None:
        self._sources = sources
        self._by_key: OrderedDict[str, Isolate] = OrderedDict()
        self._spare: Isolate | None = Isolate(sources)

    def is_ready(self, key: str) -> bool:
        return key in self._by_key or self._spare is not None

    def take(self, key: str) -> Isolate:
        if key not in self._by_key:
            if len(self._by_key) >= MAX_ISOLATES:
                self._by_key.popitem(last=False)[1].close()
            self._by_key[key] = self._spare or Isolate(self._sources)
            self._spare = None
        self._by_key.move_to_end(key)
        return self._by_key[key]

    def drop(self, key: str) -> None:
        self._by_key.pop(key).close()

    def tidy(self, key: str, *, after: float) -> None:
        """Clear up after a call of so many seconds of work."""
        if after > LONG_CALL_SECONDS and key in self._by_key:
            self.drop(key)
        elif after > BRIEF_SECONDS and key in self._by_key:
            self._by_key[key].tidy()


async def _serve(connection: socket.socket, sources: str) -> None:
    # A coroutine without an await: mini-racer answers fastest on a thread whose loop it knows (0.05 for 0.4 ms).
    isolates = Isolates(sources)
    box.enter_child()
    wire.send(connection, wire.READY)
    for count in range(1, MAX_CALLS + 1):
        head, _, body = wire.receive_only(connection, most=wire.MAX_REQUEST).partition(b"\n")
        key = head.decode()
        if not isolates.is_ready(key):
            isolates.take(key)
            wire.send(connection, wire.READY)
        began, worked = time.monotonic(), time.process_time()
        try:
            answer = _answer(isolates, key, body.decode())
        except JSOOMException:
            wire.send(connection, wire.OUT_OF_MEMORY)
            return
        # Only what took its time is worth asking the kernel how much of it was work.
        now = worked if time.monotonic() - began < BRIEF_SECONDS else time.process_time()
        last = count == MAX_CALLS or now > MAX_CPU_SECONDS
        wire.send(connection, (wire.LAST_ANSWER if last else wire.ANSWER) + answer.encode())
        if not last:
            isolates.tidy(key, after=now - worked)  # now, while nobody waits for it


def _answer(isolates: Isolates, key: str, body: str) -> str:
    isolate = isolates.take(key)
    given = isolate.ask(body)
    kind, answer = given[0], given[1:]
    if kind == "=":  # a match: no author code has run
        return answer
    if kind == "?":
        answer = json.dumps({"syntax": _syntax_error(isolate, answer, body)})
    if kind != "+":
        isolates.drop(key)
    return answer


def _syntax_error(isolate: Isolate, where: str, body: str) -> dict[str, Any]:
    """Say what is wrong in which line. Costs a second parse, since V8 tells scripts no place."""
    call = json.loads(body)
    source = call["globals"] if where == "globals" else call["source"]
    found = _parse_error(isolate, "(function(){\n" + source + "\n})")
    if found is None or found["line"] > source.count("\n") + 1:
        # A bracket too many or too few shows only at the wrapper's end; as a program of its own it shows in the text.
        bare = _parse_error(isolate, "\n" + source)
        found = bare if bare and "return" not in bare["message"] else found
    unknown = {"message": "SyntaxError: the brackets do not match, or are nested too deep", "line": 0, "column": 0}
    return {**(found or unknown), "globals": where == "globals"}


def _parse_error(isolate: Isolate, source: str) -> dict[str, Any] | None:
    try:
        isolate.racer.eval("throw 0;" + source)  # so that nothing of it runs
    except JSParseException as error:
        if parts := _PARSE_ERROR.match(str(error)):
            column = len(parts[3]) + 1 if parts[3] is not None else 0
            return {"message": parts[2][:1000], "line": int(parts[1]) - 1, "column": column}
    except JSEvalException:
        pass
    return None
