"""How a credential is, in a few words: whether calls can use it, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils import formats, timezone

from credentials import kinds
from credentials.models import Credential
from credentials.services import tokens

Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Health:
    """`text` fits into a badge; `detail` is a sentence that says more, for administrators only."""

    text: str
    level: Level
    detail: str = ""


def of(credential: Credential) -> Health:
    """Return how the credential is; needs no secret."""
    kind = kinds.named(credential.kind)
    if credential.disabled:
        return Health("Disabled", "warn")
    if kind is None:
        return Health("Unknown type", "bad")
    known = credential.public | credential.secrets_set_at
    missing = [one.label for one in kind.fields if one.required and not known.get(one.name)]
    if missing:
        return Health(f"{missing[0]} is missing", "bad")
    return _granted(credential, kind.grant) if kind.grant else Health("Ready", "ok")


def _granted(credential: Credential, grant: kinds.Grant) -> Health:
    state = credential.token_state
    if state.get("failure"):
        return Health(_failed(state["failure_kind"], grant), "bad", state["failure"])
    if not state.get("obtained_at"):
        if grant.interactive:
            return Health("Not authorized", "warn", "Calls fail until somebody authorizes it.")
        return Health("Ready", "ok", "The first call fetches a token.")
    ends_at = tokens.moment(state.get("ends_at", ""))
    if ends_at is None:
        return Health("Authorized", "ok", "The server does not say when the token ends: it is renewed when refused.")
    if ends_at > timezone.now():
        return Health(f"Authorized, access token ends at {formats.date_format(ends_at, 'j M Y, H:i')}", "ok")
    if grant.interactive and not state.get("refreshable"):
        return Health("Authorization ended: reauthorize", "bad", "The server gave no token to refresh it with.")
    return Health("Authorized", "ok", "The access token has ended; the next call fetches a new one.")


def _failed(failure_kind: str, grant: kinds.Grant) -> str:
    if failure_kind == "temporary":
        return "Refreshing failed: tried again soon"
    return "Refreshing failed: reauthorize" if grant.interactive else "Fetching a token failed"
