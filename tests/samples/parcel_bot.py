"""A hand-made export document for tests: a parcel bot that uses most of what the format knows."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

BOT = "11111111-aaaa-4aaa-8aaa-111111111111"
MAIN = "22222222-aaaa-4aaa-8aaa-000000000001"
HELP = "22222222-aaaa-4aaa-8aaa-000000000002"
LAST = "22222222-aaaa-4aaa-8aaa-000000000003"
API = "33333333-aaaa-4aaa-8aaa-000000000001"
URL = "https://parcels.example.test/v1/parcels/{$botContext.number}"


def document() -> dict[str, Any]:
    """Return a fresh copy: tests may change it."""
    return {
        "hash": "-12345",
        "bot": _bot(),
        "responder": [_responder()],
        "requiredContext": [],
        "conversationMessage": _interactions(),
        "menus": [],
        "groups": [
            _group(HELP, "Help"),
            _group(MAIN, "Parcels"),
            _group(LAST, "Fallback", dialogType="FALLBACK_DIALOG"),
        ],
        "globalFunctions": {"chatBotId": BOT, "methods": FUNCTIONS},
        "platforms": [],
        "associatedDomains": [],
        "associatedIntents": [{"id": "intent-7", "name": "need_help", "displayName": "Need help"}],
        "dialogTemplates": [],
        "somethingNew": {"kept": True},
    }


FUNCTIONS = """function note(text) { botContext.printDebugMessage('note: ' + text); }
function __initConversation() {
  botContext.setBotVariable('greeting', 'Hello', true, false);
  note(botContext.getLPCustomerInfo() ? botContext.getLPCustomerInfo().customerId : 'unknown');
}
"""

TRANSFORM = """var answer = botContext.getBotVariable('api_Parcels');
var data = JSON.parse(answer.jsonData);
answer.jsonData = JSON.stringify({api_Parcels: {stops: data.api_Parcels}});
botContext.setBotVariable('api_Parcels', answer, true, false);
"""

ASK_AGAIN = """if (!/^[0-9]+$/.test(botContext.getCurrentUserMessage())) {
  botContext.sendImmediateReply('Digits only, please.');
}
"""


def _bot() -> dict[str, Any]:
    return {
        "id": BOT,
        "name": "Parcel bot",
        "chatBotType": "CUSTOMER_FACING_BOT",
        "skipNLP": False,
        "language": "en-GB",
        "botAttributes": {"DEFAULT_ERROR_MESSAGE": "Something broke here.", "ENABLE_DEBUG": "false"},
        "sessionLength": 0,
        "version": "2",
    }


def _responder() -> dict[str, Any]:
    return {
        "chatbotId": BOT,
        "id": API,
        "name": "Parcels",
        "webhook": URL,
        "method": "GET",
        "headers": [{"key": "X-Client", "value": "parcel-bot"}],
        "customDataFields": [
            {"key": "town", "value": "{$.api_Parcels.stops[i].town}"},
            {"key": "day", "value": "{$.api_Parcels.stops[i].day}"},
        ],
        "transformResultsScript": TRANSFORM,
        "responseDataVariable": "Parcels",
        "integrationType": "API",
    }


def _interactions() -> list[dict[str, Any]]:
    main = _chain(
        MAIN,
        _interaction("begin", "DIALOG_STARTER", pattern=["(hi|hello)*", "*parcel*"]),
        _interaction("greet", "TEXT", {"text": "{$botContext.greeting}! I know where parcels are."}),
        _interaction("ask number", "TEXT_QUESTION", {"text": "Which number?"}, rules=[STORE_NUMBER],
                     processUserResponse=ASK_AGAIN),
        _interaction("look up", "API_INTEGRATION", rules=[_rule(_result("FAILURE"), "id-missing"), _rule()]),
        _interaction("stops", "STRUCTURED", {"title": "{Parcels.town}", "subTitle": "on {Parcels.day}",
                                             "buttons": [WEB_BUTTON]}, rules=[_rule(_pattern("*")), ]),
        _interaction("enough", "QUICK_REPLY", {"text": "Enough?"}, rules=[
            _rule(_pattern("y"), "close_conversation"), _rule(_no_match("Yes or no?"), "id-enough")],
            quickReplies=[{"type": "text", "title": "Yes", "payload": "y"}, {"type": "text", "title": "No"}]),
        _interaction("missing", "TEXT", {"text": "There is no parcel {$botContext.number}."},
                     rules=[_rule(None, "id-ask number")], interactionDelay="500"),
    )  # fmt: skip
    helping = _chain(
        HELP,
        _interaction("help", "DIALOG_STARTER", pattern=["help"], intentId="intent-7"),
        _interaction("call us", "ESCALATION", {"text": "A person will help.", "escalation": {"agentSkillId": "77"}},
                     rules=[_rule(None, "none")]),
    )  # fmt: skip
    last = _chain(LAST, _interaction("sorry", "TEXT", {"text": "Sorry?"}))
    return sorted([*main, *helping, *last], key=lambda one: str(one["id"]))


WEB_BUTTON = {"name": "Map", "type": "web_url", "callback": "https://maps.example.test/?q={Parcels.town}"}


def _rule(condition: dict[str, Any] | None = None, value: str = "next", **more: Any) -> dict[str, Any]:
    return {
        "conditions": [condition] if condition else [],
        "contextConditions": [],
        "action": {"name": "INTERACTION", "value": value},
        "contextDataVariables": [],
        **more,
    }


def _pattern(*patterns: str) -> dict[str, Any]:
    return {"matchType": "PATTERN", "patternMatch": {"patterns": list(patterns), "excludeKeywords": []}}


def _no_match(message: str) -> dict[str, Any]:
    return {"matchType": "NO_MATCH", "noMatch": {"fallbackMessage": message}}


def _result(status: str) -> dict[str, Any]:
    return {"matchType": "API_RESULT", "apiResultsMatch": {"status": status}}


STORE_NUMBER = _rule(
    _pattern("*"),
    name="a number",
    contextDataVariables=[{"name": "number", "value": "{$userMessage}", "scope": "SESSION"}],
)


def _interaction(
    name: str, kind: str, tile: dict[str, Any] | None = None, rules: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    results = {"type": kind, "tile": {"tileData": [{**(tile or {}), "quickReplyList": []}]}}
    content: dict[str, Any] = {"contentType": "STATIC", "results": results}
    if kind == "API_INTEGRATION":
        content = {"contentType": "DYNAMIC", "responderName": "Parcels", "responderId": API}
    return {
        "id": f"id-{name}",
        "chatBotId": BOT,
        "userInputRequired": False,
        "name": name,
        "type": "BOT_MESSAGE",
        "content": content,
        "status": "ACTIVE",
        "interactionType": kind,
        "responseMatches": rules if rules is not None else [_rule()],
        **more,
    }


def _chain(group: str, *interactions: dict[str, Any]) -> list[dict[str, Any]]:
    for first, second in pairwise(interactions):
        first["nextMessageId"], second["prevMessageId"] = second["id"], first["id"]
    return [{**interaction, "group": group} for interaction in interactions]


def _group(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"chatBotId": BOT, "id": key, "name": name, "dialogType": "DIALOG", "status": "ENABLED", **more}
