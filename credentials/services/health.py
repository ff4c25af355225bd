"""How a credential is, in a few words: whether calls can use it, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils import formats, timezone

from credentials import kinds
from credentials.models import Credential
from credentials.services import tokens

_ENDS = ("certificate_ends_at", "trust_ends_at")
WARNED_BEFORE = timedelta(days=30)
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
    if kind.grant:
        return _granted(credential, kind.grant)
    return _certified(credential.public) if kind.context else Health("Ready", "ok")


def _certified(facts: dict[str, str]) -> Health:
    """By the first of its certificates that ends."""
    ends = [datetime.fromisoformat(facts[name]) for name in _ENDS if facts.get(name)]
    if not ends:
        return Health("Ready", "ok")
    first, now = min(ends), timezone.now()
    day = formats.date_format(first, "j M Y")
    detail = f"The certificate of {facts['certificate_of']}, issued by {facts['certificate_by']}."
    if first <= now:
        return Health(f"Certificate ended on {day}", "bad", f"{detail} Calls fail: upload a new one.")
    if first - now < WARNED_BEFORE:
        return Health(f"Certificate ends on {day}", "warn", f"{detail} Upload a new one before.")
    return Health(f"Ready, certificate ends on {day}", "ok", detail)


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
