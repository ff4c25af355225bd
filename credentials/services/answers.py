"""What an authorization server has just answered, put down before all else: a killed worker must not lose it.

Sealed like the credential itself, for a day at most. Without Redis the database alone must do.
"""

from __future__ import annotations

import json
import logging

import redis

from config import redis as connections
from credentials import sealed
from credentials.models import Credential
from credentials.services import sealing, tokens

KEPT_SECONDS = 86_400

log = logging.getLogger(__name__)


def put_down(credential: Credential, *, answer: tokens.Tokens, started_from: int) -> None:
    """Keep the answer until `clear`."""
    document = sealing.envelope(credential, secrets=tokens.as_texts(answer), purpose=sealing.TOKENS)
    value = json.dumps({"started_from": started_from, "sealed": sealed.close_envelope(document)})
    try:
        connections.client().set(_name(credential), value, ex=KEPT_SECONDS)
    except redis.RedisError as error:
        log.warning("The answer for credential %s could not be put down: %s", credential.pk, error)


def put_down_for(credential: Credential) -> tuple[tokens.Tokens, int] | None:
    """Return the answer that was put down and the generation that it started from; None without one."""
    try:
        value = connections.client().get(_name(credential))
    except redis.RedisError:
        return None
    if not value:
        return None
    kept = json.loads(value)
    try:
        found = tokens.unsealed(
            sealed.Ciphertext(kept["sealed"]),
            key=str(credential.key),
            organization_id=credential.organization_id,
            generation=0,
        )
    except sealing.SealBroken as error:
        log.warning("An answer that was put down for credential %s cannot be read: %s", credential.pk, error)
        found = None
    if found is None:
        clear(credential)
        return None
    return found, int(kept["started_from"])


def clear(credential: Credential) -> None:
    try:
        connections.client().delete(_name(credential))
    except redis.RedisError as error:
        log.warning("The answer for credential %s could not be cleared: %s", credential.pk, error)


def _name(credential: Credential) -> str:
    return f"{connections.PREFIX}:oauth:answer:{credential.key}"
