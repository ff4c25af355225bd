"""What a call needs from outside, and what it needs to know of the turn or test run that makes it. Plain data."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from credentials import wire
from integrations.engine.json_values import Json
from integrations.engine.outcome import Attempt
from integrations.engine.spec import IntegrationSpec

_chance = random.SystemRandom()


def _one_second() -> float:
    return 1.0


class Edge(msgspec.Struct, frozen=True):
    """Everything that reaches outside of the process, or is not the same twice.

    signer_for: a credential's key to its signer; raises wire.CallError of kind credential. refused: whether an answer
    means that the API does not take the signer. renewed_signer_for: another one in its place (with a new OAuth
    token); None where there is nothing to renew.
    called: told how a call with a credential ended, by status and kind of failure; must not wait.
    clock: time.monotonic(). now: seconds since 1970. cancelled: asked now and then, also while waiting.
    """

    send: wire.Send
    policy: wire.Policy = msgspec.field(default_factory=wire.Policy)
    signer_for: Callable[[str], wire.Signer] = lambda key: no_credential()
    refused: Callable[[wire.Signer | None, wire.Incoming], bool] = lambda signer, answer: answer.status == 401
    renewed_signer_for: Callable[[str, wire.Signer], wire.Signer | None] = lambda key, refused: None
    called: Callable[[IntegrationSpec, int, str], None] = lambda spec, status, failure: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    jitter: Callable[[], float] = _chance.random
    cancelled: Callable[[], bool] = wire.never


def no_credential() -> wire.Signer:
    """Refuse: for edges that have no credentials at all."""
    raise wire.CallError("credential", "The integration's credential is not available here. Nothing was sent.")


class Log(Protocol):
    """Takes one line of the bot log; `code` and the rest are those of bots.engine.state.LogLine."""

    def __call__(
        self, code: str, text: str, *, error: bool = False, detail: Mapping[str, Json] | None = None
    ) -> None: ...


class Journal(Protocol):
    """Keeps what calls with an effect gave, by step, until their turn is committed."""

    def get(self, step: str) -> bytes | None: ...

    def put(self, step: str, record: bytes) -> None: ...


def _no_log(code: str, text: str, *, error: bool = False, detail: Mapping[str, Json] | None = None) -> None:
    """Whoever wants no log gives none."""


def _random_key() -> str:
    return str(uuid.uuid4())


def _no_attempt(attempt: Attempt) -> None:
    """Whoever wants no progress gives none."""


class CallContext(msgspec.Struct, frozen=True):
    """Where a call happens.

    reuse, global_functions, facts, script_seconds: for the transform script (integrations.engine.scripts.ScriptCall).
    step: the same when the turn is run again, with the journal and the Idempotency-Key. on_slow: called at most once,
    from another thread, when the call still runs after the integration's delay. on_attempt: after each hop.
    logs_outcome: whoever makes the call writes what the log shows of request, answer and fields, from the outcome.
    """

    reuse: str = ""
    global_functions: str = ""
    facts: Callable[[], Mapping[str, Json]] = dict
    script_seconds: Callable[[], float] = _one_second
    step: str = ""
    idempotency_key: Callable[[], str] = _random_key
    journal: Journal | None = None
    log: Log = _no_log
    logs_outcome: bool = False
    on_slow: Callable[[], None] | None = None
    on_attempt: Callable[[Attempt], None] = _no_attempt
