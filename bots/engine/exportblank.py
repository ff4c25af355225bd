"""What an export says beside interactions and integrations: the frame of a new document, settings, dialogs. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bots.engine.exportfit import Authored
from bots.engine.spec import BotSpec

View = dict[str, Any]

DOCUMENT = (
    "hash", "bot", "responder", "requiredContext", "conversationMessage", "menus", "groups", "globalFunctions",
    "platforms", "associatedDomains", "associatedIntents", "dialogTemplates",
)  # fmt: skip
FUNCTIONS = ("chatBotId", "methods", "creationTime", "modificationTime")
DEFAULTS = BotSpec(key="", name="")


def document(now: Authored) -> View:
    """Return the document of a bot that was made here, without what its author wrote."""
    bot = now.spec.key
    platform = {"integrationType": "HTMLCLIENT", "platform": "HTMLCLIENT", "status": "NEW"}
    intents = [{"id": key, "name": name, "displayName": name} for key, name in now.spec.intents.items()]
    made: View = {key: [] for key in DOCUMENT if key not in ("globalFunctions", "associatedIntents")}
    made |= {
        "hash": "0",
        "bot": {"id": bot},
        "platforms": [
            {"id": hashlib.sha1(bot.encode(), usedforsecurity=False).hexdigest(), "chatbotId": bot, **platform}
        ],
    }
    return made | ({"associatedIntents": intents} if intents else {})


def settings(one: Authored) -> View:
    """Return the `bot` of an export; without its id, which is never changed."""
    spec = one.spec
    seconds = spec.session_seconds
    attributes = {"ENABLE_AGENT_ANNOTATIONS": "false", "ENABLE_DEBUG": "true" if spec.debug else "false"}
    if spec.error_text not in ("", DEFAULTS.error_text):
        attributes = {"DEFAULT_ERROR_MESSAGE": spec.error_text, **attributes}
    view = {
        "name": spec.name,
        "chatBotType": "CUSTOMER_FACING_BOT",
        "description": one.description or None,
        "status": "NEW",
        "getStartedButtonPayload": "hi",
        "creationTime": one.created_ms,
        "modificationTime": one.created_ms,
        "demo": False,
        "skipNLP": False,
        "language": spec.language,
        "botAttributes": attributes,
        "sessionLength": 0 if seconds == DEFAULTS.session_seconds else seconds // 60,
        "passThroughMode": False,
        "transcriptDisabled": False,
        "version": "2",
        "publicBot": False,
        "readOnly": False,
    }
    return {key: value for key, value in view.items() if value is not None}


def functions(one: Authored, *, bot: str) -> View:
    """Return `globalFunctions`."""
    values = (bot, one.spec.global_functions, when(one.created_ms), when(one.created_ms))
    return dict(zip(FUNCTIONS, values, strict=True))


def dialogs(one: Authored, *, bot: str, identifier: Callable[[str], str]) -> dict[str, View]:
    """Return the elements of `groups` by the keys of the dialogs."""
    return {
        dialog.key: {
            "chatBotId": bot,
            "id": identifier(dialog.key),
            "name": dialog.name,
            "creationTime": when(one.created_ms),
            "modificationTime": when(one.created_ms),
            **_description(one.dialog_descriptions.get(dialog.key, "")),
            "dialogType": "FALLBACK_DIALOG" if dialog.kind == "fallback" else "DIALOG",
            "status": "ENABLED" if dialog.enabled else "DISABLED",
            "disambiguteOnlySelectedDomains": False,
        }
        for dialog in one.spec.dialogs
    }


def _description(text: str) -> View:
    return {"description": text} if text else {}


def when(milliseconds: int) -> str:
    """Write a time as dialogs and global functions do."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
