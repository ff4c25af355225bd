"""The authorization code flow: to the Auth URL and back, with a state that counts once, for one session, ten minutes.

The PKCE verifier is kept nowhere: it is derived from the state with the product's own key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis
from django.db import transaction
from django.utils.crypto import salted_hmac

from config import redis as connections
from credentials import kinds, wire
from credentials.kinds import oauth_fields
from credentials.models import Credential
from credentials.net import oauth
from credentials.services import answers, audit, refresh, sealing, single_flight, tokens, use

STATE_SECONDS = 600


class Failed(Exception):
    """No authorization came of it. The sentence is for the administrator; `key` names the credential where known."""

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who authorizes: the user and the session that the state is bound to."""

    user: Any
    session_key: str

    @property
    def mark(self) -> str:
        return hashlib.sha256(f"{self.user.pk}:{self.session_key}".encode()).hexdigest()


def begin(credential: Credential, *, visitor: Visitor, redirect_uri: str) -> str:
    """Return the address where the administrator consents; raises Failed."""
    kind = kinds.ALL[credential.kind]
    values = {one.name: one.default for one in kind.fields if not one.secret} | credential.public
    state = secrets.token_urlsafe(32)
    kept = {"credential": str(credential.key), "visitor": visitor.mark, "redirect_uri": redirect_uri}
    try:
        connections.client().set(_name(state), json.dumps(kept), ex=STATE_SECONDS)
    except redis.RedisError as error:
        raise Failed("Authorizing cannot begin: Redis does not answer. Try again in a moment.") from error
    audience = {"audience": values["audience"]} if values.get("audience") else {}
    return oauth.authorization_url(
        values["auth_url"],
        client_id=values["client_id"],
        redirect_uri=redirect_uri,
        scope=values.get("scope", ""),
        state=state,
        verifier=_verifier(state),
        parameters=audience | oauth_fields.parameters(values.get("extra_parameters", "")),
    )


def finish(answer: Mapping[str, str], *, visitor: Visitor) -> Credential:
    """Take what the authorization server sent back with the browser; raises Failed."""
    state = answer.get("state", "")
    kept = _taken(state)
    if kept is None or not hmac.compare_digest(kept["visitor"], visitor.mark):
        raise Failed(
            "This answer of the authorization server does not count: it belongs to no authorization that you began in "
            "this browser within the last ten minutes, or it was used before. Choose Authorize again."
        )
    key = kept["credential"]
    credential = Credential.objects.administered_by(visitor.user).select_related("organization").filter(key=key).first()
    if credential is None:
        raise Failed("The credential does not exist any more, or you are no longer its administrator.")
    if "error" in answer:
        raise Failed(oauth.complaint(answer["error"], answer.get("error_description", "")).message, key=key)
    if not answer.get("code"):
        raise Failed("The authorization server sent no code back. Check the Auth URL.", key=key)
    try:
        _exchange(credential, answer["code"], _verifier(state), kept["redirect_uri"], visitor.user)
    except (oauth.Refused, sealing.SealBroken, wire.CallError) as error:
        raise Failed(str(error), key=key) from error
    found: Credential = credential
    return found


def _exchange(credential: Credential, code: str, verifier: str, redirect_uri: str, actor: Any) -> None:
    """Change the code into tokens and store them, with no renewal of the old ones under way meanwhile."""
    client = refresh.client_of(credential, values=refresh.values_of(credential, kind=kinds.ALL[credential.kind]))
    key = str(credential.key)
    with single_flight.queue(key), single_flight.lock(key):
        fresh = oauth.for_code(client, code=code, redirect_uri=redirect_uri, verifier=verifier)
        answers.clear(credential)
        with transaction.atomic():
            tokens.store(credential.pk, tokens=tokens.from_answer(fresh), started_from=None, authorized=True)
            audit.of_credential(credential, actor=actor, action="authorized")
            transaction.on_commit(use.forget)


def _taken(state: str) -> dict[str, str] | None:
    """What was kept with the state. It is gone with this, also when two answers come at the same moment."""
    try:
        value = connections.client().getdel(_name(state))
    except redis.RedisError as error:
        raise Failed("The answer could not be checked: Redis does not answer. Choose Authorize again.") from error
    kept: dict[str, str] | None = json.loads(value) if value else None
    return kept


def _name(state: str) -> str:
    return f"{connections.PREFIX}:oauth:state:{hashlib.sha256(state.encode()).hexdigest()}"


def _verifier(state: str) -> str:
    digest = salted_hmac("parley.oauth.pkce", state, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
