"""A hand-made export whose every text would like to be run as part of a page, and then asks for /canary/…."""

from __future__ import annotations

import json
from typing import Any

from tests.samples import parcel_bot

NAME = "<img src=/canary/n onerror=fetch('/canary/e')>"  # short enough to be kept whole in a name
VENOM = (
    "<script>fetch('/canary/script')</script><img src=/canary/img onerror=\"fetch('/canary/onerror')\">"
    "<a href=\"javascript:fetch('/canary/link')\" onclick=\"fetch('/canary/click')\">go</a>"
    '<div hx-get="/canary/hx" hx-trigger="load" data-hx-get="/canary/data"></div>'
    "<svg onload=fetch('/canary/svg')></svg><iframe srcdoc=\"<script>parent.fetch('/canary/frame')</script>\"></iframe>"
    "\"' hx-get=/canary/attribute hx-trigger=load onfocus=fetch('/canary/focus') autofocus '\"></textarea></title>"
    "</script><script>fetch('/canary/closed')</script>-->"
)
LINK = "javascript:fetch('/canary/address')"
PICTURE = "/canary/picture.png"
FILE_NAME = "<img src=x onerror=alert(1)>.json"
MESSAGES, INTERACTIONS = 12, 11  # long texts are sent in two

SCRIPT = f"""botContext.setBotVariable({json.dumps(NAME)}, {json.dumps(VENOM)}, true, false);
botContext.setBotVariable('answers', JSON.parse({json.dumps(json.dumps({NAME: [VENOM]}))}), true, false);
botContext.printDebugMessage({json.dumps(VENOM)});
"""
BUTTONS = [
    {"name": f"1 {NAME}", "type": "postback", "callback": VENOM},
    {"name": f"2 {NAME}", "type": "web_url", "callback": LINK},
]
RICH = {
    "type": "vertical",
    "tag": VENOM,
    "elements": [
        {"type": "text", "text": VENOM, "tooltip": VENOM, "style": {"bold": VENOM, "size": VENOM, "color": VENOM}},
        {"type": "image", "url": PICTURE, "caption": VENOM, "tooltip": VENOM},
        {"type": "image", "url": LINK, "click": {"actions": [{"type": "link", "uri": LINK}]}},
        {"type": "map", "la": VENOM, "lo": VENOM, "tooltip": VENOM},
        {"type": "linkPreview", "url": LINK, "title": VENOM, "description": VENOM},
        {"type": "button", "title": f"Go {NAME}", "class": VENOM, "click": {"actions": [
            {"type": "link", "uri": LINK}]}},
        {"type": "button", "title": f"Say {NAME}", "click": {"actions": [{"type": "publishText", "text": VENOM}]}},
        {"type": VENOM, "elements": [VENOM]},
        {"type": "carousel", "elements": [{"type": "text", "text": VENOM}, VENOM, None]},
    ],
    "quickReplies": {"type": "quickReplies", "items": [
        {"type": "button", "title": NAME, "click": {"actions": [{"type": "publishText", "text": VENOM}]}}]},
}  # fmt: skip


def document() -> dict[str, Any]:
    """Return a fresh copy."""
    made = parcel_bot.document()
    made["bot"]["name"] = f"Canary {NAME}"
    made["bot"]["description"] = VENOM
    made["conversationMessage"] = _interactions()
    made["groups"] = [{**group, "name": f"{group['name']} {NAME}", "description": VENOM} for group in made["groups"]]
    made["associatedIntents"] = [{"id": "intent-7", "name": VENOM, "displayName": VENOM}]
    made["globalFunctions"]["methods"] = f"// {VENOM}\n"
    made[VENOM] = {VENOM: VENOM}
    made["responder"][0].update(
        name=f"Call {NAME}",
        webhook=f'https://parcels.example.test/?q="><{NAME}{VENOM}',
        headers=[{"key": "X-Client", "value": VENOM}],
        customDataFields=[{"key": "town", "value": VENOM}],
        transformResultsScript=f"// {VENOM}\n",
    )
    return made


def _interactions() -> list[dict[str, Any]]:
    rules = [{**_on(), "name": VENOM, "contextDataVariables": [{"name": "x", "value": VENOM, "scope": "SESSION"}]}]
    choice = {"multipleChoices": [f"1 {NAME}", VENOM], "displayChoice": "BUTTON"}
    card = {"title": VENOM, "subTitle": VENOM, "image": LINK, "buttons": BUTTONS}
    chips = [{"type": "text", "title": NAME, "payload": VENOM, "image": PICTURE}]
    parts = [
        _one("DIALOG_STARTER", {}, pattern=["hi", VENOM], intentId="intent-7"),
        _one("TEXT", {"text": VENOM}, preProcessMessage=SCRIPT),
        _one("LINK", {"url": LINK, "title": VENOM}),
        _one("IMAGE", {"url": PICTURE}),
        _one("STRUCTURED_STATEMENT", card),
        _one("UNIVERSAL", {"universalWidget": {"leMessageJson": json.dumps(RICH)}}),
        _one("BUTTON", {"text": VENOM, "buttons": BUTTONS}),
        _one("MULTIPLE_CHOICE_QUESTION", {"text": VENOM, "multipleChoice": choice}),
        _one("STRUCTURED", {**card, "image": PICTURE}),
        _one("QUICK_REPLY", {"text": VENOM}, quickReplies=chips, responseMatches=rules),
        _one(VENOM, {"text": VENOM}),
    ]
    for number, part in enumerate(parts):
        part.update(id=f"part-{number}", name=f"{number} {NAME}", comments=VENOM)
        part.update({"nextMessageId": f"part-{number + 1}"} if number + 1 < len(parts) else {})
        part.update({"prevMessageId": f"part-{number - 1}"} if number else {})
    return parts


def _one(kind: str, tile: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "chatBotId": parcel_bot.BOT,
        "type": "BOT_MESSAGE",
        "content": {"contentType": "STATIC", "results": {"type": kind, "tile": {"tileData": [tile]}}},
        "group": parcel_bot.MAIN,
        "status": "ACTIVE",
        "interactionType": kind,
        "responseMatches": [_on()],
        **more,
    }


def _on() -> dict[str, Any]:
    return {"conditions": [], "contextConditions": [], "action": {"name": "INTERACTION", "value": "next"}}
