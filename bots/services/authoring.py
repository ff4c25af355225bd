"""The writes on interactions: insert, change, order, copy, delete.

Knows rows and the shape of content; the rules of an interaction have a module of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction, interaction_key
from bots.services import names, ordering, owned, revised, snapshots
from integrations.models import Integration

KINDS = {
    "starter": "Dialog starter",
    "text": "Text",
    "image": "Image",
    "link": "Link",
    "structured": "Structured",
    "text_question": "Text question",
    "quick_reply": "Quick reply",
    "multiple_choice": "Multiple choice",
    "button": "Button",
    "structured_question": "Structured question",
    "universal": "Universal",
    "integration": "API integration",
    "agent_transfer": "Agent transfer",
    "unsupported": "Not supported here",
}
INSERTABLE = tuple(kind for kind in KINDS if kind != "unsupported")
ASPECTS = {
    "content": ("name", "content", "integration_id"),
    "rules": ("rules",),
    "code": ("pre_process", "post_process", "process_response"),
    "settings": ("dialog_id", "delay_ms", "comment", "enabled"),
}
BEGINNINGS: dict[str, spec.Content] = {
    "quick_reply": spec.Content(quick_replies=(spec.Chip(title="Yes"), spec.Chip(title="No"))),
    "multiple_choice": spec.Content(choices=("First", "Second")),
    "button": spec.Content(buttons=(spec.Button(label="Go on"),)),
    "structured": spec.Content(tiles=(spec.Tile(),)),
    "structured_question": spec.Content(tiles=(spec.Tile(buttons=(spec.Button(label="Choose"),)),)),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The revision of one aspect as an open form saw it."""

    aspect: str
    revision: str


class Changed(Exception):
    """Somebody else saved the interaction since this author saw it; `theirs` is what is stored now."""

    def __init__(self, theirs: Interaction) -> None:
        super().__init__("Somebody else changed this interaction since you opened it.")
        self.theirs = theirs


@transaction.atomic
def insert(dialog_id: int, *, user: Any, kind: str, at: int | None = None) -> Interaction:
    """Insert a new interaction at a place of the dialog, at its end by default; raises Refused for an unknown kind."""
    dialog = owned.dialog(dialog_id, user=user)
    if kind not in INSERTABLE:
        raise names.Refused(f"There is no interaction type {kind}.", field="kind")
    taken = dialog.bot.interactions.values_list("name", flat=True)
    row = Interaction.objects.create(
        bot=dialog.bot,
        dialog=dialog,
        kind=kind,
        name=names.free(KINDS[kind], taken=taken),
        content=stored_content(BEGINNINGS.get(kind, spec.Content())),
        position=ordering.end(dialog.interactions),
    )
    if at is not None:
        ordering.place(row, among=dialog.interactions.all(), at=at)
    revised.made(row, user=user)
    owned.touch(dialog.bot)
    return row


@transaction.atomic
def change(interaction_id: int, *, user: Any, values: dict[str, Any], seen: Seen | None = None) -> Interaction:
    """Store columns of an interaction; `content` is a spec.Content, whose `integration` is a key of this bot.

    Raises Refused for a name in use, Changed when what was `seen` is not what is stored.
    """
    row = owned.interaction(interaction_id, user=user)
    check_unchanged(row, seen=seen)
    before = {aspect: revision(row, aspect=aspect) for aspect in ASPECTS}
    if "name" in values and values["name"] != row.name:
        names.check_free(values["name"], taken=_names(row.bot, besides=row), what="An interaction")
    with revised.watch(row, user=user):
        for name in ("name", "enabled", "delay_ms", "comment", "pre_process", "post_process", "process_response"):
            setattr(row, name, values.get(name, getattr(row, name)))
        if "content" in values:
            row.content = stored_content(values["content"])
            row.integration = _integration(row.bot, values["content"].integration)
        sign(row, aspects=[name for name in ASPECTS if revision(row, aspect=name) != before[name]], user=user)
        row.save()
    owned.touch(row.bot)
    return row


def sign(row: Interaction, *, aspects: Iterable[str], user: Any) -> None:
    """Note who changed these aspects last, for authors who have an older state open."""
    row.editors = {**row.editors, **dict.fromkeys(aspects, user.get_username())}


def revision(row: Interaction, *, aspect: str) -> str:
    """What an open form remembers of the aspect that it edits, to notice that somebody else saved in between."""
    columns = [getattr(row, name) for name in ASPECTS[aspect]]
    return hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()[:16]


def check_unchanged(row: Interaction, *, seen: Seen | None) -> None:
    """Raise Changed when somebody saved the same aspect since it was seen."""
    if seen is not None and seen.revision and seen.revision != revision(row, aspect=seen.aspect):
        raise Changed(row)


@transaction.atomic
def move(interaction_id: int, *, user: Any, to: int, dialog_id: int | None = None) -> Interaction:
    """Put the interaction at a place of its dialog, or of another dialog of the same bot."""
    row = owned.interaction(interaction_id, user=user)
    with revised.watch(row, user=user):
        if dialog_id is not None and dialog_id != row.dialog_id:
            row.dialog = Dialog.objects.get(pk=dialog_id, bot=row.bot)
            sign(row, aspects=["settings"], user=user)
            row.save()
        ordering.place(row, among=row.dialog.interactions.all(), at=to)
    owned.touch(row.bot)
    return row


@transaction.atomic
def duplicate(interaction_id: int, *, user: Any) -> Interaction:
    """Copy the interaction right below it; a rule that repeats it repeats the copy."""
    row = owned.interaction(interaction_id, user=user)
    place = ordering.index(row, among=row.dialog.interactions.all()) + 1
    original = row.key
    row.pk, row.key = None, interaction_key()
    row.name = names.copy_of(row.name, taken=_names(row.bot))
    row.rules = snapshots.redirected(row.rules, keys={original: row.key})
    row._state.adding = True
    row.save()
    ordering.place(row, among=row.dialog.interactions.all(), at=place)
    revised.made(row, user=user)
    owned.touch(row.bot)
    return row


@transaction.atomic
def delete(interaction_id: int, *, user: Any) -> snapshots.Snapshot:
    """Delete it; returns what `snapshots.restore` needs. Jumps to it stay and show a problem until they are mended."""
    row = owned.interaction(interaction_id, user=user)
    snapshot = snapshots.of_interaction(row)
    revised.gone(row, user=user, snapshot=snapshot)
    row.delete()
    owned.touch(row.bot)
    return snapshot


def stored_content(content: spec.Content) -> dict[str, Any]:
    """Return the JSON that a row keeps: only what differs from nothing, the integration is a column of its own."""
    empty = spec.to_builtins(spec.Content())
    plain = spec.to_builtins(content)
    return {name: value for name, value in plain.items() if value != empty[name] and name != "integration"}


def _names(bot: Bot, besides: Interaction | None = None) -> list[str]:
    return [name for pk, name in bot.interactions.values_list("pk", "name") if besides is None or pk != besides.pk]


def _integration(bot: Bot, key: str) -> Integration | None:
    found: Integration | None = bot.integrations.filter(key=key).first() if key else None
    if key and found is None:
        raise names.Refused("That integration is not here any more. Choose another.", field="integration")
    return found
