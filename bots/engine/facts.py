"""What scripts and templates may know about the conversation besides its variables. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots.engine.spec import BotSpec
from bots.engine.state import Event, State
from integrations.engine.json_values import Json

QUICK_REPLY_KINDS = frozenset({"quick_reply", "location"})


def for_scripts(spec: BotSpec, *, state: State, event: Event, context: Mapping[str, Any]) -> dict[str, Json]:
    """Return what botContext's getters read (integrations.engine.scripts.FACTS)."""
    facts: dict[str, Json] = {
        "channel": "lp_web",
        **event.session_facts,
        "message": event.text,
        "conversationId": event.conversation,
        "chatBotId": spec.key,
        "env": dict(event.environment),
        "context": {**context, "conversation": state.context},
        "now": event.now,
        "quickReplyPayload": quick_reply_payload(event),
        "buttonPayload": button_payload(event),
    }
    if state.api_status is not None:
        facts["apiStatus"] = state.api_status
    if event.tap and event.tap.metadata:
        facts["metadata"] = [dict(item) for item in event.tap.metadata]
    if intent := starter_intent(event):
        facts["starterIntent"] = intent
    for key, field in (("userName", "name"), ("email", "email")):
        if field in state.user:
            facts[key] = state.user[field]
    return {name: value for name, value in facts.items() if value is not None}


def for_templates(spec: BotSpec, *, state: State, event: Event) -> dict[str, Json]:
    """Return the system variables that texts may use, by bare name."""
    known = event.session_facts
    return {
        "userMessage": event.text,
        "query": event.text,
        "quickReplyPayload": quick_reply_payload(event) or "",
        "conversationId": event.conversation,
        "chatBotId": spec.key,
        "chatBotUserId": known.get("consumerId", ""),
        "chatBotUserPlatformId": known.get("consumerId", ""),
        "firstname": first_name(state, event=event),
        "location": known.get("location") or {},
    }


def first_name(state: State, *, event: Event) -> str:
    """Return the consumer's first name as a script, a special text or the channel gave it; nothing if unknown."""
    personal = event.session_facts.get("personalInfo")
    given = personal.get("firstname") if isinstance(personal, dict) else None
    name = state.user.get("firstname") or given or state.user.get("name") or event.session_facts.get("userName") or ""
    return str(name)


def quick_reply_payload(event: Event) -> str | None:
    return _payload(event) if event.tap and event.tap.kind in QUICK_REPLY_KINDS else None


def button_payload(event: Event) -> str | None:
    return _payload(event) if event.tap and event.tap.kind == "button" else None


def starter_intent(event: Event) -> str:
    """Return the name (else the id) of the intent that was recognised for this message."""
    intent = event.intent
    if not intent:
        return ""
    return str(intent.get("name") or intent.get("id") or "")


def _payload(event: Event) -> str:
    assert event.tap  # noqa: S101 (callers have looked)
    return event.tap.payload or event.text
