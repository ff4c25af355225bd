"""Tests a credential by calling a URL that the administrator gives, through the same door as every call."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from credentials import egress, wire
from credentials.models import Credential
from credentials.services import audit, health, policies, refresh, use

SECONDS = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test call. `message` is a sentence; nothing of the answer's body is kept."""

    ok: bool
    message: str
    hops: tuple[wire.Hop, ...] = ()


def call(credential: Credential, *, actor: Any, url: str, send: wire.Send = egress.send) -> Trial:
    """Call the URL once with the credential and say what came of it."""
    audit.of_credential(credential, actor=actor, action="tested")
    try:
        signer = use.signer_for(str(credential.key), organization_id=credential.organization_id)
        answer = send(
            wire.Outgoing("GET", url, (("Accept", "*/*"),)),
            policies.policy_for(credential.organization_id),
            signer,
            wire.SendOptions(deadline=time.monotonic() + SECONDS),
        )
    except wire.CallError as error:
        return Trial(False, error.message, error.hops)
    return Trial(answer.status < 400, _verdict(answer), answer.hops)


def token(credential: Credential, *, actor: Any) -> Trial:
    """Fetch a token from the authorization server now and say what came of it."""
    audit.of_credential(credential, actor=actor, action="tested")
    try:
        fresh = refresh.forced(str(credential.key))
    except wire.CallError as error:
        return Trial(False, error.message)
    finally:
        use.forget()
    if fresh.ends_at is None:
        return Trial(True, "The authorization server gave a token. It does not say when the token ends.")
    minutes = max(1, round((fresh.ends_at - fresh.obtained_at) / 60))
    return Trial(True, f"The authorization server gave a token that lasts {minutes} min.")


def key_store(credential: Credential, *, actor: Any) -> Trial:
    """Open the stored key store and say whose certificate it holds."""
    audit.of_credential(credential, actor=actor, action="tested")
    try:
        signer = use.signer_for(str(credential.key), organization_id=credential.organization_id)
        if isinstance(signer, wire.Certified):
            signer.context()
    except wire.CallError as error:
        return Trial(False, error.message)
    return Trial(True, f"The key store opens. {health.of(credential).detail}")


def _verdict(answer: wire.Incoming) -> str:
    if answer.status < 400:
        return f"The API answered {answer.status}: it takes the credential, or does not ask for one at this URL."
    if answer.status in (401, 403):
        return f"The API answered {answer.status}: it refuses the credential. Check the values and what they allow."
    if answer.status < 500:
        return f"The API answered {answer.status}. The credential may be right; check the URL."
    return f"The API answered {answer.status}: it has a fault of its own. Try again later."
