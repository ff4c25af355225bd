"""How a dialog looks from above: each interaction with what the consumer would see and where its rules lead.

A read model for pages; it asks the database a fixed number of questions, however many interactions there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction
from bots.services import authoring, rules, specs
from integrations.engine import template

ENDINGS = {
    "next": "next",
    "repeat": "repeat",
    "end": "end interaction",
    "close_conversation": "close conversation",
    "close_dialog": "close dialog",
}
CONDITIONS = {
    "pattern": "Pattern",
    "regex": "Regex",
    "exact": "Exactly",
    "option": "Option",
    "api_result": "",
    "intent": "Intent",
    "no_match": "No Match",
    "unsupported": "Not supported",
}
LONGEST_TEXT = 400
ALWAYS = "Always"
_TAG = re.compile(r"</?(?:p|br|strong|b|i|ul|ol|li|a)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an action leads: a word, or the interaction or dialog with that primary key; broken: it is gone or off."""

    label: str
    interaction: int = 0
    dialog: int = 0
    broken: bool = False


@dataclass(frozen=True, slots=True)
class RuleChip:
    key: str
    when: str
    to: Destination


@dataclass(frozen=True, slots=True)
class Tile:
    """One interaction as a tile. `parts` is its text, cut into (text, whether it is a variable). `intent` is the name
    of the one that a starter asks for."""

    row: Interaction
    type: str
    waits: bool
    parts: tuple[tuple[str, bool], ...]
    content: spec.Content
    rules: tuple[RuleChip, ...]
    intent: str = ""


class Places:
    """What the rules of a bot refer to, by key: where actions can lead, and intents."""

    def __init__(self, bot: Bot) -> None:
        self.dialogs: list[Dialog] = list(bot.dialogs.all())
        columns = bot.interactions.order_by("dialog__position", "position", "pk").only(
            "pk", "key", "name", "bot_id", "dialog_id", "enabled"
        )
        self.interactions: list[Interaction] = list(columns)
        self.intents: dict[str, str] = dict(bot.intents.values_list("key", "name"))
        self._dialog_by_key = {row.key: row for row in self.dialogs}
        self._by_key = {row.key: row for row in self.interactions}
        self._off = {row.pk for row in self.dialogs if not row.enabled}

    def destination(self, action: spec.Action) -> Destination:
        """Return what to call the place, and whether it still is one."""
        if action.kind == "interaction":
            row = self._by_key.get(action.target)
            if row is None:
                return Destination("deleted interaction", broken=True)
            return Destination(row.name, interaction=row.pk, broken=not row.enabled or row.dialog_id in self._off)
        if action.kind == "dialog":
            dialog = self._dialog_by_key.get(action.target)
            if dialog is None:
                return Destination("deleted dialog", broken=True)
            return Destination(dialog.name, dialog=dialog.pk, broken=not dialog.enabled)
        return Destination(ENDINGS[action.kind])

    def choices(self) -> list[tuple[str, object]]:
        """Return the next actions for a selection, interactions grouped by their dialog."""
        words: list[tuple[str, object]] = [
            ("next", "Next interaction"),
            ("repeat", "Repeat this one"),
            ("end", "End interaction"),
            ("close_dialog", "Close dialog"),
            ("close_conversation", "Close conversation"),
        ]
        groups: list[tuple[str, object]] = [
            (
                dialog.name,
                [(f"interaction:{row.key}", row.name) for row in self.interactions if row.dialog_id == dialog.pk],
            )
            for dialog in self.dialogs
        ]
        return [*words, ("Dialogs", [(f"dialog:{row.key}", row.name) for row in self.dialogs]), *groups]


def tiles(dialog: Dialog, *, places: Places) -> list[Tile]:
    """Return the interactions of a dialog in their order."""
    return [tile(row, places=places) for row in dialog.interactions.select_related("integration")]


def tile(row: Interaction, *, places: Places) -> Tile:
    """Return one interaction as a tile; a damaged row says so and can still be deleted."""
    try:
        return _tile(row, places)
    except spec.InvalidSpec as error:
        text = f"This interaction is stored in a form that cannot be read: {error}. Delete it, or restore a version."
        return Tile(row, "Damaged", waits=False, parts=((text, False),), content=spec.Content(), rules=())


def is_readable(row: Interaction) -> bool:
    """Tell whether the stored content and rules can be read, so that a panel can open."""
    try:
        rules.of(row)
        specs.interaction(row)
    except spec.InvalidSpec:
        return False
    return True


def _tile(row: Interaction, places: Places) -> Tile:
    read = specs.interaction(row)
    return Tile(
        row=row,
        type=read.content.imported_type or authoring.KINDS.get(row.kind, row.kind),
        waits=read.waits,
        parts=parts(read.content.text or _alternative(row, read.content)),
        content=read.content,
        rules=tuple(chips(rules.of(row), places=places)),
        intent=places.intents.get(read.content.intent, read.content.intent),
    )


def chips(found: Iterable[spec.Rule], *, places: Places) -> Iterable[RuleChip]:
    """Say of each rule when it holds and where it leads, in a few words."""
    for rule in found:
        yield RuleChip(rule.key, _when(rule, places), places.destination(rule.action))


def _when(rule: spec.Rule, places: Places) -> str:
    words = rule.name
    if not words and rule.condition is not None:
        values = [places.intents.get(value, value) for value in rule.condition.values[:3]]
        tried = ", ".join(values) + (" …" if len(rule.condition.values) > 3 else "")
        words = f"{CONDITIONS[rule.condition.kind]} {tried}".strip() or "No result"
    if not words and rule.variable_conditions:
        first = rule.variable_conditions[0]
        words = f"{first.name} {first.operator.replace('_', ' ')} {first.value}".strip()
    return words or ALWAYS


def parts(text: str) -> tuple[tuple[str, bool], ...]:
    """Cut a text at its variables; tags are left out, a long text is cut."""
    shown = _TAG.sub(lambda tag: "\n" if tag[0].lower().startswith(("<br", "</p", "</li")) else "", text).strip()
    shown = f"{shown[:LONGEST_TEXT]}…" if len(shown) > LONGEST_TEXT else shown
    found: list[tuple[str, bool]] = []
    at = 0
    for placeholder in template.names(shown):
        found += [(shown[at : placeholder.start], False), (shown[placeholder.start : placeholder.end], True)]
        at = placeholder.end
    return tuple(part for part in [*found, (shown[at:], False)] if part[0])


def _alternative(row: Interaction, content: spec.Content) -> str:
    shown: Mapping[str, str] = {
        "starter": "",
        "link": content.url,
        "universal": content.rich_json[:LONGEST_TEXT],
    }
    return shown.get(row.kind, "")
