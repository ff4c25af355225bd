"""Conversations as pages, the API and commands see them: begun, posted to, looked at, reset and ended."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import RedisError

from bots.engine import spec
from bots.engine.state import Tap
from bots.models import Bot
from bots.runtime import inbox, keys, sessions, wake
from bots.runtime.inbox import Message, Posted, TooManyMessages
from bots.runtime.keys import UnknownConversation
from bots.runtime.sessions import Begun, Opening
from bots.services import specs, testjobs
from integrations.engine.json_values import Json
from integrations.engine.scope import Scope
from integrations.services import streams, testruns

__all__ = ["Begun", "Posted", "TooManyMessages", "UnknownConversation"]

log_of_product = logging.getLogger(__name__)


class RefusedVariable(ValueError):
    """A variable given at the beginning breaks a limit; says which and why."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the channel knows of the consumer. facts: more of integrations.engine.scripts.FACTS."""

    id: str = ""
    name: str = ""
    customer_info: Mapping[str, Json] = field(default_factory=dict)
    engagement: Mapping[str, Json] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)

    def as_facts(self) -> dict[str, Json]:
        known = {
            "consumerId": self.id,
            "userName": self.name,
            "customerInfo": dict(self.customer_info),
            "engagement": dict(self.engagement),
        }
        return {**self.facts, **{name: value for name, value in known.items() if value}}


def begin(
    bot: Bot, *, draft: bool, visitor: Visitor | None = None, variables: Mapping[str, Json] | None = None
) -> Begun:
    """Begin a conversation with the live version, or with the draft as it stands now.

    Raises specs.NotPublished, spec.InvalidSpec, RefusedVariable.
    """
    facts = (visitor or Visitor()).as_facts()
    return sessions.begin(opening(bot, draft=draft, facts=facts), variables=_checked(variables or {}))


def opening(bot: Bot, *, draft: bool, facts: Mapping[str, Json]) -> Opening:
    """Return what a conversation with this bot keeps from its beginning; raises NotPublished, InvalidSpec."""
    encoded = spec.encode(specs.draft(bot)) if draft else b""
    if not draft and bot.live_version_id is None:
        raise specs.NotPublished(f"{bot.name} has not been published yet.")
    version = None if draft else bot.live_version_id
    known = spec.decode(encoded) if version is None else specs.published(version)
    return Opening(
        bot=bot.pk,
        bot_key=str(bot.key),
        organization=bot.organization_id,
        spec_ref=f"d:{hashlib.sha256(encoded).hexdigest()}" if draft else f"v:{bot.live_version_id}",
        session_seconds=max(60, known.session_seconds),
        error_text=known.error_text,
        environment={key: str(value) for key, value in (bot.environment.values if bot.environment else {}).items()},
        facts={"accountId": str(bot.organization_id), **facts},
        draft=encoded,
    )


def renewed(before: Opening) -> Opening | None:
    """Return a draft conversation's opening with the draft as it stands now; None where the version stays."""
    bot = Bot.objects.filter(pk=before.bot).first() if before.spec_ref.startswith("d:") else None
    return opening(bot, draft=True, facts=before.facts) if bot else None


def post(conversation: str, *, message_id: str, text: str = "", tap: Tap | None = None) -> Posted:
    """Accept a consumer's message from somebody who may; the same message_id again does nothing.

    Raises UnknownConversation, TooManyMessages.
    """
    posted = inbox.post(conversation, Message(message_id, text or (tap.payload or tap.label if tap else ""), tap))
    if posted.wake:
        wake.send(keys.shard_of(conversation))
    return posted


def check(conversation: str, *, user: Any) -> Opening:
    """Return the opening of a conversation of one of the user's bots; raises UnknownConversation for any other."""
    found = sessions.opening(conversation)
    if not Bot.objects.for_user(user).filter(pk=found.bot).exists():
        raise UnknownConversation
    return found


def transcript(conversation: str, *, after: str = "") -> list[streams.Entry]:
    """Return consumer, message, closed, turn and reset events, oldest first."""
    return sessions.entries(conversation, after=after)


def messages(conversation: str, *, after: str = "") -> list[streams.Entry]:
    """Return the bot's messages."""
    return [entry for entry in sessions.entries(conversation, after=after) if entry.event == "message"]


def variables(conversation: str) -> dict[str, Json]:
    """Return the live session's variables, by name."""
    return dict(sorted(sessions.variables(conversation).items()))


def log(conversation: str, *, after: str = "") -> list[streams.Entry]:
    """Return the lines of the bot log."""
    return sessions.log(conversation, after=after)


def log_ticket(conversation: str, *, holder: str) -> str:
    """A permission to follow the conversation's bot log, for a page whose user may; holder: its session cookie."""
    return streams.ticket(keys.log(conversation), holder=holder)


def reset(conversation: str) -> None:
    """Begin anew under the same id and token; a draft as it stands now. Raises UnknownConversation."""
    before = sessions.opening(conversation)
    sessions.reset(conversation, renewed(before) or before, variables={})


def end(conversation: str) -> None:
    """End it and forget its variables; raises UnknownConversation."""
    sessions.end(conversation)


def end_all(bot_id: int) -> None:
    """Forget the conversations and test runs of a bot that is gone; without Redis, their time ends them."""
    try:
        sessions.end_all(bot=bot_id)
        testruns.forget_all(bot=bot_id)
        testjobs.forget_all(bot=bot_id)
    except RedisError:
        log_of_product.exception("the conversations of the deleted bot %d could not be ended", bot_id)


def _checked(variables: Mapping[str, Json]) -> dict[str, Json]:
    refusals: list[str] = []
    scope = Scope(refused=lambda name, reason: refusals.append(f"The variable {name[:100]} was refused: {reason}."))
    for name, value in variables.items():
        scope.set(name, value)
    if refusals:
        raise RefusedVariable(refusals[0])
    return scope.session
