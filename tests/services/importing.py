"""Imports and exports for tests: documents as text, and what an exported document says."""

from __future__ import annotations

import json
from typing import Any

from bots.models import Bot
from bots.services import transfer
from credentials.models import Organization


def text_of(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def imported(document: Any, organization: Organization, **options: Any) -> Bot:
    text = document if isinstance(document, str) else text_of(document)
    return transfer.import_bot(transfer.read(text.encode()), organization=organization, actor=None, **options)


def exported(bot: Bot) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(transfer.export_bot(Bot.objects.get(pk=bot.pk)))
    return document


def tile(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in document["conversationMessage"] if one["name"] == name)


def chain(document: dict[str, Any], group: str) -> list[str]:
    """The names of a dialog's interactions by their links, which must agree with each other."""
    members = {one["id"]: one for one in document["conversationMessage"] if one["group"] == group}
    at = next(one for one in members.values() if "prevMessageId" not in one)
    walked = [at["name"]]
    while "nextMessageId" in at:
        assert members[at["nextMessageId"]]["prevMessageId"] == at["id"]
        at = members[at["nextMessageId"]]
        walked.append(at["name"])
    assert len(walked) == len(members)
    return walked
