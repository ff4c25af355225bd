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


_COLUMNS = (("sealed", sealing.SECRETS), ("tokens", sealing.TOKENS))


def _reseal(credential: Credential, column: str, purpose: str, *, done: Rotation) -> bool:
    """Put the column's secrets under the current key, and say whether they were under another one."""
    ciphertext = str(getattr(credential, column))
    if not ciphertext:
        return False
    key_id = sealing.read(ciphertext)["key_id"]
    secrets = sealing.unseal(
        ciphertext, key=str(credential.key), organization_id=credential.organization_id, purpose=purpose
    )
    done.before[key_id] += 1
    if key_id == sealing.current_key_id():
        return False
    setattr(credential, column, sealing.envelope(credential, secrets=secrets, purpose=purpose))
    return True


@transaction.atomic
def _rotate_one(pk: int, actor: Any, done: Rotation) -> None:
    credential = Credential.objects.select_for_update().select_related("organization").filter(pk=pk).first()
    if credential is None or not (credential.sealed or credential.tokens):
        done.empty += 1
        return
    try:
        old = [_reseal(credential, *column, done=done) for column in _COLUMNS]
    except sealing.SealBroken:
        done.unreadable.append(f"{credential.organization.name}: {credential.name}")
        return
    if not any(old):
        done.current += 1
        return
    credential.save(update_fields=["sealed", "tokens"])
    audit.of_credential(credential, actor=actor, action="rotated")
    transaction.on_commit(use.forget)
    done.rotated += 1
