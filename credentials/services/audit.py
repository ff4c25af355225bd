"""The trail of who did what, when. Writes entries and says them in words; never takes a value.

Other apps record here, too: `audit.record(organization, actor=user, action="bot.published", subject=bot.name)`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from credentials.models import AuditEntry, Credential, Organization

# What an action reads like after the actor's name and before the subject. Unknown ones are spelled out.
WORDS = {
    "organization.created": "created the organization",
    "organization.changed": "changed the organization",
    "member.added": "added the member",
    "member.role_changed": "changed the role of",
    "member.removed": "removed the member",
    "credential.created": "created the credential",
    "credential.changed": "changed the credential",
    "credential.disabled": "disabled the credential",
    "credential.enabled": "enabled the credential",
    "credential.rotated": "re-encrypted the credential",
    "credential.deleted": "deleted the credential",
    "credential.tested": "tested the credential",
    "credential.authorized": "authorized the credential",
    "credential.refresh_failed": "could not refresh the tokens of the credential",
    "credential.replaced": "replaced by another one the credential",
    "credential.replacement_undone": "took back the replacement of the credential",
    "credential.stand_in_set": "let another one stand in for the credential",
    "credential.stand_in_ended": "let no other one stand in any more for the credential",
    "credential.use_granted": "let an integration use the credential",
    "integration.created": "created the integration",
    "integration.changed": "changed the integration",
    "integration.deleted": "deleted the integration",
    "integration.response_pinned": "pinned a response of the integration",
    "integration.response_unpinned": "unpinned the response of the integration",
    "egress.rule_added": "allowed calls to",
    "egress.rule_removed": "no longer allows calls to",
    "egress.allow_list_only": "limited all calls to the allow-list of",
    "egress.public_allowed": "allowed calls to public hosts for",
}
WORDS |= {
    "bot.created": "created the bot",
    "bot.imported": "imported the bot",
    "bot.deleted": "deleted the bot",
    "bot.published": "published the bot",
    "bot.unpublished": "took off the air the bot",
    "bot.rolled_back": "rolled back the bot",
    "bot.restored": "restored as draft a version of the bot",
    "bot.restore_undone": "took back the restored draft of the bot",
    "bot.renamed_name": "renamed something everywhere in the bot",
    "integration.openapi_imported": "imported an OpenAPI document into the bot",
    "channel_key.created": "made a channel key for the bot",
    "channel_key.revoked": "revoked a channel key of the bot",
    "environment.created": "created the environment",
    "environment.changed": "changed the environment",
    "environment.deleted": "deleted the environment",
}
# What authors do not see: who holds keys and where calls may go is the administrators' matter.
_ADMINISTRATORS_ONLY = ("credential.", "member.", "egress.")


def record(
    organization: Organization | None, *, actor: Any, action: str, subject: str, key: str = "", **detail: Any
) -> AuditEntry:
    """Add an entry. `detail` holds names, numbers and choices, never a secret; actor None is the system itself.

    key: what the subject is for ever, where its name may change.
    """
    return AuditEntry.objects.create(
        organization=organization,
        actor=actor,
        actor_name=actor.get_username() if actor else "Parley",
        action=action,
        subject=subject[:200],
        subject_key=key,
        detail=detail,
    )


def entries(organization: Organization, *, administrator: bool) -> QuerySet[AuditEntry]:
    """Return the organization's entries, newest first, as far as this kind of member may see them."""
    found = AuditEntry.objects.filter(organization=organization)
    if administrator:
        return found
    for prefix in _ADMINISTRATORS_ONLY:
        found = found.exclude(action__startswith=prefix)
    return found


def of_credential(credential: Credential, *, actor: Any, action: str, **detail: Any) -> AuditEntry:
    """Add an entry about a credential; `action` without its area."""
    action, key = f"credential.{action}", str(credential.key)
    return record(credential.organization, actor=actor, action=action, subject=credential.name, key=key, **detail)


def about(credential: Credential, *, limit: int = 20) -> list[AuditEntry]:
    """Return the latest entries about a credential, under whatever name it had.

    Entries of earlier releases have no key: of those the ones that bear its present name count.
    """
    old = Q(subject_key="", action__startswith="credential.", subject=credential.name)
    own = Q(subject_key=str(credential.key)) | old
    return list(AuditEntry.objects.filter(own, organization=credential.organization_id)[:limit])


def detail_words(entry: AuditEntry) -> str:
    """Return the entry's details as `name: value` pairs."""
    return " · ".join(f"{name.replace('_', ' ')}: {_said(value)}" for name, value in entry.detail.items() if value)


def _said(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def words(action: str) -> str:
    """Return the action as it reads in a sentence."""
    return WORDS.get(action) or action.replace(".", ": ").replace("_", " ")
