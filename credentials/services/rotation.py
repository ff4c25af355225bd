"""Re-encrypts stored secrets with the first key. Interrupted, it goes on where it stopped; calls run meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from credentials.models import Credential
from credentials.services import audit, sealing, use


@dataclass(slots=True)
class Rotation:
    """What was done. `unreadable` names what no configured key decrypts; those rows are left as they are."""

    rotated: int = 0
    current: int = 0
    empty: int = 0
    unreadable: list[str] = field(default_factory=list)
    before: Counter[str] = field(default_factory=Counter)


def rotate(credentials: Iterable[Credential] | None = None, *, actor: Any = None) -> Rotation:
    """Re-encrypt the given credentials, by default all; actor None is the operator at the command line."""
    done = Rotation()
    rows = Credential.objects.order_by("pk") if credentials is None else credentials
    for pk in [row.pk for row in rows]:
        _rotate_one(pk, actor, done)
    return done


@transaction.atomic
def _rotate_one(pk: int, actor: Any, done: Rotation) -> None:
    credential = Credential.objects.select_for_update().select_related("organization").filter(pk=pk).first()
    if credential is None or not credential.sealed:
        done.empty += 1
        return
    try:
        document = sealing.read(str(credential.sealed))
        secrets = sealing.unseal(
            str(credential.sealed), key=str(credential.key), organization_id=credential.organization_id
        )
    except sealing.SealBroken:
        done.unreadable.append(f"{credential.organization.name}: {credential.name}")
        return
    done.before[document["key_id"]] += 1
    if document["key_id"] == sealing.current_key_id():
        done.current += 1
        return
    sealing.seal(credential, secrets=secrets)
    credential.save(update_fields=["sealed"])
    audit.record(credential.organization, actor=actor, action="credential.rotated", subject=credential.name)
    transaction.on_commit(use.forget)
    done.rotated += 1
