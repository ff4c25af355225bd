"""The egress policy of an organization as data, cached so that a call needs no SQL.

Another process's change is seen after at most TTL_SECONDS; this process's own at once.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.db.models import Q

from credentials import wire
from credentials.models import EgressRule, Organization

TTL_SECONDS = 10.0

_cache: dict[int, tuple[float, wire.Policy]] = {}


def policy_for(organization_id: int) -> wire.Policy:
    """Return what calls of the organization may reach. An organization that is gone reaches nothing."""
    kept = _cache.get(organization_id)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    policy = _read(organization_id)
    _cache[organization_id] = (time.monotonic() + TTL_SECONDS, policy)
    return policy


def forget() -> None:
    """Drop every cached policy; called after a change, since a rule may concern all organizations."""
    _cache.clear()


def _read(organization_id: int) -> wire.Policy:
    strict = Organization.objects.filter(pk=organization_id).values_list("allow_list_only", flat=True).first()
    if strict is None:
        return wire.Policy(allow_list_only=True)
    rules = EgressRule.objects.filter(Q(organization=organization_id) | Q(organization=None))
    return wire.Policy(
        allowed=tuple(wire.Destination(*row) for row in rules.values_list("destination", "port")),
        allow_list_only=strict,
        loopback=settings.EGRESS_ALLOW_LOOPBACK,
    )
