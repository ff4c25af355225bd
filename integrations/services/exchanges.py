"""Send a built request until it is answered or given up: credential, attempts, waits, and what of it may be shown.

Knows neither variables nor scripts. A failed call never raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import structs

from credentials import masking, wire
from integrations.engine import call, outcome, responses, retries
from integrations.engine.outcome import Attempt, FailureKind, OutgoingRequest, ReceivedResponse, SentRequest
from integrations.engine.spec import IntegrationSpec
from integrations.services.wiring import CallContext, Edge

LONGEST_TIMEOUT = 60
MOST_RETRIES = 3
SHORTEST_ATTEMPT = 0.05  # seconds; with less left, another attempt is pointless
CERTAIN_LENGTH = 8  # a shorter secret may stand in an answer by chance, and variables must be what the API said
SLICE = 0.2  # how often a wait looks whether it was cancelled


_Result = wire.Incoming | wire.CallError


class Exchange(msgspec.Struct, frozen=True):
    """The end of all attempts. `body` is the text for the variables, `response` is masked and may be shown."""

    kind: FailureKind = ""
    message: str = ""
    body: str = ""
    response: ReceivedResponse | None = None
    sent: SentRequest = SentRequest()
    attempts: tuple[Attempt, ...] = ()
    arrived: bool = False  # the request may have had its effect

    @property
    def status(self) -> int:
        return self.response.status if self.response else 0

    @property
    def tries(self) -> int:
        return outcome.tries(self.attempts)


def run(request: OutgoingRequest, *, spec: IntegrationSpec, edge: Edge, context: CallContext) -> Exchange:
    """Make the call, again where it makes sense, inside the integration's timeout."""
    try:
        signer = edge.signer_for(spec.credential) if spec.credential else None
    except wire.CallError as error:
        asked = tuple(_token_calls(error.hops, context))
        return Exchange(error.kind, error.message, sent=_shown(_outgoing(request, context), ()), attempts=asked)
    seconds = min(max(spec.timeout_seconds, 1), LONGEST_TIMEOUT)
    options = wire.SendOptions(edge.clock() + seconds, spec.follow_redirects, cancelled=edge.cancelled)
    most = min(max(spec.retries, 0), MOST_RETRIES)
    calling = _Calling(edge, context, signer, options, credential=spec.credential, retries=most)
    calling.asked(signer)
    return calling.run(_outgoing(request, context))


def _outgoing(request: OutgoingRequest, context: CallContext) -> wire.Outgoing:
    """A method that is not idempotent carries a key, the same in every attempt, unless the author sends one."""
    headers = request.headers
    if request.method in retries.NOT_IDEMPOTENT and not call.header(headers, name="Idempotency-Key"):
        headers = (*headers, ("Idempotency-Key", context.idempotency_key()))
    return wire.Outgoing(request.method, request.url, headers, request.body)


