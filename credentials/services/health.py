"""How a credential is, in a few words: whether calls can use it, until when, and what to do where they cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from django.utils import formats, timezone

from credentials import kinds
from credentials.models import Credential
from credentials.services import tokens

# What ends, by the name of the fact, and how it is called.
_ENDS = {"certificate_ends_at": "Certificate", "trust_ends_at": "Trust certificate"}
WARNED_BEFORE = timedelta(days=30)
Level = Literal["ok", "warn", "bad"]
# What mends it: to sign in and consent, to ask for a token, to enable it, or to enter something else.
Remedy = Literal["", "authorize", "fetch", "enable", "edit"]


@dataclass(frozen=True, slots=True)
class Health:
    """`text` fits into a badge; `detail` is a sentence that says more, for administrators only.

    refreshed_at: when the tokens came. ends_at: when the next thing ends, a token or a certificate. failed_at: when
    new tokens were last asked for in vain.
    """

    text: str
    level: Level
    detail: str = ""
    remedy: Remedy = ""
    refreshed_at: datetime | None = None
    ends_at: datetime | None = None
    failed_at: datetime | None = None


def of(credential: Credential) -> Health:
    """Return how the credential is; needs no secret."""
    state = credential.token_state
    return replace(
        _judged(credential),
        refreshed_at=tokens.moment(state.get("obtained_at", "")),
        failed_at=tokens.moment(state.get("failed_at", "")),
        ends_at=tokens.moment(state.get("ends_at", "")) or _first_end(credential.public)[1],
    )


def _judged(credential: Credential) -> Health:
    kind = kinds.named(credential.kind)
    if credential.replaced_by:
        return Health("Replaced", "ok", f"Whatever still names it gets {credential.replaced_by.name} instead.")
    if credential.disabled:
        return Health("Disabled", "warn", "Calls fail until an administrator enables it.", "enable")
    if kind is None:
        return Health("Unknown type", "bad", "This version of Parley does not know its type: calls fail.")
    known = credential.public | credential.secrets_set_at
    missing = [one.label for one in kind.fields if one.required and not known.get(one.name)]
    if missing:
        return Health(f"{missing[0]} is missing", "bad", "Calls fail until it is entered.", "edit")
    if kind.grant:
        return _granted(credential, kind.grant)
    return _certified(credential.public) if kind.context else Health("Ready", "ok")


def _first_end(facts: dict[str, str]) -> tuple[str, datetime | None]:
    """What of its certificates ends first, and when."""
    ends = [(datetime.fromisoformat(facts[name]), label) for name, label in _ENDS.items() if facts.get(name)]
    moment, label = min(ends, default=(None, ""))
    return label, moment


def _certified(facts: dict[str, str]) -> Health:
    """By the first of its certificates that ends."""
    what, first = _first_end(facts)
    if first is None:
        return Health("Ready", "ok")
    now, day = timezone.now(), formats.date_format(first, "j M Y")
    detail = f"The certificate of {facts['certificate_of']}, issued by {facts['certificate_by']}."
    if first <= now:
        return Health(f"{what} ended on {day}", "bad", f"{detail} Calls fail: upload a new one.", "edit")
    if first - now < WARNED_BEFORE:
        return Health(f"{what} ends on {day}", "warn", f"{detail} Upload a new one before.", "edit")
    return Health(f"Ready, {what.lower()} ends on {day}", "ok", detail)


def _granted(credential: Credential, grant: kinds.Grant) -> Health:
    state = credential.token_state
    mend: Remedy = "authorize" if grant.interactive else "fetch"
    if state.get("failure"):
        return Health(*_failed(state["failure_kind"], grant), state["failure"], _remedy(state["failure_kind"], mend))
    if not state.get("obtained_at"):
        if grant.interactive:
            return Health("Not authorized", "warn", "Calls fail until somebody authorizes it.", mend)
        return Health("Ready", "ok", "The first call fetches a token.")
    ends_at = tokens.moment(state.get("ends_at", ""))
    if ends_at is None:
        return Health("Authorized", "ok", "The server does not say when the token ends: it is renewed when refused.")
    if ends_at > timezone.now():
        return Health(f"Authorized, access token ends at {formats.date_format(ends_at, 'j M Y, H:i')}", "ok")
    if grant.interactive and not state.get("refreshable"):
        return Health("Authorization ended: reauthorize", "bad", "The server gave no token to refresh it with.", mend)
    return Health("Authorized", "ok", "The access token has ended; the next call fetches a new one.")


def _failed(failure_kind: str, grant: kinds.Grant) -> tuple[str, Level]:
    if failure_kind == "temporary":
        return "Refreshing failed: tried again soon", "bad"
    return ("Refreshing failed: reauthorize" if grant.interactive else "Fetching a token failed"), "bad"


def _remedy(failure_kind: str, mend: Remedy) -> Remedy:
    """A server that is down needs no new consent: asking again now is what helps."""
    return "fetch" if failure_kind == "temporary" else mend
