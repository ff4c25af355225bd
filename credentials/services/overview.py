"""All credentials of an organization as one needs them at three in the morning: what needs attention comes first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from credentials.models import Credential, Organization
from credentials.services import health, lastcalls, uses, vault

_ORDER = {"bad": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True, slots=True)
class Row:
    """last: the latest call of any integration with it, as far as Redis knows."""

    credential: Credential
    type: str
    health: health.Health
    uses: int
    last: lastcalls.LastCall | None


def of(organization: Organization) -> list[Row]:
    """Return the credentials with how they are, the worst first, then by name."""
    credentials = list(vault.administered(organization))
    calls = lastcalls.of(str(each.key) for each in credentials)
    used = uses.counts(organization)
    rows = [_row(each, calls.get(str(each.key), {}), used.get(each.pk, 0)) for each in credentials]
    return sorted(rows, key=lambda row: (_ORDER[row.health.level], row.credential.name.casefold()))


def attention(rows: list[Row]) -> list[Row]:
    """Return those that somebody should look at."""
    return [row for row in rows if row.health.level != "ok"]


def _row(credential: Credential, calls: dict[str, lastcalls.LastCall], used: int) -> Row:
    last = max(calls.values(), key=lambda call: call.at, default=None)
    return Row(credential, vault.type_label(credential), judged(credential, last=last), used, last)


def judged(credential: Credential, *, last: lastcalls.LastCall | None) -> health.Health:
    """Return how it is by what is stored and, where that finds no fault, by how its latest call ended.

    A call of before the latest change, or the latest refresh, tells nothing of how it is now.
    """
    found = health.of(credential)
    changed = max(filter(None, (credential.updated_at, found.refreshed_at)))
    if found.level != "ok" or credential.replaced_by or last is None or not last.refused or last.moment < changed:
        return found
    if last.failure == "credential":
        text, why = "Not usable at the last call", "The latest call with it failed before it was sent."
        return replace(
            found, text=text, level="bad", detail=f"{why} Test it to see why.", remedy=found.remedy or "edit"
        )
    text, why = "Refused by the API", f"The API answered {last.status} to the latest call with it."
    detail = f"{why} Test it; it may have been changed there."
    return replace(found, text=text, level="warn", detail=detail, remedy=found.remedy or "edit")
