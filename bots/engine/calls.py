"""The integration call of a turn: its request, its slow-call message, its lines in the bot log.

Knows that a call is made by `effects.call`; nothing of HTTP.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from bots.engine import script_effects, speech
from bots.engine.context import Turn
from bots.engine.effects import CallRequest
from bots.engine.script_effects import Did
from bots.engine.spec import Interaction
from bots.engine.state import Reply
from integrations.engine import outcome as outcomes
from integrations.engine.outcome import CallOutcome
from integrations.engine.spec import IntegrationSpec

FAILURE_CONDITIONS = frozenset({"api_result", "no_match"})


def call(turn: Turn, *, interaction: Interaction, before: Did) -> tuple[CallOutcome, Did]:
    """Make the call; answers how it ended and what its transform script asked of the flow."""
    integration = turn.spec.integration_by_key.get(interaction.content.integration)
    if integration is None:
        message = "The integration of this interaction does not exist."
        turn.log("error", message, error=True)
        return CallOutcome(ok=False, kind="request", message=message), Did()
    turn.pause_ms += interaction.delay_ms if before.delay_ms is None else before.delay_ms
    turn.calls += 1
    slow = _slow_message(turn, integration)
    outcome = turn.effects.call(
        CallRequest(
            integration,
            turn.scope,
            step=f"{turn.calls}:{integration.key}",
            slow_replies=slow.due if slow else None,
            reuse=turn.spec.fingerprint,
            global_functions=turn.spec.global_functions,
            facts=turn.script_facts,
            script_seconds=turn.script_seconds,
            log=turn.log_call,
        )
    )
    if slow:
        slow.over()
    turn.state.api_status = outcome.status
    turn.script_ms += outcome.transform_ms
    _log(turn, integration, outcome)
    return outcome, script_effects.apply(turn, operations=outcome.operations)


def failure_rules(interaction: Interaction) -> Interaction:
    """Return the interaction with those rules only that may handle a failed call: a rule without condition does not."""
    handling = (rule for rule in interaction.rules if rule.condition and rule.condition.kind in FAILURE_CONDITIONS)
    return replace(interaction, rules=tuple(handling))


@dataclass(slots=True)
class _SlowMessage:
    """Sends the slow-call message at most once, from whichever thread notices that it is due, and never after the
    call is over."""

    turn: Turn
    draft: speech.Draft
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: bool = False

    def due(self) -> tuple[Reply, ...]:
        with self.lock:
            if self.done:
                return ()
            self.done = True
            speech.send(self.turn, draft=self.draft, delay_ms=0)
            return tuple(self.turn.replies)

    def over(self) -> None:
        with self.lock:
            self.done = True


def _slow_message(turn: Turn, integration: IntegrationSpec) -> _SlowMessage | None:
    if not integration.slow_message.strip():
        return None
    return _SlowMessage(turn, speech.Draft("text", turn.fill(integration.slow_message)))


def _log(turn: Turn, integration: IntegrationSpec, outcome: CallOutcome) -> None:
    """Write what the bot log shows of a call: method, URL without its query, sizes and times, names of fields."""
    for name in outcome.unknown_variables:
        turn.unknown(name)
    sent, size = outcome.sent, outcome.response.size if outcome.response else 0
    tries = outcomes.tries(outcome.attempts)
    how = "no answer" if tries else "nothing was sent"
    if outcome.response:
        how = f"answered {outcome.status}, {size:,} bytes, {outcome.duration_ms:.0f} ms"
    url = sent.url.partition("?")[0]
    turn.log(
        "call",
        " ".join(filter(None, (f"{integration.name}:", sent.method, url, f"– {how}.", outcome.message))),
        error=not outcome.ok,
        integration=integration.name,
        method=sent.method,
        url=url,
        status=outcome.status,
        size=size,
        ms=round(outcome.duration_ms, 1),
        attempts=tries,
        kind=outcome.kind,
    )
    for result in outcome.fields:
        name = f"{integration.name}.{result.name}"
        values = "1 value" if result.count == 1 else f"{result.count} values"
        text = f"Field {name}: {result.problem or values}."
        turn.log("field", text.replace("..", "."), name=name, count=result.count, found=result.found)
