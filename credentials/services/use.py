"""Makes signers: a stored credential, ready to authenticate requests of its own organization.

What is kept between calls is ciphertext, for at most TTL_SECONDS. Secrets are decrypted for one call and go with it.
"""

from __future__ import annotations

import hashlib
import logging
import ssl
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connections
from django.db.models import Q
from django.utils import timezone

from credentials import kinds, masking, wire
from credentials.kinds import oauth_fields
from credentials.models import Credential
from credentials.services import hosts, refresh, sealing, tokens

TTL_SECONDS = 10.0
USED_EVERY_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    """A credential as the database holds it. pool: as of a wire.Signer, another with other secrets."""

    pk: int
    key: str
    organization_id: int
    name: str
    kind: str
    public: dict[str, str]
    ciphertext: str = field(repr=False)
    pool: str
    hosts: tuple[str, ...]
    disabled: bool
    tokens: str = field(repr=False)
    token_state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredSigner:
    """A wire.Signer. Lives for one call. generation: that of its tokens, where it signs with any; token_hops: what was
    asked for them just now."""

    pool: str
    hosts: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)
    _kind: kinds.Kind = field(repr=False)
    _values: dict[str, str] = field(repr=False)
    generation: int | None = None
    token_hops: tuple[wire.Hop, ...] = ()

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return self._kind.sign(request, self._values)

    def context(self) -> ssl.SSLContext | None:
        return self._kind.context(self._values) if self._kind.context else None

    def refused_by(self, answer: wire.Incoming) -> bool:
        """Whether the answer means that its token does not count any more."""
        return self._kind.grant is not None and oauth_fields.refuses(answer, self._values)


_rows: dict[str, tuple[float, _Row]] = {}
_used: dict[int, float] = {}


def signer_for(credential_key: str, *, organization_id: int) -> wire.Signer:
    """Return a signer for one call; raises CallError of kind credential with what an administrator must do."""
    signer = _signer(credential_key, organization_id, refused=None)
    if signer is None:
        raise _unusable("The integration's credential has no token that could be used. Try again in a moment.")
    return signer


def renewed_signer_for(credential_key: str, *, refused: wire.Signer, organization_id: int) -> wire.Signer | None:
    """Return a signer in the place of one that an API refused; None where a renewal cannot help. Raises CallError.

    Of all calls that were refused with the same tokens, the first renews them and the others take what it got.
    """
    generation = refused.generation if isinstance(refused, StoredSigner) else None
    return None if generation is None else _signer(credential_key, organization_id, refused=generation)


def refuses(signer: wire.Signer | None, *, answer: wire.Incoming) -> bool:
    """Whether an answer means that the signer's token does not count any more: a 401, or by the credential's rule."""
    return isinstance(signer, StoredSigner) and signer.refused_by(answer)


def _signer(credential_key: str, organization_id: int, *, refused: int | None) -> StoredSigner | None:
    row = _row(credential_key)
    if row is None or row.organization_id != organization_id:
        raise _unusable("The integration's credential does not exist any more. Choose another one.")
    if row.disabled:
        raise _unusable(f"The credential {row.name} is disabled. Ask an administrator to enable it.")
    kind = kinds.named(row.kind)
    if kind is None:
        raise _unusable(f"The credential {row.name} is of a type that this version does not know: {row.kind}.")
    values = _values(row, kind)
    held = _tokens(row, refused) if kind.grant else None
    if kind.grant and held is None:
        return None
    secrets = [values[name] for name in kind.secret_names if values.get(name)]
    if held:
        values["access_token"] = held.access_token
        secrets.append(held.access_token)
    _note_use(row.pk)
    return StoredSigner(
        pool=row.pool,
        hosts=row.hosts,
        secrets=masking.prepared((*secrets, *kind.masked(values))),
        _kind=kind,
        _values=values,
        generation=held.generation if held else None,
        token_hops=held.hops if held else (),
    )


def _tokens(row: _Row, refused: int | None) -> tokens.Tokens | None:
    """Return tokens that count now: those that are kept, else new ones; None where a renewal cannot help."""
    held = _held(row)
    if held and held.generation != refused and not held.ends_soon(time.time()):
        return held
    fresh = refresh.renewed(row.key, refused=refused)
    _drop(row)
    return fresh


def _drop(row: _Row) -> None:
    """Forget what is kept of one credential, also under the keys of those that it stands in for."""
    for key, (_, kept) in list(_rows.items()):
        if kept.pk == row.pk:
            _rows.pop(key, None)


def _held(row: _Row) -> tokens.Tokens | None:
    try:
        return tokens.unsealed(
            row.tokens,
            key=row.key,
            organization_id=row.organization_id,
            generation=int(row.token_state.get("generation", 0)),
        )
    except sealing.SealBroken as error:
        raise _unusable(f"The credential {row.name} cannot be used. An administrator must act: {error}") from error


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
    """The row that a key names, or the one that stands in for it."""
    kept = _rows.get(key)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    row = _read(key)
    if row is not None:
        _rows[key] = (time.monotonic() + TTL_SECONDS, row)
    return row


def _read(key: str) -> _Row | None:
    try:
        named = Credential.objects.select_related("replaced_by").filter(key=uuid.UUID(key)).first()
    except ValueError:
        return None
    if named is None:
        return None
    credential: Credential = named.replaced_by or named
    key, ciphertext = str(credential.key), sealing.Reopened(credential.sealed)
    return _Row(
        pk=credential.pk,
        key=key,
        organization_id=credential.organization_id,
        name=credential.name,
        kind=credential.kind,
        public=credential.public,
        ciphertext=ciphertext,
        pool=f"{key}:{hashlib.sha256(ciphertext.encode()).hexdigest()[:16]}",
        hosts=hosts.effective(credential),
        disabled=credential.disabled,
        tokens=sealing.Reopened(credential.tokens),
        token_state=credential.token_state,
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
