"""Play conversation tests: the real engine, the real sandbox, the real call pipeline; only the network is canned.

Stores nothing. Knows nothing of files' places and of how results are shown.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bots.engine import contextstore, turn
from bots.engine.effects import CallRequest, Effects
from bots.engine.spec import BotSpec
from bots.engine.state import Event, LogLine, State, Tap, TurnResult
from bots.services import canned, expectations
from bots.services.expectations import Finding
from bots.services.transcripts import PlannedTurn, Route, Scenario, Transcript
from integrations.engine.json_values import Json
from integrations.engine.outcome import CallOutcome
from integrations.sandbox import pool
from integrations.services import calls, wiring

SESSION_FACTS = {"customer_info": "customerInfo", "personal_info": "personalInfo", "web_view": "webView"}


@dataclass(frozen=True, slots=True)
class TurnReport:
    """One turn as it went. log: the lines of the bot log."""

    number: int
    text: str
    findings: tuple[Finding, ...]
    messages: tuple[dict[str, Any], ...] = ()
    log: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """skipped: why the scenario was not played, or nothing."""

    id: str
    title: str
    turns: tuple[TurnReport, ...] = ()
    skipped: str = ""

    @property
    def ok(self) -> bool:
        return all(finding.ok for report in self.turns for finding in report.findings)


@dataclass(slots=True)
class Conversation:
    """The conversation of one scenario, kept in memory as a runner keeps it in its store."""

    spec: BotSpec
    scenario: Scenario
    answers: canned.Answers
    environment: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: State = field(default_factory=State)
    variables: dict[str, Json] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=lambda: {"global": {}, "user": {}})
    log: list[LogLine] = field(default_factory=list)
    turns: int = 0

    def play(self, test: PlannedTurn) -> TurnReport:
        """Play a turn and compare."""
        self.turns += 1
        self.log.clear()
        self.answers.calls.clear()
        result = turn.run_turn(self.spec, self.state, self.variables, self._event(test), self._effects())
        self.state, self.variables = result.state, result.variables
        for change in result.context_changes:
            contextstore.change(self.context, operation=change)
        findings = expectations.check(test.expect, outcome=self._outcome(result)) if test.expect is not None else []
        messages = tuple({"kind": reply.kind, **reply.body} for reply in result.replies)
        return TurnReport(self.turns, test.text, tuple(findings), messages, tuple(self.log))

    def _event(self, test: PlannedTurn) -> Event:
        facts = {SESSION_FACTS.get(name, name): value for name, value in self.scenario.session.items()}
        return Event(
            text=test.text,
            conversation=self.id,
            tap=_tap(test.click),
            turn=self.turns,
            now=time.time(),
            environment={**self.environment, **self.scenario.environment},
            session_facts={"consumerId": f"consumer-{self.id}", **facts},
            context=self.context,
            intent=_intent(test.nlu),
        )

    def _effects(self) -> Effects:
        sandbox = pool.shared()
        return Effects(
            run_script=sandbox.run,
            match_regex=partial(sandbox.match, reuse=self.spec.fingerprint),
            call=self._call,
            log=self.log.append,
        )

    def _call(self, request: CallRequest) -> CallOutcome:
        context = wiring.CallContext(
            reuse=request.reuse,
            global_functions=request.global_functions,
            facts=request.facts,
            script_seconds=request.script_seconds,
            step=request.step,
            log=request.log,
            logs_outcome=True,
        )
        return calls.run(
            request.integration,
            scope=request.scope,
            edge=self.answers.edge(),
            run_script=pool.shared().run,
            context=context,
        )

    def _outcome(self, result: TurnResult) -> expectations.Outcome:
        waiting = self.spec.interaction_by_key.get(result.waiting_at)
        dialog = self.state.stack[-1].variables if self.state.stack else {}
        return expectations.Outcome(
            replies=result.replies,
            waiting_at=waiting[1].name if waiting else "",
            variables={**result.variables, **dialog},
            calls=tuple(self.answers.calls),
            occurrences=result.occurrences,
            context={**self.context, "conversation": self.state.context},
        )


def run(spec: BotSpec, *, transcript: Transcript, routes: tuple[Route, ...] = ()) -> list[ScenarioReport]:
    """Play every scenario of a transcript; a scenario's own routes go before the others."""
    return [run_scenario(spec, scenario=scenario, routes=routes) for scenario in transcript.scenarios]


def run_scenario(
    spec: BotSpec,
    *,
    scenario: Scenario,
    routes: tuple[Route, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> ScenarioReport:
    """Play one scenario as a new conversation of a new consumer. environment: what the scenario's own goes before."""
    if scenario.unmet:
        reason = f"it requires {', '.join(scenario.unmet)}, which is not known here"
        return ScenarioReport(scenario.id, scenario.title, skipped=reason)
    conversation = Conversation(spec, scenario, canned.Answers((*scenario.routes, *routes)), environment or {})
    reports = tuple(conversation.play(test) for test in scenario.turns)
    return ScenarioReport(scenario.id, scenario.title, reports)


def _tap(click: Mapping[str, str] | None) -> Tap | None:
    if click is None:
        return None
    return Tap(kind=click.get("kind", ""), label=click.get("label", ""), payload=click.get("payload", ""))


def _intent(nlu: Mapping[str, Any] | None) -> dict[str, Json] | None:
    if nlu is None:
        return None
    return {"id": nlu.get("intent_id"), "name": nlu.get("intent_name"), "score": nlu.get("score")}