class _Calling(msgspec.Struct):
    """One call from its first attempt to its last."""

    edge: Edge
    context: CallContext
    signer: wire.Signer | None
    options: wire.SendOptions
    credential: str | None
    retries: int
    renewed: bool = False
    attempts: list[Attempt] = msgspec.field(default_factory=list)
    arrived: bool = False

    def run(self, request: wire.Outgoing) -> Exchange:
        number, waited = 1, 0.0
        while True:
            result = self._renewed(self._try(request, number, waited))
            pause = 0.0 if result is None else self._pause(request.method, result, number)
            if result is not None and (pause is None or not self._wait(pause)):
                return self._exchange(request, result)
            number, waited = number + 1, pause or 0.0

    def asked(self, signer: object) -> None:
        """Note what was asked for the signer's tokens."""
        hops = getattr(signer, "token_hops", ())  # of a wire.Renewed: to ask a protocol takes 20 times as long
        if hops:
            self.attempts.extend(_token_calls(hops, self.context))

    def _renewed(self, result: _Result) -> _Result | None:
        """Answer None when a refused credential could be renewed: then the call is made again, once and at once."""
        if isinstance(result, wire.CallError) or not self.edge.refused(self.signer, result):
            return result
        if self.renewed or self.credential is None or self.signer is None:
            return result
        self.renewed = True
        try:
            signer = self.edge.renewed_signer_for(self.credential, self.signer)
        except wire.CallError as error:
            self.attempts.extend(_token_calls(error.hops, self.context))
            return error
        if signer is None:
            return result
        self.asked(signer)
        self.signer, self.retries = signer, self.retries + 1
        return None

    def _try(self, request: wire.Outgoing, number: int, waited: float) -> _Result:
        result: _Result
        try:
            result = self.edge.send(request, self.edge.policy, self.signer, self.options)
        except wire.CallError as error:
            result = error
        self.arrived = self.arrived or isinstance(result, wire.Incoming) or any(hop.connected for hop in result.hops)
        for attempt in _attempts(request, result, number, waited):
            self.attempts.append(attempt)
            self.context.on_attempt(attempt)
        return result

    def _pause(self, method: str, result: _Result, number: int) -> float | None:
        """Return how long to wait before the next attempt, None when there is to be none."""
        if number > self.retries or not _may_change(method, result):
            return None
        asked = None
        if isinstance(result, wire.Incoming):
            asked = retries.asked_pause(result.headers, now=self.edge.now())
        pause = retries.pause(number, jitter=self.edge.jitter()) if asked is None else asked
        left = self.options.deadline - self.edge.clock()
        return pause if pause + SHORTEST_ATTEMPT < left else None

    def _wait(self, seconds: float) -> bool:
        """Wait; answers False when the call was cancelled meanwhile."""
        while seconds > 0 and not self.edge.cancelled():
            self.edge.sleep(min(seconds, SLICE))
            seconds -= SLICE
        return not self.edge.cancelled()

    def _exchange(self, request: wire.Outgoing, result: _Result) -> Exchange:
        secrets = masking.prepared(self.signer.secrets if self.signer else ())
        certain = tuple(secret for secret in secrets if len(secret) >= CERTAIN_LENGTH)
        so_far = Exchange(
            sent=_shown(result.sent or request, secrets), attempts=tuple(self.attempts), arrived=self.arrived
        )
        if isinstance(result, wire.CallError):
            return structs.replace(so_far, kind=result.kind, message=_tried(result.message, so_far.tries))
        body = responses.text(result.body, headers=result.headers)
        shown = masking.text(body, secrets)
        response = ReceivedResponse(
            status=result.status,
            headers=masking.headers(result.headers, secrets),
            body=shown,
            size=len(result.body),
        )
        kept = shown if secrets == certain else masking.text(body, certain)
        answered = structs.replace(so_far, body=kept, response=response)
        if responses.is_success(result.status):
            return answered
        return structs.replace(answered, kind="http", message=_tried(responses.complaint(result.status), so_far.tries))


def _may_change(method: str, result: _Result) -> bool:
    """Tell whether the same call may end better when it is made again."""
    if isinstance(result, wire.Incoming):
        return retries.after_status(method, status=result.status, headers=result.headers)
    lost = result.kind == "network" and not result.permanent
    return lost and retries.after_network_error(method, connected=result.connected)


def _tried(message: str, tries: int) -> str:
    return f"{message} It was tried {tries} times." if tries > 1 else message


def _attempts(request: wire.Outgoing, result: _Result, number: int, waited: float) -> Iterator[Attempt]:
    """Yield one attempt for every hop; one without times where not even a connection was tried."""
    message = result.message if isinstance(result, wire.CallError) else ""
    hops = result.hops or (wire.Hop(request.method, masking.without_query(request.url)),)
    for place, hop in enumerate(hops):
        error = message if place == len(hops) - 1 else ""
        yield _attempt(hop, number=number, error=error, wait_before_ms=0.0 if place else round(waited * 1000, 1))


def _token_calls(hops: Sequence[wire.Hop], context: CallContext) -> Iterator[Attempt]:
    """Yield what was asked of the authorization server, and tell whoever waits for the call."""
    for hop in hops:
        attempt = _attempt(hop, purpose="token")
        context.on_attempt(attempt)
        yield attempt


def _attempt(
    hop: wire.Hop,
    *,
    number: int = 0,
    error: str = "",
    wait_before_ms: float = 0.0,
    purpose: Literal["call", "token"] = "call",
) -> Attempt:
    return Attempt(
        number=number,
        method=hop.method,
        url=hop.url,
        status=hop.status,
        error=error,
        address=hop.address,
        dns_ms=hop.dns_ms,
        connect_ms=hop.connect_ms,
        tls_ms=hop.tls_ms,
        first_byte_ms=hop.first_byte_ms,
        total_ms=hop.total_ms,
        wait_before_ms=wait_before_ms,
        redirected_to=hop.redirected_to,
        purpose=purpose,
    )


def _shown(request: wire.Outgoing, secrets: Sequence[str]) -> SentRequest:
    masked = masking.request(request, secrets)
    body = (masked.body or b"").decode("utf-8", "replace")
    return SentRequest(masked.method, masked.url, masked.headers, body)
