"""The report of a test run: a call's outcome as plain texts, ready to be shown, every secret already masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.engine.json_values import Json, dumps, is_response, loads, to_text
from integrations.engine.outcome import Attempt, CallOutcome, FieldResult, ReceivedResponse, SentRequest
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec

LONGEST_VALUE = 64 * 1024

KINDS = {
    "request": "The request could not be built",
    "egress": "Blocked by the egress policy",
    "credential": "The credential could not be used",
    "network": "The server could not be reached",
    "timeout": "The call took too long",
    "http": "The server answered with an error",
    "too_large": "The response is too large",
    "transform": "The transform script failed",
}


@dataclass(frozen=True, slots=True)
class ShownField:
    name: str
    value: str
    count: int
    found: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShownVariable:
    """A session variable; `change` is "", added, changed or removed."""

    name: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of the run's log; the code is that of a bot log line."""

    text: str
    code: str = ""
    error: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    ok: bool
    status: int
    kind: str
    message: str
    duration_ms: float
    transform_ms: float = 0.0
    attempts: tuple[Attempt, ...] = ()
    sent: SentRequest | None = None
    response: ReceivedResponse | None = None
    transformed: str = ""
    fields: tuple[ShownField, ...] = ()
    variables: tuple[ShownVariable, ...] = ()
    log: tuple[ShownLine, ...] = ()

    @property
    def shown_body(self) -> str:
        """What the fields read: the document that the transform left, else the body as received."""
        return self.transformed or (self.response.body if self.response else "")

    @property
    def errors(self) -> int:
        return sum(line.error for line in self.log)

    @property
    def headline(self) -> str:
        """How it ended in a few words: `200 in 120 ms`, or what kind of failure."""
        if self.ok:
            return f"{self.status} in {self.duration_ms:.0f} ms" if self.attempts else "Transform and fields ran"
        if self.kind == "http":
            return f"HTTP {self.status}"
        return KINDS.get(self.kind, "Cancelled")


def variables(before: Mapping[str, Json], *, after: Mapping[str, Json]) -> tuple[ShownVariable, ...]:
    """Compare the session before and after, by name, what changed first."""
    shown = [_variable(name, before, after) for name in sorted({*before, *after}, key=str.lower)]
    return tuple(sorted(shown, key=lambda each: not each.change))


def _variable(name: str, before: Mapping[str, Json], after: Mapping[str, Json]) -> ShownVariable:
    if name not in before:
        return ShownVariable(name, "", shown(after[name]), "added")
    if name not in after:
        return ShownVariable(name, shown(before[name]), "", "removed")
    same = dumps(before[name]) == dumps(after[name])
    return ShownVariable(name, shown(before[name]), shown(after[name]), "" if same else "changed")


def shown(value: Json) -> str:
    """A value as text, cut where it is too long for a page."""
    text = to_text(value) if is_response(value) or not isinstance(value, list | dict) else dumps(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} … ({len(text):,} characters)"


def fields(results: tuple[FieldResult, ...]) -> tuple[ShownField, ...]:
    return tuple(ShownField(each.name, shown(each.value), each.count, each.found, _explained(each)) for each in results)


def _explained(result: FieldResult) -> str:
    if result.problem or result.found:
        return result.problem
    return "The path leads nowhere in this response. Compare it with the tree under Pretty."


def of(
    outcome: CallOutcome,
    *,
    before: Mapping[str, Json],
    scope: Scope,
    definition: IntegrationSpec,
    log: tuple[ShownLine, ...],
) -> Report:
    """Make the report of a call, or of a transform alone."""
    document = scope.get(definition.response_name)
    return Report(
        ok=outcome.ok,
        status=outcome.status,
        kind=outcome.kind,
        message=outcome.message,
        duration_ms=outcome.duration_ms,
        transform_ms=outcome.transform_ms,
        attempts=outcome.attempts,
        sent=outcome.sent,
        response=outcome.response,
        transformed=_body(document, definition) if definition.transform_script.strip() else "",
        fields=fields(outcome.fields),
        variables=variables(before, after={**scope.session, **scope.request}),
        log=log,
    )


def failed(message: str) -> Report:
    """The report of a run that came to nothing."""
    return Report(ok=False, status=0, kind="", message=message, duration_ms=0.0)


def _body(document: Json, definition: IntegrationSpec) -> str:
    """The body inside `{"api_<Var>": BODY}` as the script left it; the whole text when it has another shape."""
    if not is_response(document):
        return ""
    text = str(document["jsonData"])
    try:
        parsed = loads(text)
    except ValueError:
        return text
    if isinstance(parsed, dict) and parsed.keys() == {definition.response_name}:
        return dumps(parsed[definition.response_name])
    return text
