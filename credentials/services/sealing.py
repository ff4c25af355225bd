"""Seals a credential's secrets into an encrypted envelope that is bound to its credential and organization."""

from __future__ import annotations

import hashlib
import json
import secrets as chance
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from credentials import sealed
from credentials.models import Credential

VERSION = 1
SECRETS, TOKENS = "secrets", "tokens"

_own = AESGCM(AESGCM.generate_key(256))
_NONCE = 12  # bytes


class Reopened(str):
    """A ciphertext that many calls open. After the first it is opened as this process has encrypted it for itself, in a
    tenth of the time; what is kept is ciphertext all the same."""

    own = b""

    def __repr__(self) -> str:
        return "<Reopened>"


class SealBroken(Exception):
    """The secrets cannot be used. The sentence is for an administrator and holds no value."""


def seal(credential: Credential, *, secrets: Mapping[str, str]) -> None:
    """Put the secrets onto the row; the caller saves it."""
    credential.sealed = envelope(credential, secrets=secrets)  # type: ignore[assignment]


def seal_tokens(credential: Credential, *, tokens: Mapping[str, str]) -> None:
    """Put what an authorization server gave onto the row; the caller saves it."""
    credential.tokens = envelope(credential, secrets=tokens, purpose=TOKENS)  # type: ignore[assignment]


def envelope(credential: Credential, *, secrets: Mapping[str, str], purpose: str = SECRETS) -> sealed.Envelope:
    """Return the plain document that names the credential, its organization and what it is for."""
    document = {
        "v": VERSION,
        "purpose": purpose,
        "credential": str(credential.key),
        "organization": credential.organization_id,
        "key_id": current_key_id(),
        "secrets": dict(secrets),
    }
    return sealed.Envelope(json.dumps(document))


def unseal(ciphertext: str, *, key: str, organization_id: int, purpose: str = SECRETS) -> dict[str, str]:
    """Return the secrets of exactly this credential; raises SealBroken. An empty value holds none."""
    if not ciphertext:
        return {}
    document = read(ciphertext)
    bound = (document["credential"], document["organization"], document.get("purpose", SECRETS))
    if bound != (key, organization_id, purpose):
        raise SealBroken("The stored secrets belong to another credential. Enter them again.")
    secrets: dict[str, str] = document["secrets"]
    return secrets


def read(ciphertext: str) -> dict[str, Any]:
    """Return the whole envelope; raises SealBroken."""
    if not isinstance(ciphertext, Reopened):
        return _read(ciphertext)
    if not ciphertext.own:
        nonce, document = chance.token_bytes(_NONCE), json.dumps(_read(ciphertext)).encode()
        ciphertext.own = nonce + _own.encrypt(nonce, document, None)
    opened: dict[str, Any] = json.loads(_own.decrypt(ciphertext.own[:_NONCE], ciphertext.own[_NONCE:], None))
    return opened


def _read(ciphertext: str) -> dict[str, Any]:
    try:
        document = json.loads(sealed.open_envelope(ciphertext))
    except sealed.Unreadable as error:
        raise SealBroken(
            "The stored secrets cannot be decrypted: the key in FIELD_ENCRYPTION_KEYS is not the one that they were "
            "encrypted with, or they are damaged. Restore the key, or enter the secrets again."
        ) from error
    except ValueError as error:
        raise SealBroken("The stored secrets are damaged. Enter them again.") from error
    if not isinstance(document, dict) or document.get("v") != VERSION or not isinstance(document.get("secrets"), dict):
        raise SealBroken("The stored secrets have a form that this version does not know. Enter them again.")
    return document


def current_key_id() -> str:
    """Return a name for the key that encrypts now; it tells nothing about the key."""
    first = settings.FIELD_ENCRYPTION_KEY[0]
    return hashlib.sha256(f"parley key id {first}".encode()).hexdigest()[:12]
