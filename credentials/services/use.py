"""Makes signers: a stored credential, ready to authenticate requests of its own organization.

What is kept between calls is ciphertext, for at most TTL_SECONDS. Secrets are decrypted for one call and go with it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, connections
from django.db.models import Q
from django.utils import timezone

from credentials import kinds, wire
from credentials.models import Credential
from credentials.services import hosts, sealing

TTL_SECONDS = 10.0
USED_EVERY_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    """A credential as the database holds it."""

    pk: int
    key: str
    organization_id: int
    name: str
    kind: str
    public: dict[str, str]
    ciphertext: str = field(repr=False)
    hosts: tuple[str, ...]
    disabled: bool


@dataclass(frozen=True, slots=True)
class StoredSigner:
    """A wire.Signer. Lives for one call."""

    pool: str
    hosts: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)
    _kind: kinds.Kind = field(repr=False)
    _values: dict[str, str] = field(repr=False)

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return self._kind.sign(request, self._values)


_rows: dict[str, tuple[float, _Row]] = {}
_used: dict[int, float] = {}


def signer_for(credential_key: str, *, organization_id: int) -> wire.Signer:
    """Return a signer for one call; raises CallError of kind credential with what an administrator must do."""
    row = _row(credential_key)
    if row is None or row.organization_id != organization_id:
        raise _unusable("The integration's credential does not exist any more. Choose another one.")
    if row.disabled:
        raise _unusable(f"The credential {row.name} is disabled. Ask an administrator to enable it.")
    kind = kinds.named(row.kind)
    if kind is None:
        raise _unusable(f"The credential {row.name} is of a type that this version does not know: {row.kind}.")
    values = _values(row, kind)
    _note_use(row.pk)
    return StoredSigner(
        pool=f"{row.key}:{hashlib.sha256(row.ciphertext.encode()).hexdigest()[:16]}",
        hosts=row.hosts,
        secrets=tuple(values[name] for name in kind.secret_names if values.get(name)) + kind.masked(values),
        _kind=kind,
        _values=values,
    )


def forget() -> None:
    """Drop the kept rows; called after a change in this process. Other processes follow within TTL_SECONDS."""
    _rows.clear()


def _unusable(sentence: str) -> wire.CallError:
    return wire.CallError("credential", sentence)


def _values(row: _Row, kind: kinds.Kind) -> dict[str, str]:
    try:
        secrets = sealing.unseal(row.ciphertext, key=row.key, organization_id=row.organization_id)
    except sealing.SealBroken as error:
        raise _unusable(f"The credential {row.name} cannot be used. An administrator must act: {error}") from error
    values = {one.name: one.default for one in kind.fields} | row.public | secrets
    missing = [one.label for one in kind.fields if one.required and not values.get(one.name)]
    if missing:
        raise _unusable(f"The credential {row.name} has no {missing[0]}. Ask an administrator to enter it.")
    return values


def _row(key: str) -> _Row | None:
    kept = _rows.get(key)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    row = _read(key)
    if row is not None:
        _rows[key] = (time.monotonic() + TTL_SECONDS, row)
    return row


def _read(key: str) -> _Row | None:
    try:
        credential = Credential.objects.filter(key=uuid.UUID(key)).first()
    except ValueError:
        return None
    if credential is None:
        return None
    return _Row(
        pk=credential.pk,
        key=str(credential.key),
        organization_id=credential.organization_id,
        name=credential.name,
        kind=credential.kind,
        public=credential.public,
        ciphertext=str(credential.sealed),
        hosts=hosts.effective(credential),
        disabled=credential.disabled,
    )


def _note_use(pk: int) -> None:
    """Remember the time of use, at most once a minute and without letting the call wait for the database."""
    now = time.monotonic()
    if now - _used.get(pk, -USED_EVERY_SECONDS) < USED_EVERY_SECONDS:
        return
    _used[pk] = now
    write_later(pk)


def in_background(pk: int) -> None:
    """Store the time of use in a thread of its own, with a database connection of its own."""
    threading.Thread(target=_write_and_close, args=(pk,), name="credential-use", daemon=True).start()


write_later = in_background  # tests write at once: another thread sees nothing of their transaction


def _write_and_close(pk: int) -> None:
    try:
        write_use(pk)
    except DatabaseError as error:
        log.warning("The last use of credential %s could not be noted: %s", pk, error)
    finally:
        connections.close_all()


def write_use(pk: int) -> None:
    """Store that a credential was used just now, unless another process did within the minute."""
    now = timezone.now()
    before = now - timedelta(seconds=USED_EVERY_SECONDS)
    Credential.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=before), pk=pk).update(last_used_at=now)
