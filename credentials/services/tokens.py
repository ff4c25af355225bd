"""Keeps the tokens of a credential: sealed, in generations. Knows no authorization server.

A generation is the fence: tokens are stored only by whoever started from the generation that is still stored. So a
worker that stood still while another one renewed cannot put old tokens back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from credentials import wire
from credentials.models import Credential
from credentials.net import oauth
from credentials.services import sealing

MARGIN_SECONDS = 60.0  # renewed this long before the end, short-lived ones after nine tenths of their life


@dataclass(frozen=True, slots=True)
class Tokens:
    """One generation. Times are seconds since 1970; `ends_at` None: the server does not say.

    hops: what was asked to get them, for whoever asked; it is not stored.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    obtained_at: float
    ends_at: float | None
    generation: int = 0
    hops: tuple[wire.Hop, ...] = ()

    def ended(self, now: float) -> bool:
        return self.ends_at is not None and now >= self.ends_at

    def ends_soon(self, now: float) -> bool:
        if self.ends_at is None:
            return False
        return now >= self.ends_at - min(MARGIN_SECONDS, (self.ends_at - self.obtained_at) / 10)


def from_answer(answer: oauth.Answer, *, kept_refresh_token: str = "") -> Tokens:
    """Return what the server gave; where it gave no refresh token, the one that we have stays."""
    ends_at = answer.asked_at + answer.lasts if answer.lasts else None
    return Tokens(answer.access_token, answer.refresh_token or kept_refresh_token, answer.asked_at, ends_at)


def unsealed(ciphertext: str, *, key: str, organization_id: int, generation: int) -> Tokens | None:
    """Return the tokens that a row holds, None when it holds none; raises sealing.SealBroken."""
    values = sealing.unseal(ciphertext, key=key, organization_id=organization_id, purpose=sealing.TOKENS)
    return from_texts(values, generation=generation) if values else None


def of(credential: Credential) -> Tokens | None:
    """Return the credential's tokens, None when it has none; raises sealing.SealBroken."""
    return unsealed(
        str(credential.tokens),
        key=str(credential.key),
        organization_id=credential.organization_id,
        generation=generation(credential),
    )


def generation(credential: Credential) -> int:
    return int(credential.token_state.get("generation", 0))


def as_texts(tokens: Tokens) -> dict[str, str]:
    """Return the tokens as an envelope holds them."""
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "obtained_at": repr(tokens.obtained_at),
        "ends_at": "" if tokens.ends_at is None else repr(tokens.ends_at),
    }


def from_texts(values: dict[str, str], *, generation: int) -> Tokens:
    """The way back of `as_texts`."""
    ends_at = float(values["ends_at"]) if values["ends_at"] else None
    return Tokens(values["access_token"], values["refresh_token"], float(values["obtained_at"]), ends_at, generation)


@transaction.atomic
def store(pk: int, *, tokens: Tokens, started_from: int | None, authorized: bool = False) -> bool:
    """Store the next generation; False when another one was stored since `started_from` (None: whatever is there)."""
    credential = Credential.objects.select_for_update().get(pk=pk)
    if started_from is not None and generation(credential) != started_from:
        return False
    moment = _iso(tokens.obtained_at)
    credential.token_state = {
        "generation": generation(credential) + 1,
        "authorized_at": moment if authorized else credential.token_state.get("authorized_at", moment),
        "obtained_at": moment,
        "ends_at": "" if tokens.ends_at is None else _iso(tokens.ends_at),
        "refreshable": bool(tokens.refresh_token),
    }
    sealing.seal_tokens(credential, tokens=as_texts(tokens))
    credential.save(update_fields=["tokens", "token_state"])
    return True


@transaction.atomic
def note_failure(pk: int, *, started_from: int, kind: oauth.Kind, message: str) -> bool:
    """Mark that no new tokens came; says whether this is news. Nothing is marked once another generation is there."""
    credential = Credential.objects.select_for_update().get(pk=pk)
    if generation(credential) != started_from:
        return False
    news = not credential.token_state.get("failure")
    credential.token_state |= {"failure": message, "failure_kind": kind, "failed_at": _iso(time.time())}
    credential.save(update_fields=["token_state"])
    return news


def without_failure(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state as if the last question had not failed: something was changed since. The generation stays."""
    return {name: value for name, value in state.items() if not name.startswith("fail")}


def dropped(state: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a credential whose tokens are no longer its own."""
    return {"generation": int(state.get("generation", 0)) + 1}


def moment(text: str) -> datetime | None:
    """Return a stored moment."""
    return datetime.fromisoformat(text) if text else None


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
