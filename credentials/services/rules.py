"""Egress rules: destinations that calls may reach although their address is not public."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from credentials import wire
from credentials.models import EgressRule, Organization
from credentials.net import addresses, urls
from credentials.services import audit, policies

WIDEST_PREFIX = 8


class RuleRefused(Exception):
    """The rule cannot be kept; the sentence says why and what to write instead."""


def listed(organization: Organization) -> QuerySet[EgressRule]:
    """Return the organization's own rules."""
    return EgressRule.objects.filter(organization=organization)


def for_everyone() -> QuerySet[EgressRule]:
    """Return the rules of the whole installation, kept in the back office."""
    return EgressRule.objects.filter(organization=None)


@transaction.atomic
def add(
    organization: Organization | None, *, actor: Any, destination: str, port: int | None, note: str = ""
) -> EgressRule:
    """Allow a destination, for one organization or for all (None); raises RuleRefused."""
    spelled = normalized(destination)
    if EgressRule.objects.filter(organization=organization, destination=spelled, port=port).exists():
        raise RuleRefused(f"There is a rule for {spelled} on this port already.")
    rule = EgressRule.objects.create(organization=organization, destination=spelled, port=port, note=note)
    audit.record(organization, actor=actor, action="egress.rule_added", subject=str(rule))
    transaction.on_commit(policies.forget)
    return rule


@transaction.atomic
def change(rule: EgressRule, *, actor: Any, destination: str, port: int | None, note: str) -> EgressRule:
    """Change a rule; raises RuleRefused."""
    before = str(rule)
    rule.destination, rule.port, rule.note = normalized(destination), port, note
    rule.save()
    if str(rule) != before:
        audit.record(rule.organization, actor=actor, action="egress.rule_removed", subject=before)
        audit.record(rule.organization, actor=actor, action="egress.rule_added", subject=str(rule))
    transaction.on_commit(policies.forget)
    return rule


@transaction.atomic
def remove(rule: EgressRule, *, actor: Any) -> None:
    """Take an allowance back; calls that run keep running, new ones are refused."""
    audit.record(rule.organization, actor=actor, action="egress.rule_removed", subject=str(rule))
    rule.delete()
    transaction.on_commit(policies.forget)


def normalized(destination: str) -> str:
    """Return a host name, address or network in its one spelling; raises RuleRefused."""
    text = destination.strip()
    network = addresses.as_network(text)
    if network is not None:
        _refuse_wide_or_closed(network)
        return str(network.network_address) if network.num_addresses == 1 else str(network)
    try:
        return urls.host(text)
    except wire.CallError as error:
        raise RuleRefused(
            f"{text or 'Nothing'} is no host name, address or network. Write for example api.internal, 10.0.0.5 or "
            "10.1.0.0/16; the port has a field of its own."
        ) from error


def _refuse_wide_or_closed(network: addresses.Network) -> None:
    if network.prefixlen < WIDEST_PREFIX:
        raise RuleRefused(f"{network} is too wide. Name the networks that are meant, of /{WIDEST_PREFIX} or narrower.")
    if addresses.is_closed(network):
        raise RuleRefused(
            f"{network} is never opened: link-local, multicast and metadata addresses stay closed to every rule."
        )
