"""Make a conversation test of a conversation as it went: its messages, what came of them, and what calls were answered.

Stores nothing. Knows what a transcript looks like; how it is kept and played is said elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bots.engine.spec import BotSpec
from bots.runtime import exchanges, keys, runner, sessions
from bots.runtime.exchanges import Exchange
from bots.services import transcripts, turns
from integrations.engine.json_values import Json, dumps, loads, to_text
from integrations.services import streams

NOT_COMPARED = frozenset({"turn", "delay", "interaction", "html", "id"})
EXPECTED_EVENTS = {"close": ("how",), "transfer": ("skill_id",), "custom_event": ("name", "user_message")}
KINDS = {"timeout": "timeout"}  # other failures without an answer are played as a lost connection


class NothingToRecord(Exception):
    """The conversation has no finished turn yet."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """title: what the consumer said first. transcript, answers: YAML. cut: answers that were too large to be kept."""

    title: str
    transcript: str
    answers: str
    cut: int = 0


@dataclass(slots=True)
class _Turn:
    said: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    ended: dict[str, Any] | None = None


def record(conversation: str, *, variables: bool = False) -> Recorded:
    """Return a test that expects what happened; raises NothingToRecord, keys.UnknownConversation.

    variables: expect the variables, too, as they stand after the last turn.
    """
    opening = sessions.opening(conversation)
    try:
        bot = turns.load(conversation, spec_ref=opening.spec_ref)
    except runner.CannotPlay as error:
        raise keys.UnknownConversation from error
    calls = exchanges.read(conversation)
    finished = {number: each for number, each in _turns(conversation).items() if each.said and each.ended}
    if not finished:
        raise NothingToRecord("The conversation has no finished turn yet. Say something to the bot first.")
    planned = [_planned(bot, each, [c for c in calls if c.turn == number]) for number, each in finished.items()]
    if variables and isinstance(planned[-1]["expect"], dict):
        planned[-1]["expect"]["vars"] = _variables(sessions.variables(conversation))
    title = str(planned[0]["user"]["text"])
    scenario: dict[str, Any] = {"id": "conversation", "title": title, "session": _facts(opening.facts)}
    if opening.environment:
        scenario["environment"] = dict(opening.environment)
    answers = transcripts.written({"routes": _routes(calls)}) if calls else ""
    transcript = transcripts.written({"scenarios": [scenario | {"turns": planned}]})
    return Recorded(title, transcript, answers, sum(call.cut for call in calls))


def _turns(conversation: str) -> dict[int, _Turn]:
    found: dict[int, _Turn] = {}
    for entry in sessions.entries(conversation):
        turn = found.setdefault(streams.position(entry.id)[0], _Turn())
        data = json.loads(entry.data)
        if entry.event == "consumer":
            turn.said = data
        elif entry.event == "message":
            turn.messages.append(data)
        elif entry.event == "turn":
            turn.ended = data
    return found


def _planned(bot: BotSpec, turn: _Turn, calls: list[Exchange]) -> dict[str, Any]:
    user: dict[str, Any] = {"text": turn.said.get("text", "")}
    if tap := turn.said.get("tap"):
        user["click"] = {name: tap[name] for name in ("kind", "label", "payload") if tap.get(name)}
    if intent := turn.said.get("intent"):
        user["nlu"] = {"intent_id": intent.get("id"), "intent_name": intent.get("name"), "score": intent.get("score")}
    return {"user": user, "expect": _expected(bot, turn, calls)}


def _expected(bot: BotSpec, turn: _Turn, calls: list[Exchange]) -> dict[str, Any] | str:
    ended = turn.ended or {}
    if ended.get("outcome") != "done":
        return "any"
    waiting = bot.interaction_by_key.get(ended.get("waiting_at", ""))
    shown = [message for message in turn.messages if not _is_slow_notice(bot, message)]
    expect: dict[str, Any] = {
        "messages": [{k: v for k, v in message.items() if k not in NOT_COMPARED} for message in shown],
        "waiting_at": waiting[1].name if waiting else None,
    }
    if calls:
        expect["api_calls"] = [{"method": call.method, "url": call.url} for call in calls]
    if events := [_event(each) for each in ended.get("events", ()) if each["type"] in EXPECTED_EVENTS]:
        expect["events"] = events
    return expect


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    names = ("type", *EXPECTED_EVENTS[event["type"]])
    return {name: event[name] for name in names if event.get(name) is not None}


def _is_slow_notice(bot: BotSpec, message: Mapping[str, Any]) -> bool:
    """Tell whether it only said that the API takes its time: canned answers come at once."""
    found = bot.interaction_by_key.get(message.get("interaction", ""))
    integration = bot.integration_by_key.get(found[1].content.integration) if found else None
    return integration is not None and message.get("text") == integration.slow_message


def _facts(facts: Mapping[str, Json]) -> dict[str, Any]:
    """A conversation in the preview has no consumer id, where a test would be given one."""
    return {"consumerId": "", **{name: _plain(value) for name, value in facts.items()}}


def _variables(values: Mapping[str, Json]) -> dict[str, Any]:
    return {name: _value(value) for name, value in sorted(values.items())}


def _value(value: Json) -> Any:
    return {"json": _plain(value)} if isinstance(value, dict | list) else to_text(value)


def _plain(value: Json) -> Any:
    return json.loads(dumps(value))


def _routes(calls: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Group the answers by what was asked, in their order."""
    routes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for call in calls:
        routes.setdefault((call.method, call.url), []).append(_answer(call))
    return [{"method": method, "url": url, "responses": found} for (method, url), found in routes.items()]


def _answer(call: Exchange) -> dict[str, Any]:
    if call.kind:
        return {"kind": KINDS.get(call.kind, "network")}
    answer: dict[str, Any] = {"status": call.status}
    headers = {name: value.partition(";")[0].strip() for name, value in call.headers}
    document = _document(call.body)
    if document is not None:
        headers = {name: value for name, value in headers.items() if value != "application/json"}
    if headers:
        answer["headers"] = headers
    return answer | ({"body": call.body} if document is None else {"json": document[0]})


def _document(body: str) -> tuple[Any] | None:
    """Return the JSON document in a body; nothing where it is none, or its numbers are spelled in their own way."""
    try:
        document = json.loads(body)
        kept = dumps(loads(body)) == dumps(loads(json.dumps(document)))
    except (ValueError, RecursionError):
        return None
    return (document,) if kept else None
