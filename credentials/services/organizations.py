"""Organizations: which of them a request is about, and how they come to be."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from credentials.models import Membership, Organization, Role
from credentials.services import audit, policies

SESSION_KEY = "organization"


class NoOrganization(PermissionDenied):
    """The user is a member of no organization."""


def memberships(request: HttpRequest) -> list[Membership]:
    """Return the user's memberships with their organizations, by name; read once a request."""
    found: list[Membership] | None = getattr(request, "_memberships", None)
    if found is None:
        query = Membership.objects.filter(user=request.user.pk).select_related("organization")
        found = list(query.order_by("organization__name"))
        request._memberships = found  # type: ignore[attr-defined]
    return found


def current(request: HttpRequest) -> Organization:
    """Return the organization that the user works in: the chosen one, else the first; raises NoOrganization."""
    seat = seat_of(request)
    if seat is None:
        raise NoOrganization("You are not a member of any organization yet. Ask an administrator to add you.")
    return seat.organization


def seat_of(request: HttpRequest) -> Membership | None:
    """Return the user's membership in the organization at hand, or None for somebody without any."""
    seats = memberships(request)
    chosen = request.session.get(SESSION_KEY)
    return next((seat for seat in seats if seat.organization_id == chosen), seats[0] if seats else None)


def is_administrator(request: HttpRequest) -> bool:
    """Say whether the user keeps the credentials, members and egress rules of the organization at hand."""
    seat = seat_of(request)
    return seat is not None and seat.role == Role.ADMINISTRATOR


def administers(organization: Organization, *, user: Any) -> bool:
    """Say whether the user is an administrator of this organization, whichever they work in."""
    return Membership.objects.filter(organization=organization, user=user, role=Role.ADMINISTRATOR).exists()


def choose(request: HttpRequest, *, organization: Organization) -> None:
    """Make this the organization that the user works in until they switch again."""
    request.session[SESSION_KEY] = organization.pk


@transaction.atomic
def create(*, name: str, creator: Any) -> Organization:
    """Create an organization; its creator becomes its first administrator."""
    organization = Organization.objects.create(name=name)
    Membership.objects.create(organization=organization, user=creator, role=Role.ADMINISTRATOR)
    audit.record(organization, actor=creator, action="organization.created", subject=name)
    return organization


@transaction.atomic
def change(organization: Organization, *, actor: Any, name: str, allow_list_only: bool) -> None:
    """Rename an organization, or limit its calls to its egress rules."""
    if name != organization.name:
        audit.record(organization, actor=actor, action="organization.changed", subject=name, before=organization.name)
    if allow_list_only != organization.allow_list_only:
        action = "egress.allow_list_only" if allow_list_only else "egress.public_allowed"
        audit.record(organization, actor=actor, action=action, subject=name)
    organization.name, organization.allow_list_only = name, allow_list_only
    organization.save(update_fields=["name", "allow_list_only"])
    transaction.on_commit(policies.forget)
