"""From an interaction's content to messages, variables filled in: one function for each kind that shows something.

Knows content and the turn's variables; neither scripts nor what comes next.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bots.engine import markup
from bots.engine.context import Turn
from bots.engine.spec import Button, Chip, Content, Tile
from bots.engine.speech import Draft
from integrations.engine import json_values, template
from integrations.engine.json_values import Json

MAX_TILES = 10


def prepare(turn: Turn, *, kind: str, content: Content) -> list[Draft]:
    """Return the messages that an interaction of this kind sends: one, or none where there is nothing to show."""
    return PREPARE[kind](turn, content)


def _text(turn: Turn, content: Content) -> list[Draft]:
    return [Draft("text", turn.fill(content.text))]


def _quick_reply(turn: Turn, content: Content) -> list[Draft]:
    replies = [_chip(turn, chip) for chip in content.quick_replies]
    return [Draft("quick_replies", turn.fill(content.text), {"quick_replies": replies})]


def _chip(turn: Turn, chip: Chip) -> dict[str, Json]:
    title = turn.plain(chip.title).strip()
    if chip.type != "text":
        return {"type": chip.type, "title": title}
    shown = {"title": title, "payload": turn.plain(chip.payload) or title}
    return shown | ({"image": turn.plain(chip.image)} if chip.image else {})


def _multiple_choice(turn: Turn, content: Content) -> list[Draft]:
    choices = [turn.plain(choice).strip() for choice in content.choices]
    body = {"choices": choices, "display": content.display, "text_style": content.text_style}
    return [Draft("choices", turn.fill(content.text), body)]


def _buttons(turn: Turn, content: Content) -> list[Draft]:
    body = {"buttons": [_button(turn, button) for button in content.buttons]}
    return [Draft("buttons", turn.fill(content.text), body)]


def _button(turn: Turn, button: Button, index: int | None = None) -> dict[str, Json]:
    value = turn.plain(button.value, index=index)
    shown: dict[str, Json] = {"label": turn.plain(button.label, index=index), "type": button.type, "value": value}
    if button.type == "web_url":
        shown |= {"value": _link_target(turn, value), "target": button.target or "blank"}
    return shown | ({"metadata": [dict(item) for item in button.metadata]} if button.metadata else {})


def _link_target(turn: Turn, url: str) -> str:
    if not url.strip() or markup.is_safe_link(url):
        return url.strip()
    turn.log("error", "A link leads neither to http, https, tel nor mailto; it was left out.", error=True)
    return ""


def _structured(turn: Turn, content: Content) -> list[Draft]:
    """Repeat each tile that shows list fields, once per value of the longest."""
    tiles = [shown for tile in content.tiles for shown in _tiles(turn, tile)]
    if len(tiles) > MAX_TILES:
        turn.log("limit", f"{len(tiles)} tiles: only the first {MAX_TILES} are shown.", error=True)
    if not tiles:
        turn.log("notice", "There is no tile to show: the lists are empty.")
        return []
    return [Draft("tiles", None, {"tiles": tiles[:MAX_TILES]})]


def _tiles(turn: Turn, tile: Tile) -> list[dict[str, Json]]:
    used = [tile.title, tile.subtitle, tile.image]
    used += [text for button in tile.buttons for text in (button.label, button.value)]
    longest = max(template.longest_list(text, turn.scope) for text in used)
    if longest < 0:
        return [_tile(turn, tile, None)]
    return [_tile(turn, tile, index) for index in range(min(longest, MAX_TILES + 1))]


def _tile(turn: Turn, tile: Tile, index: int | None) -> dict[str, Json]:
    shown: dict[str, Json] = {"title": turn.plain(tile.title, index=index)}
    for name, text in (("subtitle", tile.subtitle), ("image", tile.image)):
        if text:
            shown[name] = turn.plain(text, index=index)
    return shown | {"buttons": [_button(turn, button, index) for button in tile.buttons]}


def _universal(turn: Turn, content: Content) -> list[Draft]:
    rendered = template.render(content.rich_json, turn.scope, position=template.Position.JSON, unknown=turn.unknown)
    document = _parsed(rendered)
    if document is None:
        turn.log("error", "The rich message is no JSON document once its variables are filled in.", error=True)
        return []
    return [Draft("rich", None, {"json": document})]


def _parsed(text: str) -> Any:
    """Return an object or list, None for anything else."""
    try:
        json_values.loads(text)  # holds the limit of depth, refuses NaN
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _image(turn: Turn, content: Content) -> list[Draft]:
    return [Draft("image", None, {"url": turn.plain(content.url).strip()})]


def _link(turn: Turn, content: Content) -> list[Draft]:
    url = _link_target(turn, turn.plain(content.url))
    return [Draft("link", turn.fill(content.text or url), {"url": url})] if url else []


PREPARE: dict[str, Callable[[Turn, Content], list[Draft]]] = {
    "text": _text,
    "text_question": _text,
    "quick_reply": _quick_reply,
    "multiple_choice": _multiple_choice,
    "button": _buttons,
    "structured": _structured,
    "structured_question": _structured,
    "universal": _universal,
    "image": _image,
    "link": _link,
    "agent_transfer": _text,
}


def say(turn: Turn, *, text: str) -> Draft:
    """Return a text of the bot or of a rule as a message."""
    return Draft("text", turn.fill(text))
