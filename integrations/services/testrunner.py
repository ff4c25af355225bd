"""Carries out a test run in a worker: the same call pipeline as a dialog, with an ephemeral session of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from integrations.engine.json_values import Json
from integrations.engine.outcome import Attempt, CallOutcome
from integrations.engine.scope import Scope
from integrations.sandbox import pool
from integrations.services import calls, definitions, edge, reports, samples, testruns
from integrations.services.reports import ShownLine
from integrations.services.testruns import Order

CANCELLED = "Cancelled. If the request had left already, the server may have acted on it."
DEFECT = (
    "The test run ended in a defect of Parley, which was logged. Nothing is known about the call; tell the operator."
)


def carry_out(run_id: str) -> None:
    """Run what was ordered and keep the report. A second worker with the same id does nothing."""
    wanted = testruns.claim(run_id)
    if wanted is None:
        return
    telling = _Telling(run_id)
    report = reports.failed(DEFECT)
    try:
        report = _report(run_id, wanted, telling)
    finally:
        testruns.finish(run_id, report=report, wanted=wanted)


def _report(run_id: str, wanted: Order, telling: _Telling) -> reports.Report:
    bot = definitions.bot(wanted.bot)
    scope = samples.scope_for(
        wanted.definition,
        values=wanted.values,
        environment=definitions.environment(bot),
        facts={"conversationId": f"test-{run_id}", "chatBotId": str(bot.key)},
    )
    before = dict(scope.session)
    outcome = _outcome(run_id, wanted, bot, scope, telling)
    telling.operations(outcome.operations)
    if testruns.is_cancelled(run_id) and not outcome.ok:
        outcome = structs.replace(outcome, kind="", message=CANCELLED)
    return reports.of(outcome, before=before, scope=scope, definition=wanted.definition, log=tuple(telling.lines))


def _outcome(run_id: str, wanted: Order, bot: Any, scope: Scope, telling: _Telling) -> CallOutcome:
    spec, run_script = wanted.definition, pool.shared().run
    context = calls.CallContext(
        reuse=f"test-run {bot.pk}",
        global_functions=bot.global_functions,
        facts=lambda: _facts(scope),
        step=run_id,
        log=telling.log,
        on_attempt=telling.attempt,
    )
    if wanted.response is not None:
        return calls.run_transform(spec, scope=scope, response=wanted.response, run_script=run_script, context=context)
    telling.started(spec.method)
    door = edge.real_edge(bot.organization_id, bot=str(bot.key), cancelled=lambda: testruns.is_cancelled(run_id))
    return calls.run(spec, scope=scope, edge=door, run_script=run_script, context=context)


def _facts(scope: Scope) -> Mapping[str, Json]:
    """What botContext tells a transform script of the conversation; the sample values stand in for it."""
    return {
        "message": str(scope.facts.get("userMessage") or scope.facts.get("query") or ""),
        "quickReplyPayload": str(scope.facts.get("quickReplyPayload") or ""),
        "conversationId": scope.facts["conversationId"],
        "chatBotId": scope.facts["chatBotId"],
        "env": dict(scope.environment),
        "now": time.time(),
    }


@dataclass(slots=True)
class _Telling:
    """Tells the waiting page what happens, and keeps the log lines for the report."""

    run_id: str
    lines: list[ShownLine] = field(default_factory=list)

    def started(self, method: str) -> None:
        testruns.tell(self.run_id, event="started", data={"text": f"Sending {method} …"})

    def attempt(self, attempt: Attempt) -> None:
        ended = f"answered {attempt.status}" if attempt.status else attempt.error or "got no answer"
        which = "Token" if attempt.purpose == "token" else f"Attempt {attempt.number}"
        text = f"{which}: {attempt.method} {attempt.url} {ended}, {attempt.total_ms:.0f} ms"
        testruns.tell(self.run_id, event="attempt", data={"text": text, "error": not 200 <= attempt.status < 400})

    def log(self, code: str, text: str, *, error: bool = False, detail: Mapping[str, Json] | None = None) -> None:
        self._add(ShownLine(text, code, error))

    def operations(self, operations: tuple[Mapping[str, Json], ...]) -> None:
        """What the script did besides setting variables: printed, or asked of a conversation that is not there."""
        for operation in operations:
            kind = str(operation.get("op"))
            if kind == "debug":
                self._add(ShownLine(reports.shown(operation.get("text")), "debug"))
            elif kind == "refused":
                self._add(ShownLine(str(operation.get("text")), "limit", error=True))
            elif kind == "unsupported":
                self._add(ShownLine(f"botContext has no function {operation.get('name')}.", "notice", error=True))
            else:
                self._add(ShownLine(f"The script asked for {kind}; that has no effect in a test run.", "notice"))

    def _add(self, line: ShownLine) -> None:
        self.lines.append(line)
        testruns.tell(self.run_id, event="log", data={"text": line.text, "error": line.error})
