"""What tests of the call pipeline share: a server, the real door out, the real sandbox, a diary of what was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from credentials import egress, wire
from integrations.engine.outcome import Attempt, CallOutcome
from integrations.engine.scope import Scope
from integrations.engine.scripts import RunScript, ScriptCall, ScriptOutcome
from integrations.engine.spec import IntegrationSpec
from integrations.sandbox import pool
from integrations.services import calls
from tests.loopback_api import Answer, Api, running

ORDER = Answer(200, '{"total": 1.10, "lines": [{"sku": "a"}, {}]}', {"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def sandbox() -> Iterator[pool.Pool]:
    children = pool.Pool(children=1)
    yield children
    children.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with running() as server:
        yield server


@dataclass
class Diary:
    """What a call told while it ran."""

    lines: list[tuple[str, str, bool, dict[str, Any]]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def log(self, code: str, text: str, *, error: bool = False, detail: Any = None) -> None:
        self.lines.append((code, text, error, dict(detail or {})))

    def text(self, code: str) -> str:
        return " | ".join(text for line_code, text, _, _ in self.lines if line_code == code)


@dataclass
class Caller:
    """Makes calls with everything real but the waiting between attempts."""

    api: Api
    run_script: RunScript
    diary: Diary = field(default_factory=Diary)
    scope: Scope = field(default_factory=Scope)

    def edge(self, **values: Any) -> calls.Edge:
        given = {
            "send": egress.send,
            "policy": wire.Policy(loopback=True),
            "sleep": self.diary.waits.append,
            "jitter": lambda: 1.0,
        }
        return calls.Edge(**(given | values))

    def spec(self, **values: Any) -> IntegrationSpec:
        return IntegrationSpec(
            **({"key": "k", "name": "Order", "response_variable": "R", "url": self.api.url} | values)
        )

    def __call__(self, spec: IntegrationSpec, *, edge: calls.Edge | None = None, **context: Any) -> CallOutcome:
        given = {"log": self.diary.log, "on_attempt": self.diary.attempts.append, "reuse": "bot-1"}
        return calls.run(
            spec,
            scope=self.scope,
            edge=edge or self.edge(),
            run_script=self.run_script,
            context=calls.CallContext(**(given | context)),
        )


@pytest.fixture
def call(api: Api, sandbox: pool.Pool) -> Caller:
    return Caller(api, sandbox.run)


def no_script(script: ScriptCall) -> ScriptOutcome:
    raise AssertionError("no script may run here")


def nothing_sent(*args: Any) -> wire.Incoming:
    raise AssertionError("nothing may be sent here")
