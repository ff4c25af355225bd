"""What is odd about an export document: said when it is imported, never a reason to refuse it.

Pure. Shapes that cannot be read are exportfile's; what does not work when the bot runs is found by checks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator

from bots.engine import exportcontent
from bots.engine.exportnode import Node


def warnings(document: object) -> list[str]:
    """Return a sentence for each oddity of a document that exportfile.read has read."""
    root = Node(document)
    return [sentence for look in LOOKS for sentence in look(root)]


def _repeated_ids(root: Node) -> Iterator[str]:
    for key, what in (("conversationMessage", "interactions"), ("groups", "dialogs"), ("responder", "integrations")):
        ids = Counter(item.get("id").text() for item in root.get(key).items())
        for repeated in (one for one, count in ids.items() if count > 1):
            yield f"Several {what} have the id {repeated}; only the last one is kept."


def _repeated_names(root: Node) -> Iterator[str]:
    names = Counter(item.get("name").text() for item in root.get("conversationMessage").items())
    for name in (one for one, count in names.items() if count > 1):
        yield f"Several interactions are named {name}; scripts that name it reach only one of them."


def _dialogs(root: Node) -> Iterator[str]:
    known = {item.get("id").text() for item in root.get("groups").items()}
    for item in root.get("conversationMessage").items():
        if item.get("group").text() not in known:
            yield f"{item.get('name').text()} belongs to a dialog that is not in the file; it gets one of its own."
    kinds = Counter(item.get("dialogType").text().upper() for item in root.get("groups").items())
    if kinds["FALLBACK_DIALOG"] != 1:
        yield f"The bot has {kinds['FALLBACK_DIALOG'] or 'no'} fallback dialogs; it should have one."


def _chains(root: Node) -> Iterator[str]:
    by_id = {item.get("id").text(): item for item in root.get("conversationMessage").items()}
    for key, item in by_id.items():
        for link, back in (("nextMessageId", "prevMessageId"), ("prevMessageId", "nextMessageId")):
            other = by_id.get(item.get(link).text())
            named = item.get(link).text()
            if named and (other is None or other.get(back).text() != key):
                yield f"{item.get('name').text()}: its neighbours in the dialog do not agree; the order may differ."
                break


def _integrations(root: Node) -> Iterator[str]:
    known = {item.get(key).text() for item in root.get("responder").items() for key in ("id", "name")}
    for item in root.get("conversationMessage").items():
        content = item.get("content")
        if exportcontent.kind(item) == "integration" and not (
            {content.get("responderId").text(), content.get("responderName").text()} & known
        ):
            yield f"{item.get('name').text()} uses an integration that is not in the file."


def _types(root: Node) -> Iterator[str]:
    kinds = Counter(
        item.get("interactionType").text()
        for item in root.get("conversationMessage").items()
        if exportcontent.kind(item) == "unsupported"
    )
    for name, count in kinds.items():
        yield f"Interactions of the type {name} ({count}) are kept, but not supported here: they are skipped."


def _owner(root: Node) -> Iterator[str]:
    bot = root.get("bot").get("id").text()
    strangers = sum(
        item.get("chatBotId").text(bot) != bot
        for key in ("conversationMessage", "groups")
        for item in root.get(key).items()
    )
    if strangers:
        yield f"{strangers} parts of the file say that they belong to another bot."


def _rich(root: Node) -> Iterator[str]:
    for item in root.get("conversationMessage").items():
        if exportcontent.kind(item) == "universal":
            text = exportcontent.content(item, integrations={}).rich_json
            if "{$" not in text and not _parses(text):
                yield f"{item.get('name').text()}: its rich message is no JSON."


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


LOOKS: tuple[Callable[[Node], Iterator[str]], ...] = (
    _repeated_ids,
    _repeated_names,
    _dialogs,
    _chains,
    _integrations,
    _types,
    _owner,
    _rich,
)
