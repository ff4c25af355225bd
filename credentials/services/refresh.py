"""Renews tokens: of all calls in all processes that meet an ended token at once, exactly one asks the server.

The order counts: lock, read the store again, ask, put the answer down (journal), store, only then use. A worker that
is killed after the answer leaves it in the journal, and the next one stores it from there.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import NoReturn

from django.db import transaction

from credentials import egress, kinds, wire
from credentials.kinds import oauth_fields
from credentials.models import Credential
from credentials.net import oauth
from credentials.services import answers, audit, policies, sealing, single_flight, tokens

# How long nobody asks again after a failure. A dead grant is not asked for again at all.
COOL_DOWN: dict[str, float] = {"temporary": 30.0, "settings": 300.0}
YOUNG_SECONDS = 10.0  # a token that is refused this young is refused for another reason than its age

log = logging.getLogger(__name__)
send: wire.Send = egress.send


def renewed(key: str, *, refused: int | None = None) -> tokens.Tokens | None:
    """Return tokens that can be used now, asking the server only when nobody else has just done so.

    refused: the generation that an API does not take any more; None when the time of ending is the reason. Answers
    None when a renewal cannot help, since what was refused is quite new. Raises wire.CallError.
    """
    with single_flight.queue(key):
        found = _usable(_held(_read(key)), refused)
        if found:
            return found
        with single_flight.lock(key):
            return _renew_unless_done(key, refused)


def forced(key: str) -> tokens.Tokens:
    """Ask for new tokens now, whatever is stored, for a test by an administrator; raises wire.CallError."""
    with single_flight.queue(key), single_flight.lock(key):
        credential = _with_answers_of_the_dead(_read(key))
        return _ask(credential, _held(credential))


def _renew_unless_done(key: str, refused: int | None) -> tokens.Tokens | None:
    credential = _with_answers_of_the_dead(_read(key))
    held = _held(credential)
    found = _usable(held, refused)
    if found:
        return found
    now = time.time()
    if held and held.generation == refused and now - held.obtained_at < YOUNG_SECONDS:
        return None
    still_good = held if held and held.generation != refused and not held.ended(now) else None
    if _cooling(credential, now):
        return still_good or _fail(credential.name, str(credential.token_state["failure"]))
    try:
        return _ask(credential, held)
    except wire.CallError as error:
        if still_good:
            return replace(still_good, hops=error.hops)
        raise


def _usable(held: tokens.Tokens | None, refused: int | None) -> tokens.Tokens | None:
    return held if held and held.generation != refused and not held.ends_soon(time.time()) else None


def _ask(credential: Credential, held: tokens.Tokens | None) -> tokens.Tokens:
    """Ask the server and keep its answer; on a refusal look first whether somebody else has newer tokens."""
    started_from = tokens.generation(credential)
    hops: list[wire.Hop] = []
    try:
        answer = _question(credential, held, hops)
    except oauth.Refused as error:
        later = _with_answers_of_the_dead(_read(str(credential.key)))
        newer = _held(later) if tokens.generation(later) != started_from else None
        if newer:
            return replace(newer, hops=tuple(hops))
        _give_up(credential, started_from, error, tuple(hops))
    kept = held.refresh_token if held else ""
    fresh = tokens.from_answer(answer, kept_refresh_token=kept)
    answers.put_down(credential, answer=fresh, started_from=started_from)
    tokens.store(credential.pk, tokens=fresh, started_from=started_from)
    answers.clear(credential)
    return replace(_held(_read(str(credential.key))) or fresh, hops=tuple(hops))


def _with_answers_of_the_dead(credential: Credential) -> Credential:
    """Store the tokens that somebody was given and did not come to store, and return the credential as it is then."""
    found = answers.put_down_for(credential)
    if found is None:
        return credential
    fresh, started_from = found
    tokens.store(credential.pk, tokens=fresh, started_from=started_from)
    answers.clear(credential)
    return _read(str(credential.key))


def _held(credential: Credential) -> tokens.Tokens | None:
    """The stored tokens; None only where Parley can fetch some by itself."""
    try:
        held = tokens.of(credential)
    except sealing.SealBroken as error:
        _fail(credential.name, str(error))
    grant = kinds.ALL[credential.kind].grant
    if held is None and grant and grant.interactive:
        raise wire.CallError(
            "credential",
            f"The credential {credential.name} is not authorized yet. An administrator must open it and authorize it.",
        )
    return held


def _question(credential: Credential, held: tokens.Tokens | None, hops: list[wire.Hop]) -> oauth.Answer:
    """Ask for tokens; every request that leaves is added to `hops`."""
    kind = kinds.ALL[credential.kind]
    values = values_of(credential, kind=kind)
    client = replace(client_of(credential, values=values, refresh=True), send=_noting(hops))
    if kind.grant is None or not kind.grant.interactive:
        parameters = oauth_fields.parameters(values.get("extra_parameters", ""))
        audience = {"audience": values["audience"]} if values.get("audience") else {}
        return oauth.by_itself(client, scope=values.get("scope", ""), parameters=audience | parameters)
    if not held or not held.refresh_token:
        raise oauth.Refused(
            "grant", "The token has ended and the authorization server gave none to refresh it with. Reauthorize."
        )
    return oauth.refreshed(client, refresh_token=held.refresh_token)


def _noting(hops: list[wire.Hop]) -> wire.Send:
    """Return a way out that notes each request, also one that fails."""

    def carry(
        request: wire.Outgoing, policy: wire.Policy, signer: wire.Signer | None, options: wire.SendOptions
    ) -> wire.Incoming:
        try:
            answer = send(request, policy, signer, options)
        except wire.CallError as error:
            hops.extend(error.hops)
            raise
        hops.extend(answer.hops)
        return answer

    return carry


def client_of(credential: Credential, *, values: dict[str, str], refresh: bool = False) -> oauth.Client:
    """Return the credential as a client of its authorization server."""
    refresh_url = values.get("refresh_url", "") if refresh else ""
    return oauth.Client(
        client_id=values["client_id"],
        client_secret=values["client_secret"],
        token_url=refresh_url or values["token_url"],
        in_body=values.get("client_auth") == oauth_fields.BODY,
        policy=policies.policy_for(credential.organization_id),
        pool=f"{credential.key}:token",
        send=send,
    )


def values_of(credential: Credential, *, kind: kinds.Kind) -> dict[str, str]:
    """Return the public and the secret fields together; raises sealing.SealBroken."""
    secrets = sealing.unseal(
        str(credential.sealed), key=str(credential.key), organization_id=credential.organization_id
    )
    public: dict[str, str] = credential.public
    return {one.name: one.default for one in kind.fields} | public | secrets


def _cooling(credential: Credential, now: float) -> bool:
    """Whether the last failure is so recent, or so final, that the server is left alone."""
    state = credential.token_state
    failed_at = tokens.moment(state.get("failed_at", ""))
    if failed_at is None:
        return False
    wait = COOL_DOWN.get(state["failure_kind"])
    return wait is None or now < failed_at.timestamp() + wait


def _give_up(credential: Credential, started_from: int, error: oauth.Refused, hops: tuple[wire.Hop, ...]) -> NoReturn:
    with transaction.atomic():
        news = tokens.note_failure(credential.pk, started_from=started_from, kind=error.kind, message=error.message)
        if news:
            audit.of_credential(credential, actor=None, action="refresh_failed", reason=error.message)
    if news:
        log.warning("The tokens of credential %s could not be renewed: %s", credential.pk, error.message)
    _fail(credential.name, error.message, hops=hops)


def _fail(name: str, reason: str, *, hops: tuple[wire.Hop, ...] = ()) -> NoReturn:
    sentence = f"The credential {name} has no valid token. An administrator must look at it. {reason}"
    raise wire.CallError("credential", sentence, hops=hops)


def _read(key: str) -> Credential:
    found: Credential | None = Credential.objects.select_related("organization").filter(key=key).first()
    if found is None:
        raise wire.CallError("credential", "The integration's credential does not exist any more. Choose another one.")
    return found
