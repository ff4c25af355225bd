"""Members of an organization. There is always at least one administrator."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from credentials.models import Membership, Organization, Role
from credentials.services import audit


class MemberRefused(Exception):
    """The change cannot be made; the sentence says why and what to do."""


def listed(organization: Organization) -> QuerySet[Membership]:
    """Return the members with their users, by name."""
    return Membership.objects.filter(organization=organization).select_related("user").order_by("user__username")


@transaction.atomic
def add(organization: Organization, *, actor: Any, username: str, role: str) -> Membership:
    """Make an existing user a member; raises MemberRefused."""
    user = get_user_model().objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        raise MemberRefused(f"There is no user named {username.strip()}. Ask for the account to be created first.")
    member, created = Membership.objects.get_or_create(organization=organization, user=user, defaults={"role": role})
    if not created:
        raise MemberRefused(f"{user.get_username()} is already a member. Change the role in the list instead.")
    audit.record(organization, actor=actor, action="member.added", subject=user.get_username(), role=role)
    return member


@transaction.atomic
def change_role(member: Membership, *, actor: Any, role: str) -> Membership:
    """Give a member another role; raises MemberRefused for the last administrator."""
    member = _locked(member)
    if member.role == role:
        return member
    if role != Role.ADMINISTRATOR:
        require_another_administrator(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _record(member, actor, "member.role_changed", role=role, before=before)
    return member


@transaction.atomic
def remove(member: Membership, *, actor: Any) -> None:
    """End a membership; raises MemberRefused for the last administrator."""
    member = _locked(member)
    require_another_administrator(member)
    _record(member, actor, "member.removed", role=member.role)
    member.delete()


def may_leave(member: Membership) -> bool:
    """Say whether the organization keeps an administrator without this member."""
    try:
        require_another_administrator(member)
    except MemberRefused:
        return False
    return True


def _locked(member: Membership) -> Membership:
    """The row as it is now, with all of its organization's locked: two administrators may demote each other at once."""
    rows = Membership.objects.select_for_update().filter(organization=member.organization_id)
    return {row.pk: row for row in rows.select_related("user", "organization")}[member.pk]


def require_another_administrator(member: Membership) -> None:
    """Raise MemberRefused when the member is the organization's only administrator."""
    others = Membership.objects.filter(organization=member.organization_id, role=Role.ADMINISTRATOR)
    if member.role == Role.ADMINISTRATOR and not others.exclude(pk=member.pk).exists():
        raise MemberRefused(
            f"{member.user.get_username()} is the only administrator of {member.organization.name}. "
            "Make somebody else an administrator first."
        )


def _record(member: Membership, actor: Any, action: str, **detail: str) -> None:
    audit.record(member.organization, actor=actor, action=action, subject=member.user.get_username(), **detail)
