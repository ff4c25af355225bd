"""What the calls of a preview were answered: kept in Redis for the session's life, so that a test can be made of it.

Secrets of credentials are masked before anything is kept. Conversations of published versions keep nothing.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from redis.exceptions import RedisError

from bots.runtime import keys, scripts
from bots.runtime.leases import Claim
from config import redis
from credentials import masking, wire
from integrations.engine import responses

MOST_CALLS = 500
MOST_BYTES = 4 * 1024 * 1024
LONGEST_BODY = 512 * 1024
KEPT_HEADERS = frozenset({"content-type", "retry-after"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as the bot asked for it, before a credential was added, and how it was answered.

    kind: the kind of failure where there was no answer. cut: the body was too large to be kept.
    """

    turn: int
    attempt: int
    method: str
    url: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    kind: str = ""
    cut: bool = False


def recording(send: wire.Send, *, claim: Claim) -> wire.Send:
    """Return the way to send requests that keeps what comes back."""

    def send_and_keep(
        request: wire.Outgoing, policy: wire.Policy, signer: wire.Signer | None, options: wire.SendOptions
    ) -> wire.Incoming:
        secrets = signer.secrets if signer else ()
        url = masking.text(request.url, secrets)
        asked = Exchange(claim.turn, claim.attempts, request.method, url)
        try:
            answer = send(request, policy, signer, options)
        except wire.CallError as error:
            _keep(claim, replace(asked, kind=error.kind))
            raise
        _keep(claim, _answered(asked, answer, secrets))
        return answer

    return send_and_keep


def read(conversation: str) -> list[Exchange]:
    """Return the exchanges in their order; of a turn that was run again, those that its last attempt made anew
    replace those before."""
    stored: Any = redis.client().lrange(keys.part(conversation, "calls"), 0, -1)
    found = [_decoded(json.loads(each)) for each in stored]
    latest: dict[tuple[int, str, str], int] = {}
    for each in found:
        place = (each.turn, each.method, each.url)
        latest[place] = max(latest.get(place, 0), each.attempt)
    return [each for each in found if latest[each.turn, each.method, each.url] == each.attempt]


def _answered(asked: Exchange, answer: wire.Incoming, secrets: tuple[str, ...]) -> Exchange:
    headers = tuple(pair for pair in answer.headers if pair[0].lower() in KEPT_HEADERS)
    if len(answer.body) > LONGEST_BODY:
        return replace(asked, status=answer.status, headers=headers, cut=True)
    body = masking.text(responses.text(answer.body, headers=answer.headers), secrets)
    return replace(asked, status=answer.status, headers=headers, body=body)


def _keep(claim: Claim, exchange: Exchange) -> None:
    whole, cut = json.dumps(asdict(exchange)), json.dumps(asdict(replace(exchange, body="", cut=True)))
    arguments = (claim.conversation, claim.owner, whole, cut, MOST_BYTES, MOST_CALLS)
    with contextlib.suppress(RedisError):  # the call was made; only a test of it will miss its answer
        scripts.run("record", claim.shard, *arguments)


def _decoded(data: dict[str, Any]) -> Exchange:
    headers = tuple((name, value) for name, value in data.pop("headers"))
    return Exchange(**data, headers=headers)
