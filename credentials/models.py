"""Organizations, their members, egress rules, credentials and the audit trail.

The lowest app: it knows neither integrations nor bots.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from credentials.sealed import SealedTextField


class Role(models.TextChoices):
    """What a member may do: authors build bots, administrators also keep credentials, members and egress rules."""

    AUTHOR = "author", "Author"
    ADMINISTRATOR = "administrator", "Administrator"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def for_user(self, user: Any) -> OrganizationQuerySet:
        return self.filter(memberships__user=user)

    def administered_by(self, user: Any) -> OrganizationQuerySet:
        return self.filter(memberships__user=user, memberships__role=Role.ADMINISTRATOR)


class Organization(models.Model):
    """A tenant: everything that is built belongs to exactly one."""

    name = models.CharField(max_length=100, unique=True)
    allow_list_only = models.BooleanField(
        "allow-list only",
        default=False,
        help_text="Calls may go to the destinations of this organization's egress rules only.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One for each user and organization, so what is joined through it comes once: `for_user` needs no DISTINCT.

    For ten thousand bots that cost 13 ms, since all columns of all rows were compared to count them.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.AUTHOR)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_membership_per_organization")]
        ordering = ["user__username"]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"


class EgressRule(models.Model):
    """A destination that calls may reach although its address is not public, or the organization is allow-list only."""

    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="egress_rules",
        null=True,
        blank=True,
        help_text="Empty: for every organization.",
    )
    destination = models.CharField(
        max_length=255, help_text="A host name, an address or a network such as 10.1.0.0/16."
    )
    port = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: ports 80 and 443.")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["destination", "port"]

    def __str__(self) -> str:
        return f"{self.destination}:{self.port}" if self.port else self.destination


class CredentialQuerySet(models.QuerySet["Credential"]):
    def for_user(self, user: Any) -> CredentialQuerySet:
        return self.filter(organization__memberships__user=user)

    def administered_by(self, user: Any) -> CredentialQuerySet:
        return self.filter(organization__memberships__user=user, organization__memberships__role=Role.ADMINISTRATOR)


class Credential(models.Model):
    """What authenticates a request. `public` is shown, `sealed` never is (see credentials.services.sealing).

    attached_hosts: those of the integrations' URLs when authors chose it; they count while `allowed_hosts` is empty.
    replaced_by: another one of the organization, which published versions that name this one get instead; it has none
    itself (see credentials.services.vault.stand_in).
    tokens: what an authorization server gave, sealed; token_state tells of them without holding any.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="credentials")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    public = models.JSONField(default=dict, blank=True)
    sealed = SealedTextField(default="", blank=True, editable=False)
    secrets_set_at = models.JSONField(default=dict, blank=True, editable=False)
    tokens = SealedTextField(default="", blank=True, editable=False)
    token_state = models.JSONField(default=dict, blank=True, editable=False)
    allowed_hosts = models.JSONField(default=list, blank=True)
    attached_hosts = models.JSONField(default=list, blank=True, editable=False)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="stands_in_for")
    disabled = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = CredentialQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="credential_name_per_organization")
        ]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Credential {self.pk} {self.kind}>"


class AuditEntry(models.Model):
    """Who did what, when. Never a value. subject_key: what the subject is, whatever it is called by now."""

    organization = models.ForeignKey(Organization, models.SET_NULL, related_name="audit_entries", null=True, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    subject_key = models.CharField(max_length=64, blank=True, editable=False)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-at"]),
            models.Index(fields=["subject_key", "-at"], name="audit_by_subject"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject}"
