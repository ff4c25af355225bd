"""The call pipeline: one integration from its definition to the variables that it leaves behind.

A dialog and a test run take the same way. A failed call never raises.
"""

from __future__ import annotations

import threading

from msgspec import structs

from integrations.engine import call, responses, url
from integrations.engine.errors import RequestNotBuilt
from integrations.engine.outcome import CallOutcome, ReceivedResponse
from integrations.engine.scope import Scope
from integrations.engine.scripts import RunScript
from integrations.engine.spec import IntegrationSpec
from integrations.services import calllog, exchanges, journal, publishing, wiring
from integrations.services.exchanges import Exchange
from integrations.services.journal import Record

Edge = wiring.Edge
CallContext = wiring.CallContext

PATIENCE = 5.0  # seconds that the end of a call waits for a slow-call message that is just being delivered


def run(spec: IntegrationSpec, *, scope: Scope, edge: Edge, run_script: RunScript, context: CallContext) -> CallOutcome:
    """Carry out one call and set its variables in the scope; tells how it ended, and never raises for a failure."""
    started = edge.clock()
    notice = _slow_notice(spec, context)
    try:
        record = _recalled(spec, context) or _made(spec, scope, edge, context)
        calllog.tokens(context.log, spec=spec, exchange=record.exchange)
        if not context.logs_outcome:
            calllog.call(context.log, spec=spec, exchange=record.exchange, duration_ms=_since(started, edge))
        outcome = publishing.publish(
            spec, scope=scope, exchange=record.exchange, run_script=run_script, context=context
        )
    finally:
        if notice:
            notice.cancel()
            notice.join(PATIENCE)
    return structs.replace(outcome, duration_ms=_since(started, edge), unknown_variables=record.unknown)


def run_transform(
    spec: IntegrationSpec, *, scope: Scope, response: ReceivedResponse, run_script: RunScript, context: CallContext
) -> CallOutcome:
    """Do everything that follows a call, on a pinned or hand-edited answer, without a call."""
    exchange = Exchange(body=response.body, response=response)
    if not responses.is_success(response.status):
        exchange = structs.replace(exchange, kind="http", message=responses.complaint(response.status))
    return publishing.publish(spec, scope=scope, exchange=exchange, run_script=run_script, context=context)


def _made(spec: IntegrationSpec, scope: Scope, edge: Edge, context: CallContext) -> Record:
    """Build and send the request, and keep the answer for a turn that is run again."""
    unknown: list[str] = []
    try:
        request = call.build(spec, scope, unknown=unknown.append)
    except RequestNotBuilt as error:
        return Record(Exchange("request", error.message), tuple(unknown))
    if not context.logs_outcome:
        calllog.unknown(context.log, spec=spec, names=unknown)
    if url.empty_part(spec.url, built=request.url):
        calllog.empty_part(context.log, spec=spec)
    exchange = exchanges.run(request, spec=spec, edge=edge, context=context)
    if spec.credential:
        edge.called(spec, exchange.status, exchange.kind)
    record = Record(exchange, tuple(unknown))
    journal.keep(record, method=request.method, context=context)
    return record


def _recalled(spec: IntegrationSpec, context: CallContext) -> Record | None:
    record = journal.recall(context)
    if record:
        calllog.used_again(context.log, spec=spec)
    return record


def _slow_notice(spec: IntegrationSpec, context: CallContext) -> threading.Timer | None:
    """Start what tells `on_slow` once when the call takes longer than the integration's delay.

    A notice that is being delivered when the call ends is waited for, so that it never comes after the answer.
    """
    if context.on_slow is None or not spec.slow_message.strip():
        return None
    timer = threading.Timer(max(spec.slow_after_seconds, 0), context.on_slow)
    timer.daemon = True
    timer.start()
    return timer


def _since(started: float, edge: Edge) -> float:
    return round((edge.clock() - started) * 1000, 2)
