"""Turns as the worker plays them: the specification, the sandbox, the call pipeline and the engine, put together."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from threading import Lock
from typing import Any

import cachetools
from django.db import close_old_connections
from msgspec import structs
from redis.exceptions import RedisError

from bots.engine import spec, state, turn
from bots.engine.effects import CallRequest, Effects
from bots.engine.spec import BotSpec
from bots.engine.state import Event, LogLine, State, TurnResult
from bots.runtime import contexts, exchanges, keys, runner, sessions
from bots.runtime.journal import Journal
from bots.runtime.keeper import Keeper
from bots.runtime.leases import Claim
from bots.runtime.runner import Played
from bots.runtime.sessions import Opening
from bots.runtime.voice import LostLease, Voice
from bots.services import conversations, specs
from config import redis
from integrations.engine.json_values import Json
from integrations.engine.outcome import CallOutcome
from integrations.engine.scripts import ScriptCall
from integrations.sandbox import pool
from integrations.services import calls
from integrations.services import edge as edges

MOST_REMEMBERED = 1_000
MENTIONS_OF_CONTEXT = ("ContextData", "ContextNamespace")


def serve(shard: int) -> None:
    """Play the turns that are ready, until there has been nothing to do for a while."""
    try:
        runner.serve(shard, keeper=shared_keeper(), play=play)
    finally:
        close_old_connections()


@cache
def shared_keeper() -> Keeper:
    """The keeper of this process."""
    return Keeper(sandbox_answers=sandbox_answers)


def sandbox_answers() -> bool:
    """Run a script that does nothing."""
    outcome = pool.shared().run(
        ScriptCall(reuse="parley: alive", place="preProcess", source="1", time_limit_seconds=2.0)
    )
    return outcome.error is None


def play(claim: Claim, voice: Voice) -> Played:
    """Play one turn with everything real; a defect of the product rises."""
    opening = sessions.from_meta(claim.meta)
    bot = load(claim.conversation, spec_ref=opening.spec_ref)
    before, variables = _session(claim, voice)
    event = _event(claim, opening, bot)
    effects = _effects(claim, opening, bot, voice)
    played = turn.run_turn(bot, before, variables, event, effects, stored=claim.variables)
    consumer = str(opening.facts.get("consumerId") or "")
    writes = contexts.write(opening.organization, played.context_changes, consumer=consumer)
    return Played(played, _renewed(claim, opening, played), outbox=writes)


def load(conversation: str, *, spec_ref: str) -> BotSpec:
    """Return the specification that a conversation began with."""
    kind, _, name = spec_ref.partition(":")
    if kind == "d":
        return _draft(keys.draft(conversation, name))
    try:
        return specs.published(int(name))
    except specs.NotPublished as error:
        raise runner.CannotPlay("The bot, or this version of it, was deleted. Begin a new conversation.") from error


@cachetools.cached(specs.kept(), lock=Lock())
def _draft(key: str) -> BotSpec:
    data: Any = redis.client().get(key)
    if data is None:
        raise runner.CannotPlay("The draft of this conversation is gone. Reset the conversation.")
    return spec.decode(data)


def _session(claim: Claim, voice: Voice) -> tuple[State, dict[str, Json]]:
    stored = claim.meta.get(b"state")
    try:
        return (state.decode(stored) if stored else State()), sessions.decoded(claim.variables)
    except state.InvalidState as error:
        voice.log(LogLine("notice", f"The session cannot go on and begins anew: {error}.", error=True))
        return State(), {}


def _event(claim: Claim, opening: Opening, bot: BotSpec) -> Event:
    consumer = str(opening.facts.get("consumerId") or "")
    return Event(
        text=claim.message.text,
        conversation=claim.conversation,
        tap=claim.message.tap,
        turn=claim.turn,
        now=time.time(),
        environment=opening.environment,
        session_facts=opening.facts,
        context=_context(claim, opening, consumer) if _uses_context(bot) else {},
        intent=claim.message.intent,
    )


def _context(claim: Claim, opening: Opening, consumer: str) -> dict[str, dict[str, dict[str, Json]]]:
    """Load the context service as it stands after all turns of this conversation."""
    contexts.settle(claim.shard)
    return contexts.load(opening.organization, consumer=consumer)


def _effects(claim: Claim, opening: Opening, bot: BotSpec, voice: Voice) -> Effects:
    box = pool.shared()

    def call(request: CallRequest) -> CallOutcome:
        voice.flush()
        context = calls.CallContext(
            reuse=request.reuse,
            global_functions=request.global_functions,
            facts=request.facts,
            script_seconds=request.script_seconds,
            step=request.step,
            idempotency_key=partial(_idempotency_key, claim, request.step),
            journal=Journal(claim),
            log=request.log,
            logs_outcome=True,
            on_slow=_slow(request, voice),
        )
        edge = edges.real_edge(opening.organization, bot=bot.key)
        if opening.spec_ref.startswith("d:"):
            edge = structs.replace(edge, send=exchanges.recording(edge.send, claim=claim))
        return calls.run(request.integration, scope=request.scope, edge=edge, run_script=box.run, context=context)

    return Effects(
        run_script=box.run,
        match_regex=lambda expression, text: box.match(expression, text, reuse=bot.fingerprint),
        call=call,
        log=voice.log,
    )


def _idempotency_key(claim: Claim, step: str) -> str:
    """The same when the turn is run again; tells the API nothing of the conversation."""
    return hashlib.sha256(f"{claim.conversation} {claim.turn} {step}".encode()).hexdigest()[:32]


def _slow(request: CallRequest, voice: Voice) -> Callable[[], None] | None:
    replies = request.slow_replies
    if replies is None:
        return None

    def due() -> None:
        with contextlib.suppress(LostLease, RedisError):  # the commit meets the same, and says what was not said here
            voice.say(replies())

    return due


def _uses_context(bot: BotSpec) -> bool:
    """Tell whether a script of the bot mentions the context service; looked up once for each version."""
    known = _context_users.get(bot.fingerprint)
    if known is None:
        known = any(word in text for text in _scripts(bot) for word in MENTIONS_OF_CONTEXT)
        if len(_context_users) > MOST_REMEMBERED:
            _context_users.clear()
        _context_users[bot.fingerprint] = known
    return known


_context_users: dict[str, bool] = {}


def _scripts(bot: BotSpec) -> Iterator[str]:
    yield bot.global_functions
    for dialog in bot.dialogs:
        for tile in dialog.interactions:
            yield from (tile.pre_process, tile.post_process, tile.process_response)
    for integration in bot.integrations:
        yield integration.transform_script


def _renewed(claim: Claim, opening: Opening, result: TurnResult) -> dict[str, str]:
    """After a reset by the debug command, the conversation goes on with the draft as it stands now."""
    if not any(occurrence.type == "reset" for occurrence in result.occurrences):
        return {}
    fresh = conversations.renewed(opening)
    if fresh is None:
        return {}
    sessions.keep_draft(claim.conversation, fresh)
    return fresh.fields()
