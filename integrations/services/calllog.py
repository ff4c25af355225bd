"""The bot log lines of a call: method, URL without query values, status, sizes, times, names. No value, no body."""

from __future__ import annotations

from collections.abc import Iterable

from credentials import masking
from integrations.engine import outcome as outcomes
from integrations.engine.json_values import Json
from integrations.engine.outcome import FieldResult
from integrations.engine.scripts import ScriptOutcome
from integrations.engine.spec import IntegrationSpec
from integrations.services.exchanges import Exchange
from integrations.services.wiring import Log

PERSISTENT = "persistForever keeps a variable for the session only."


def tokens(log: Log, *, spec: IntegrationSpec, exchange: Exchange) -> None:
    """Log what was asked of the call's authorization server."""
    for attempt, words in outcomes.token_calls(exchange.attempts):
        about: dict[str, Json] = {"integration": spec.name, "status": attempt.status, "ms": round(attempt.total_ms, 1)}
        log("token", f"{spec.name}: {words}", error=not 200 <= attempt.status < 300, detail=about)


def call(log: Log, *, spec: IntegrationSpec, exchange: Exchange, duration_ms: float) -> None:
    """Log how the call went, before its answer is worked on."""
    url = masking.without_query(exchange.sent.url)
    size = exchange.response.size if exchange.response else 0
    parts = [f"{spec.name}: {exchange.sent.method} {url}".rstrip(" :")]
    if exchange.response:
        parts.append(f"answered {exchange.status}, {size:,} bytes")
    if exchange.attempts:
        parts.append(f"{duration_ms:.0f} ms" + (f", {exchange.tries} attempts" if exchange.tries > 1 else ""))
    text = ", ".join(parts) + "." + (f" {exchange.message}" if exchange.message else "")
    detail = {
        "integration": spec.name,
        "method": exchange.sent.method,
        "url": url,
        "status": exchange.status,
        "size": size,
        "ms": round(duration_ms, 1),
        "attempts": exchange.tries,
        "kind": exchange.kind,
    }
    log("call", text, error=bool(exchange.kind), detail=detail)


def unknown(log: Log, *, spec: IntegrationSpec, names: Iterable[str]) -> None:
    for name in names:
        text = f"{spec.name}: the variable {{{name}}} is not set; its place in the request stays empty."
        log("notice", text, detail={"integration": spec.name, "variable": name})


def empty_part(log: Log, *, spec: IntegrationSpec) -> None:
    text = (
        f"{spec.name}: a variable in the path of the URL is empty, so the path has an empty part "
        "(//, or a / at its end). Many servers read that as another address."
    )
    log("notice", text, detail={"integration": spec.name})


def used_again(log: Log, *, spec: IntegrationSpec) -> None:
    text = f"{spec.name}: this turn was interrupted after the call; it is not sent again, its answer is used."
    log("notice", text, detail={"integration": spec.name})


def transform(log: Log, *, spec: IntegrationSpec, outcome: ScriptOutcome, message: str) -> None:
    """Log the run of the Transform Result Script and the names of the variables that it set."""
    detail = {"integration": spec.name, "ms": round(outcome.duration_ms, 1)}
    if outcome.error is None:
        text = f"{spec.name}: the Transform Result Script ran, {outcome.duration_ms:.0f} ms."
        log("script", text, detail=detail)
    else:
        place = {"line": outcome.error.line, "column": outcome.error.column, "kind": outcome.error.kind}
        log("script", f"{spec.name}: {message}", error=True, detail=detail | place)
    for operation in outcome.operations:
        if operation.get("op") == "set":
            name, where = str(operation.get("name")), str(operation.get("scope"))
            log("set", f"Set {name} ({where}).", detail={"variable": name, "scope": where})


def persistent(log: Log, *, spec: IntegrationSpec) -> None:
    """One line for a script that asks for `persistForever`; `once` lets the turn keep it to one line a bot."""
    log("notice", PERSISTENT, detail={"integration": spec.name, "once": "persistForever"})


def fields(log: Log, *, spec: IntegrationSpec, results: Iterable[FieldResult]) -> None:
    for result in results:
        name = f"{spec.name}.{result.name}"
        values = "1 value" if result.count == 1 else f"{result.count} values"
        text = f"Field {name}: {result.problem or f'{values}.'}"
        log("field", text, detail={"field": name, "count": result.count, "found": result.found})
