"""What a turn needs from outside, as plain callables; whoever runs a turn provides them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from bots.engine import intents
from bots.engine.state import LogLine, Reply
from integrations.engine.json_values import Json
from integrations.engine.outcome import CallOutcome
from integrations.engine.scope import Scope
from integrations.engine.scripts import MatchRegex, RunScript
from integrations.engine.spec import IntegrationSpec


class CallLog(Protocol):
    """Takes a line of the bot log from the call pipeline; the turn adds the interaction that makes the call."""

    def __call__(
        self, code: str, text: str, *, error: bool = False, detail: Mapping[str, Json] | None = None
    ) -> None: ...


def _no_log(code: str, text: str, *, error: bool = False, detail: Mapping[str, Json] | None = None) -> None:
    """For calls outside of a turn."""


class CallRequest(msgspec.Struct, frozen=True):
    """One integration call of a turn.

    step: an id within the turn that is the same when the turn is run again (for journal and Idempotency-Key).
    slow_replies: to be called, at most once and from any thread, when the slow-call message is due: it gives every
    reply that the consumer shall see by then, the message itself last, or none when the call is already over. None
    where no message is wanted. They are part of TurnResult.replies, too: its first ones.
    reuse, global_functions, facts, script_seconds: for the transform script. log: where the pipeline's log lines go.
    """

    integration: IntegrationSpec
    scope: Scope
    step: str
    slow_replies: Callable[[], tuple[Reply, ...]] | None = None
    reuse: str = ""
    global_functions: str = ""
    facts: Callable[[], Mapping[str, Json]] = dict
    script_seconds: Callable[[], float] = lambda: 1.0
    log: CallLog = _no_log


# Writes the response, the fields and `<Integration>.$error/.$status/.$attempts` into the scope; never raises for a
# failed call.
CallIntegration = Callable[[CallRequest], CallOutcome]


class Effects(msgspec.Struct, frozen=True):
    """run_script, match_regex: the sandbox. call: the call pipeline. log: takes bot log lines at once. recognise:
    which intents a message may mean; asked only where no pattern decided."""

    run_script: RunScript
    match_regex: MatchRegex
    call: CallIntegration
    log: Callable[[LogLine], None]
    recognise: intents.Recognise = intents.recognise
