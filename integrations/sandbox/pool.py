"""The sandbox as the rest of Parley sees it: run a script, match a regular expression, check a script's syntax.

Hands out children first come, first served, and never all of them to one bot. What a script does wrong ends in
its outcome; nothing here raises for it. Knows nothing of Django but one number.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import hashlib
import json
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeVar

import msgspec
from django.conf import settings

from integrations.engine import json_values
from integrations.engine.json_values import Json
from integrations.engine.scripts import Place, RegexOutcome, ScriptCall, ScriptError, ScriptOutcome
from integrations.sandbox import foreach, handout, nursery, verdicts, wire

GRACE_SECONDS = 0.05
REGEX_SECONDS = 0.2
CHECK_SECONDS = 1.0
MAX_SOURCE = 512 * 1024
_EXACT = 2**53

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

# Conversation Builder runs the name with two underscores; its documentation mostly writes the one without.
_RUN_INITIALLY = (
    "if (typeof __initConversation === 'function') __initConversation();"
    "else if (typeof initConversation === 'function') initConversation();"
)


class Pool:
    """The children of one process. Every method may be called from any thread."""

    def __init__(self, *, children: int = 2) -> None:
        self._zygote = nursery.Zygote()
        self._handout = handout.Handout([_Slot(self._zygote) for _ in range(children)])

    def run(self, call: ScriptCall) -> ScriptOutcome:
        """Run one script. Timeouts, memory and crashes keep nothing of what it did; errors keep all before them."""
        source, functions = call.source, foreach.rewrite(call.global_functions)
        if call.place == "initConversation" and not source.strip():
            source = _RUN_INITIALLY
        if len(source) + len(functions) > MAX_SOURCE:
            return ScriptOutcome(error=ScriptError("limit", f"The script has more than {MAX_SOURCE // 1024} KB."))
        request = {
            "do": "run",
            "source": foreach.rewrite(source),
            "globals": functions,
            "variables": call.variables,
            "facts": call.facts,
        }
        result, spent = self._ask(call.reuse, request, seconds=call.time_limit_seconds, read=verdicts.script_outcome)
        if isinstance(result, ScriptError):
            return ScriptOutcome(error=result, duration_ms=spent)
        return ScriptOutcome(result.operations, result.error, spent)

    def match(self, expression: str, text: str, *, reuse: str = "") -> RegexOutcome:
        """Search the text for a regular expression in JavaScript's syntax; a leading (?i) is understood."""
        request = {"do": "match", "expression": expression, "text": text}
        result, spent = self._ask(reuse, request, seconds=REGEX_SECONDS, read=verdicts.regex_outcome)
        if not isinstance(result, ScriptError):
            return dataclasses.replace(result, duration_ms=spent)
        slow = "The expression was stopped: it takes too long on this text."
        return RegexOutcome(None, error=slow if result.kind == "timeout" else result.message, duration_ms=spent)

    def check_syntax(self, source: str, *, place: Place) -> ScriptError | None:
        """Parse a script without running it; line and column of the error are those of the author's text."""
        if len(source) > MAX_SOURCE:
            return ScriptError("limit", f"The script has more than {MAX_SOURCE // 1024} KB.")
        request = {"do": "check", "source": foreach.rewrite(source)}
        return self._ask("check", request, seconds=CHECK_SECONDS, read=verdicts.syntax_error)[0]

    def close(self) -> None:
        """End all processes. The pool starts them again when it is used again."""
        self._zygote.close()

    def _ask(
        self, reuse: str, request: dict[str, Json], *, seconds: float, read: Callable[[bytes], Answer]
    ) -> tuple[Answer | ScriptError, float]:
        """Return what was read, or the error that ended it, and the milliseconds since a child was free."""
        try:
            body = _encode(request)
        except (ValueError, RecursionError):
            return ScriptError("limit", "The variables are nested too deep, or hold a number that is none."), 0.0
        if len(body) > wire.MAX_REQUEST - 100:
            return ScriptError("limit", "The script and its variables have more than 16 MB."), 0.0
        slot = self._handout.take(reuse)
        try:
            began = time.monotonic()
            result = slot.result(_key(reuse), body, seconds=seconds, read=read)
            return result, (time.monotonic() - began) * 1000
        finally:
            self._handout.give_back(slot, reuse)


