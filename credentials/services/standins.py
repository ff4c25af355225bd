"""One credential in the place of another: what still names the old one, such as a published version, gets the new."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from credentials.models import Credential
from credentials.services import audit, use


class Refused(Exception):
    """The one cannot stand in for the other, or not go; the sentence says why."""


@transaction.atomic
def begin(credential: Credential, *, by: Credential, actor: Any) -> None:
    """Give another credential to whatever names this one; raises Refused.

    What this one stood in for gets the other one too: nobody has to follow a chain, and none can close.
    """
    refuse_unfit(credential, by=by)
    credential.stands_in_for.update(replaced_by=by)
    _store(credential, by, other=by, actor=actor, action="stand_in_set")


@transaction.atomic
def end(credential: Credential, *, actor: Any) -> None:
    """Let what names the credential get itself again."""
    if credential.replaced_by:
        _store(credential, None, other=credential.replaced_by, actor=actor, action="stand_in_ended")


def refuse_unfit(credential: Credential, *, by: Credential) -> None:
    """Raise Refused where the other one is of another organization, the same, or replaced itself."""
    if by.organization_id != credential.organization_id or by.pk == credential.pk:
        raise Refused("Choose another credential of this organization.")
    if by.replaced_by_id:
        raise Refused(f"{by.name} is replaced by another credential itself. Choose that one.")


def refuse_deletion(credential: Credential) -> None:
    """Raise Refused while others depend on it."""
    names = ", ".join(credential.stands_in_for.values_list("name", flat=True))
    if names:
        raise Refused(f"It stands in for {names}. End that first, on the page of that credential.")


def _store(credential: Credential, by: Credential | None, *, other: Credential, actor: Any, action: str) -> None:
    credential.replaced_by = by
    credential.save(update_fields=["replaced_by", "updated_at"])
    audit.of_credential(credential, actor=actor, action=action, by=other.name)
    transaction.on_commit(use.forget)
