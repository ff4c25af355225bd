"""Read what an exported interaction shows or does: its kind and its content. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from bots.engine.exportnode import Node
from bots.engine.spec import Button, Chip, Content, Kind, Tile

KINDS: dict[str, Kind] = {
    "DIALOG_STARTER": "starter",
    "TEXT": "text",
    "IMAGE": "image",
    "LINK": "link",
    "TEXT_QUESTION": "text_question",
    "QUICK_REPLY": "quick_reply",
    "MULTIPLE_CHOICE_QUESTION": "multiple_choice",
    "BUTTON": "button",
    "STRUCTURED": "structured_question",  # the export's only spelling, and a question
    "STRUCTURED_QUESTION": "structured_question",
    "STRUCTURED_STATEMENT": "structured",
    "UNIVERSAL": "universal",
    "API_INTEGRATION": "integration",
    "ESCALATION": "agent_transfer",
}
STYLES: dict[str, Literal["numbers", "letters", "none"]] = {
    "NUMBERS": "numbers",
    "NUMBER": "numbers",
    "LETTERS": "letters",
    "ALPHABETS": "letters",
    "ALPHABET": "letters",
    "NONE": "none",
}


def kind(node: Node) -> Kind:
    """Return our kind for an exported interaction."""
    return KINDS.get(node.get("interactionType").text().upper(), "unsupported")


def content(node: Node, *, integrations: Mapping[str, str]) -> Content:
    """Return the content; `integrations` leads from ids and names of integrations to their keys."""
    exported = node.get("interactionType").text()
    reader = READERS.get(kind(node))
    if reader is None:
        return Content(imported_type=exported)
    if kind(node) == "integration":
        return _integration(node.get("content"), integrations)
    tiles = list(node.get("content").get("results").get("tile").get("tileData").items())
    return reader(node, tiles[0] if tiles else Node({}, node.path))


def _starter(node: Node, tile: Node) -> Content:
    results = node.get("content").get("results")
    sample = results.get("tile").get("sampleUserInput")
    return Content(
        patterns=node.get("pattern").texts(),
        exclude_keywords=node.get("excludeKeywords").texts(),
        intent=node.get("intentId").text(),
        sample=sample.text() if isinstance(sample.value, str) else tile.get("text").text(),
    )


def _text(node: Node, tile: Node) -> Content:
    return Content(text=tile.get("text").text())


def _image(node: Node, tile: Node) -> Content:
    return Content(url=tile.get("url").text() or tile.get("image").text())


def _link(node: Node, tile: Node) -> Content:
    return Content(url=tile.get("url").text(), text=tile.get("title").text() or tile.get("text").text())


def _quick_reply(node: Node, tile: Node) -> Content:
    return Content(text=tile.get("text").text(), quick_replies=tuple(map(_chip, node.get("quickReplies").items())))


def _chip(node: Node) -> Chip:
    return Chip(
        title=node.get("title").text(),
        payload=node.get("payload").text(),
        image=node.get("image").text(),
        type=node.get("type").text("text"),
    )


def _multiple_choice(node: Node, tile: Node) -> Content:
    choice = tile.get("multipleChoice")
    chips = choice.get("displayChoice").text("BUTTON").upper().startswith("QUICK")
    return Content(
        text=tile.get("text").text(),
        choices=choice.get("multipleChoices").texts(),
        display="quick_replies" if chips else "buttons",
        text_style=STYLES.get(choice.get("textStyle").text("NUMBERS").upper(), "numbers"),
    )


def _buttons(node: Node, tile: Node) -> Content:
    return Content(text=tile.get("text").text(), buttons=tuple(map(_button, tile.get("buttons").items())))


def _button(node: Node) -> Button:
    opens = node.get("type").text("postback").lower() == "web_url"
    metadata: list[Mapping[str, Any]] = [item.object() for item in node.get("metadata").items()]
    return Button(
        label=node.get("name").text(),
        type="web_url" if opens else "postback",
        value=node.get("callback").text(),
        target=node.get("target").text("blank") if opens else "",
        metadata=tuple(metadata),
    )


def _structured(node: Node, tile: Node) -> Content:
    tiles = node.get("content").get("results").get("tile").get("tileData").items()
    return Content(tiles=tuple(map(_tile, tiles)))


def _tile(node: Node) -> Tile:
    return Tile(
        title=node.get("title").text(),
        subtitle=node.get("subTitle").text(),
        image=node.get("image").text(),
        buttons=tuple(map(_button, node.get("buttons").items())),
    )


def _universal(node: Node, tile: Node) -> Content:
    return Content(
        rich_json=tile.get("universalWidget").get("leMessageJson").text(), waits=node.get("userInputRequired").flag()
    )


def _escalation(node: Node, tile: Node) -> Content:
    escalation = tile.get("escalation")
    return Content(
        text=tile.get("text").text(),
        skill=escalation.get("agentSkillId").text(),
        agent=escalation.get("agentId").text(),
    )


def _integration(node: Node, integrations: Mapping[str, str]) -> Content:
    key, name = node.get("responderId").text(), node.get("responderName").text()
    return Content(integration=integrations.get(key) or integrations.get(name) or key)


READERS: dict[Kind, Callable[[Node, Node], Content]] = {
    "starter": _starter,
    "text": _text,
    "image": _image,
    "link": _link,
    "text_question": _text,
    "quick_reply": _quick_reply,
    "multiple_choice": _multiple_choice,
    "button": _buttons,
    "structured": _structured,
    "structured_question": _structured,
    "universal": _universal,
    "integration": _text,
    "agent_transfer": _escalation,
}
