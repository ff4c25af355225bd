"""What happens to an answer: it becomes variables, the transform script works on it, the custom data fields are read.

Knows nothing of the wire: the same code works on a live answer and on a pinned sample.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from integrations.engine import fields, responses
from integrations.engine.json_values import Json
from integrations.engine.outcome import CallOutcome, FailureKind, FieldResult
from integrations.engine.scope import Scope
from integrations.engine.scripts import RunScript, ScriptCall, ScriptError, ScriptOutcome
from integrations.engine.spec import IntegrationSpec
from integrations.services import calllog
from integrations.services.exchanges import Exchange
from integrations.services.wiring import CallContext

_KEPT = frozenset({"script", "syntax"})  # after any other error nothing of what the script did is kept
NO_TIME = "The Transform Result Script was not run: the scripts of this turn used up their time."


class _Worked(msgspec.Struct, frozen=True):
    """What the transform script and the fields gave."""

    kind: FailureKind = ""
    message: str = ""
    fields: tuple[FieldResult, ...] = ()
    operations: tuple[Mapping[str, Json], ...] = ()
    milliseconds: float = 0.0


def publish(
    spec: IntegrationSpec, *, scope: Scope, exchange: Exchange, run_script: RunScript, context: CallContext
) -> CallOutcome:
    """Set the variables of the call, transform the answer, read the fields; tells how it all ended."""
    scope.set(f"{spec.response_name}Status", exchange.status)
    _mark(spec, scope, exchange.kind, exchange)
    if exchange.response is None:
        scope.unset(spec.response_name)
        worked = _Worked(exchange.kind, exchange.message)
    else:
        worked = _work(spec, scope, exchange, run_script, context)
    if worked.kind:
        fields.clear(spec, scope)
    _mark(spec, scope, worked.kind, exchange)
    return CallOutcome(
        ok=not worked.kind,
        status=exchange.status,
        kind=worked.kind,
        message=worked.message,
        attempts=exchange.attempts,
        sent=exchange.sent,
        response=exchange.response,
        fields=worked.fields,
        operations=worked.operations,
        transform_ms=worked.milliseconds,
    )


def _mark(spec: IntegrationSpec, scope: Scope, kind: str, exchange: Exchange) -> None:
    scope.set(f"{spec.name}.$error", kind)
    scope.set(f"{spec.name}.$status", exchange.status)
    scope.set(f"{spec.name}.$attempts", exchange.tries)


def _work(
    spec: IntegrationSpec, scope: Scope, exchange: Exchange, run_script: RunScript, context: CallContext
) -> _Worked:
    """Steps 7 to 9. An answer that is too large to keep is still there for the script and the fields."""
    name = spec.response_name
    response = {"jsonData": responses.json_data(name, body=exchange.body)}
    if not scope.set(name, response):
        scope.unset(name)
    if exchange.kind:
        return _Worked(exchange.kind, exchange.message)
    with scope.lending(name, response):
        return _transformed(spec, scope, exchange, run_script, context)


def _transformed(
    spec: IntegrationSpec, scope: Scope, exchange: Exchange, run_script: RunScript, context: CallContext
) -> _Worked:
    done = _run_transform(spec, scope, exchange, run_script, context)
    others = tuple([operation for operation in done.operations if operation.get("op") != "set"])
    if done.error:
        return _Worked("transform", _complaint(done.error), (), others, done.duration_ms)
    results = fields.evaluate(spec, scope)
    if not context.logs_outcome:
        calllog.fields(context.log, spec=spec, results=results)
    return _Worked("", "", results, others, done.duration_ms)


def _run_transform(
    spec: IntegrationSpec, scope: Scope, exchange: Exchange, run_script: RunScript, context: CallContext
) -> ScriptOutcome:
    """Run the script, if there is one, and apply what it set, also when it ended in an error."""
    if not spec.transform_script.strip():
        return ScriptOutcome()
    outcome = _ran(spec, scope, exchange, run_script, context)
    writes = [operation for operation in outcome.operations if operation.get("op") == "set"]
    for operation in writes:
        _set(scope, operation)
    if any(operation.get("forever") for operation in writes):
        calllog.persistent(context.log, spec=spec)
    message = _complaint(outcome.error) if outcome.error else ""
    calllog.transform(context.log, spec=spec, outcome=outcome, message=message)
    return outcome


def _ran(
    spec: IntegrationSpec, scope: Scope, exchange: Exchange, run_script: RunScript, context: CallContext
) -> ScriptOutcome:
    seconds = context.script_seconds()
    if seconds <= 0:
        return ScriptOutcome(error=ScriptError("limit", NO_TIME))
    return run_script(
        ScriptCall(
            reuse=context.reuse,
            place="transform",
            source=spec.transform_script,
            global_functions=context.global_functions,
            variables=scope.script_variables(),
            facts={**context.facts(), "apiStatus": exchange.status},
            time_limit_seconds=seconds,
        )
    )


def _set(scope: Scope, operation: Mapping[str, Json]) -> None:
    scope.set(operation["name"], operation["value"], "request" if operation.get("scope") == "request" else "session")


def _complaint(error: ScriptError) -> str:
    place = f" in line {error.line}, column {error.column}" if error.line else ""
    kept = "What it did before is kept." if error.kind in _KEPT else "Nothing of what it did was kept."
    if error.message == NO_TIME:
        return NO_TIME
    return f"The Transform Result Script failed{place}: {error.message.rstrip('.')}. {kept}"
