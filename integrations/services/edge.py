"""The edge of the running product: the one door out, with the policy and the credentials of an organization."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from credentials import egress, wire
from credentials.services import lastcalls, policies, use
from integrations.engine.spec import IntegrationSpec
from integrations.services import wiring

Edge = wiring.Edge


def real_edge(organization_id: int, *, bot: str = "", cancelled: Callable[[], bool] = wire.never) -> Edge:
    """Return the edge for calls of one organization; make a new one for every turn, since policies change.

    bot: the key of the bot that calls, for the list of where a credential is used.
    """
    return Edge(
        send=egress.send,
        policy=policies.policy_for(organization_id),
        signer_for=partial(use.signer_for, organization_id=organization_id),
        refused=lambda signer, answer: use.refuses(signer, answer=answer),
        renewed_signer_for=lambda key, refused: use.renewed_signer_for(
            key, refused=refused, organization_id=organization_id
        ),
        called=partial(_note, bot),
        cancelled=cancelled,
    )


def _note(bot: str, spec: IntegrationSpec, status: int, failure: str) -> None:
    if bot and spec.credential:
        name = lastcalls.caller(bot=bot, integration=spec.key)
        lastcalls.note(spec.credential, caller=name, call=lastcalls.LastCall(time.time(), status, failure))
