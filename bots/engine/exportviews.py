"""How each part of a bot looks in the export format, complete and in the format's order of keys. Pure.

What the format cannot say is left out here; exportown keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bots.engine.spec import Action, Button, Chip, Condition, Content, Interaction, Kind, Rule, SetVariable, Tile
from integrations.engine.spec import IntegrationSpec, Row

View = dict[str, Any]

TYPES: dict[Kind, str] = {
    "starter": "DIALOG_STARTER",
    "text": "TEXT",
    "image": "IMAGE",
    "link": "TEXT",  # the nearest that Conversation Builder knows
    "text_question": "TEXT_QUESTION",
    "quick_reply": "QUICK_REPLY",
    "multiple_choice": "MULTIPLE_CHOICE_QUESTION",
    "button": "BUTTON",
    "structured": "STRUCTURED",
    "structured_question": "STRUCTURED",
    "universal": "UNIVERSAL",
    "integration": "API_INTEGRATION",
    "agent_transfer": "ESCALATION",
}
STYLES = {"numbers": "NUMBERS", "letters": "LETTERS", "none": "NONE"}
NOT_CHANGEABLE = frozenset({"TEXT", "IMAGE", "DIALOG_STARTER"})
WORDS = {"next": "next", "end": "none", "close_conversation": "close_conversation", "close_dialog": "close_dialog"}
PLAIN_RULE = Rule(name="RULE_1")


@dataclass(frozen=True, slots=True)
class Names:
    """How the file at hand names things: the bot's id, ids by key, names of integrations by key."""

    bot: str
    identifiers: Mapping[str, str] = field(default_factory=dict)
    integrations: Mapping[str, str] = field(default_factory=dict)

    def identifier(self, key: str) -> str:
        return self.identifiers.get(key, key)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an interaction stands: the ids of its dialog and of its neighbours; None is left out."""

    group: str | None
    following: str | None
    previous: str | None


def interaction(one: Interaction, *, names: Names, place: Place, comment: str) -> View:
    """Return the element of `conversationMessage`, without its rules."""
    exported = TYPES.get(one.kind, one.content.imported_type)
    can_change = None if exported in NOT_CHANGEABLE else {"enabled": True}
    view = {
        "id": names.identifier(one.key),
        "chatBotId": names.bot,
        "userInputRequired": one.kind == "universal" and one.content.waits,
        "name": one.name,
        "pattern": list(one.content.patterns) or None,
        "excludeKeywords": list(one.content.exclude_keywords) or None,
        "intentId": one.content.intent or None,
        "type": "BOT_MESSAGE",
        "content": _content(one, names),
        "preProcessMessage": one.pre_process or None,
        "processUserResponse": one.process_response or None,
        "postProcessMessage": one.post_process or None,
        "quickReplies": [_chip(each) for each in one.content.quick_replies] if one.kind == "quick_reply" else None,
        "group": place.group,
        "status": "ACTIVE" if one.enabled else "INACTIVE",
        "required": True,
        "nextMessageId": place.following,
        "prevMessageId": place.previous,
        "responseMatches": [],
        "interactionType": exported,
        "changeResponse": can_change,
        "cancelResponse": can_change,
        "comment": _comment(comment) if comment else None,
        "interactionDelay": str(one.delay_ms) if one.delay_ms else None,
    }
    return _present(view)


def _present(view: View) -> View:
    """Return the view without keys that have no value: the format leaves them out."""
    return {key: value for key, value in view.items() if value is not None}


def _comment(text: str) -> View:
    return {"content": text, "lastCommenterName": "", "lastCommenterId": "", "lastModifiedDate": 0}


def _content(one: Interaction, names: Names) -> View:
    if one.kind == "integration":
        key = one.content.integration
        named = {"responderName": names.integrations.get(key, ""), "responderId": names.identifier(key)}
        return {"contentType": "DYNAMIC", **named}
    make = TILES.get(one.kind)
    tiles = make(one.content) if make else []
    sample = {"sampleUserInput": one.content.sample} if one.kind == "starter" and one.content.sample else {}
    exported = TYPES.get(one.kind, one.content.imported_type)
    kind = "DYNAMIC" if one.kind == "agent_transfer" else "STATIC"
    return {"contentType": kind, "results": {"type": exported, "tile": {"tileData": tiles, **sample}}}


def _tile(first: View, buttons: tuple[Button, ...] = (), last: View | None = None) -> list[View]:
    return [{**first, "buttons": [_button(each) for each in buttons], "quickReplyList": [], **(last or {})}]


def _starter(content: Content) -> list[View]:
    return _tile({})


def _text(content: Content) -> list[View]:
    return _tile({"text": content.text})


def _image(content: Content) -> list[View]:
    return _tile({"url": content.url})


def _link(content: Content) -> list[View]:
    return _tile({"text": f"{content.text} {content.url}".strip(), "title": content.text, "url": content.url})


def _choices(content: Content) -> list[View]:
    choices = {
        "multipleChoices": list(content.choices),
        "displayChoice": "BUTTON" if content.display == "buttons" else "QUICK_REPLY",
        "textStyle": STYLES[content.text_style],
    }
    return [{"text": content.text, "buttons": [], "multipleChoice": choices, "quickReplyList": []}]


def _buttons(content: Content) -> list[View]:
    return _tile({"text": content.text}, content.buttons)


def _button(one: Button) -> View:
    opens = one.type == "web_url"
    metadata = [dict(each) for each in one.metadata] or None
    view = {
        "name": one.label,
        "type": one.type,
        "callback": one.value,
        "target": (one.target or None) if opens else None,
    }
    return _present({**view, "metadata": metadata})


def _chip(one: Chip) -> View:
    return _present({"type": one.type, "title": one.title, "payload": one.payload or None, "image": one.image or None})


def _structured(content: Content) -> list[View]:
    return [tile for one in content.tiles for tile in _structured_tile(one)]


def _structured_tile(one: Tile) -> list[View]:
    texts = {"title": one.title or None, "subTitle": one.subtitle or None, "image": one.image or None}
    return _tile(_present(texts), one.buttons)


def _universal(content: Content) -> list[View]:
    return _tile({}, last={"universalWidget": {"leMessageJson": content.rich_json}})


def _escalation(content: Content) -> list[View]:
    skill = {"agentSkillId": content.skill or None, "agentId": content.agent or None, "tangoContextEnabled": False}
    return _tile({"text": content.text}, last={"escalation": _present(skill)})


TILES: dict[Kind, Callable[[Content], list[View]]] = {
    "starter": _starter,
    "text": _text,
    "text_question": _text,
    "quick_reply": _text,
    "image": _image,
    "link": _link,
    "multiple_choice": _choices,
    "button": _buttons,
    "structured": _structured,
    "structured_question": _structured,
    "universal": _universal,
    "agent_transfer": _escalation,
}


def rule(one: Rule, *, names: Names, repeats: str) -> View:
    """Return the element of `responseMatches`; `repeats` is the id of the interaction that it belongs to."""
    stored = [_variable(each) for each in one.variables]
    if one.slot:
        stored.append({**_variable(one.slot), "name": f"slot.{one.slot.name}"})
    conditions = [
        {"matchType": each.operator, "contextName": each.name, "value": each.value} for each in one.variable_conditions
    ]
    combined = one.condition is not None or one.variable_match == "all"
    return _present(
        {
            "name": one.name or None,
            "conditions": [CONDITIONS[one.condition.kind](one.condition)] if one.condition else [],
            "contextConditions": conditions,
            "contextMatchConditionType": one.variable_match.upper() if combined else None,
            "action": _action(one.action, names, repeats),
            "contextDataVariables": stored,
        }
    )


def _variable(one: SetVariable) -> View:
    return {"name": one.name, "value": one.value, "scope": one.scope.upper()}


def _action(one: Action, names: Names, repeats: str) -> View:
    if one.kind == "dialog":
        return {"name": "DIALOG", "value": names.identifier(one.target)}
    if one.kind == "repeat":
        return {"name": "INTERACTION", "value": repeats}
    return {"name": "INTERACTION", "value": WORDS.get(one.kind) or names.identifier(one.target)}


def _matcher(match_type: str, key: str, value: Callable[[Condition], View]) -> Callable[[Condition], View]:
    return lambda one: {"matchType": match_type, key: value(one)}


def _first(one: Condition) -> str:
    return one.values[0] if one.values else ""


CONDITIONS: dict[str, Callable[[Condition], View]] = {
    "pattern": _matcher(
        "PATTERN", "patternMatch", lambda c: {"patterns": list(c.values), "excludeKeywords": list(c.exclude_keywords)}
    ),
    "regex": _matcher(
        "REGEX", "regexMatch", lambda c: {"regexText": _first(c), "excludeKeywords": list(c.exclude_keywords)}
    ),
    "exact": _matcher("EXACT_VALUE", "exactMatch", lambda c: {"value": _first(c)}),
    "option": _matcher("EVAL_OPTION", "evaluateOptionMatch", lambda c: {"value": _first(c)}),
    "no_match": _matcher("NO_MATCH", "noMatch", lambda c: {"fallbackMessage": c.message} if c.message else {}),
    "api_result": _matcher("API_RESULT", "apiResultsMatch", lambda c: {"status": _first(c)}),
    "intent": _matcher("INTENT", "intentMatch", lambda c: {"intentId": _first(c)}),
    "unsupported": lambda c: dict(c.source or {"matchType": "UNKNOWN"}),
}


def integration(one: IntegrationSpec, *, names: Names) -> View:
    """Return the element of `responder`. Its credential is no part of any export."""
    return _present(
        {
            "chatbotId": names.bot,
            "id": names.identifier(one.key),
            "name": one.name,
            "webhook": one.url,
            "method": one.method,
            "headers": _rows(one.headers),
            "defaultValues": [{"key": key} for key in ("title", "subTitle", "image", "itemUrl")],
            "postBody": one.body or None,
            "customDataFields": _rows(one.fields),
            "results": {"type": "TEXT", "tile": {"tileData": _tile({})}},
            "group": "Responders",
            "transformResultsScript": one.transform_script or None,
            "responseDataVariable": one.response_variable,
            "integrationType": one.type,
            "tangoContextEnabled": False,
        }
    )


def _rows(rows: tuple[Row, ...]) -> list[View] | None:
    """A row that is switched off is one that Conversation Builder must not see."""
    return [{"key": row.key, "value": row.value} for row in rows if row.enabled] or None