class _Slot:
    """A place for a child. It is filled at the first use, and again as soon as its child is used up."""

    def __init__(self, zygote: nursery.Zygote) -> None:
        self._zygote = zygote
        self._child: nursery.Child | None = None

    def result(self, key: str, body: bytes, *, seconds: float, read: Callable[[bytes], Answer]) -> Answer | ScriptError:
        """Have a child answer, and read that; an error when it cannot, or must not, go on."""
        try:
            return read(self._ask(key, body, seconds=seconds + GRACE_SECONDS))
        except nursery.Ended as ended:
            kind = "crash" if ended.how == "killed" else ended.how
            return ScriptError(kind, verdicts.SENTENCES[ended.how].format(seconds=seconds))
        except verdicts.Forged:
            self.discard()
            return ScriptError("crash", verdicts.SENTENCES["crash"])
        except nursery.Unavailable as unavailable:
            return ScriptError("crash", str(unavailable))

    def _ask(self, key: str, body: bytes, *, seconds: float) -> bytes:
        child = self._child or self._refill()
        try:
            return child.ask(key, body, seconds=seconds)
        except nursery.Gone:  # it ended before it got the script, which can thus be run by another
            child.end()
            child = self._refill()
            return self._ask_again(child, key, body, seconds=seconds)
        except nursery.Ended as ended:
            if ended.how == "killed":
                log.warning("a sandbox process was killed from outside; its script runs once more")
            elif ended.how != "memory" or not child.used:
                raise
            # What lacked memory may have met what others' scripts left; in a process of its own it meets nothing.
            child = self._refill()  # what a script does is in its answer, so the one without an answer did nothing
            return self._ask_again(child, key, body, seconds=seconds)
        finally:
            if child.retiring:
                self.discard()

    def _ask_again(self, child: nursery.Child, key: str, body: bytes, *, seconds: float) -> bytes:
        try:
            return child.ask(key, body, seconds=seconds)
        except nursery.Gone as gone:
            child.end()
            raise nursery.Unavailable("The sandbox's processes end as soon as they start.") from gone

    def discard(self) -> None:
        """End the child and start the next, which warms up while nobody waits for it."""
        if self._child is not None and not self._child.ended:
            self._child.end()
        self._child = None
        with contextlib.suppress(nursery.Unavailable):  # the next caller will be told
            self._refill()

    def _refill(self) -> nursery.Child:
        self._child = self._zygote.fork()
        return self._child


def shared() -> Pool:
    """Return this process's pool; a process that was forked from one with a pool gets its own."""
    with _shared_lock:
        pool = _shared.get(os.getpid())
        if pool is None:
            pool = Pool(children=settings.SANDBOX_CHILDREN)
            _shared.clear()
            _shared[os.getpid()] = pool
            atexit.register(pool.close)
        return pool


_shared: dict[int, Pool] = {}
_shared_lock = threading.Lock()


@lru_cache(maxsize=256)
def _key(reuse: str) -> str:
    """A name for the isolate that holds no line break, whatever the caller's key is."""
    return hashlib.sha256(reuse.encode("utf-8", "replace")).hexdigest()[:32]


def _encode(request: dict[str, Json]) -> bytes:
    try:
        body = _encoder.encode(request)
        if b"null" in body:
            json_values.refuse_nan(request)
        return body
    except UnicodeEncodeError:  # half of a surrogate pair, which the slower way replaces
        text = json.dumps(_plain(request), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8", "replace")


def _for_javascript(value: Json) -> Json:
    """What the encoder does not know by itself."""
    if isinstance(value, json_values.NumberText):
        number = _number(value)
        return number if isinstance(number, str) else msgspec.Raw(value.encode())
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


_encoder = msgspec.json.Encoder(enc_hook=_for_javascript)


def _plain(value: Json) -> Json:
    """Return numbers as JavaScript numbers. A whole number that JavaScript cannot hold exactly crosses as text."""
    if isinstance(value, json_values.NumberText):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _number(spelling: str) -> int | float | str:
    if spelling.lstrip("-").isdigit():
        exact = len(spelling) <= 15 or (len(spelling) <= 17 and abs(int(spelling)) <= _EXACT)
        return int(spelling) if exact else str(spelling)
    number = float(spelling)
    return number if math.isfinite(number) else str(spelling)
