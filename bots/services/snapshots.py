"""What was deleted, as plain JSON, so that it can be taken back; and copies of whole dialogs.

A snapshot keeps the keys, so jumps that led to the deleted thing lead to it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction, interaction_key
from bots.services import names, ordering, owned, revised

Snapshot = dict[str, Any]
BACK = "It is back already."

TILE = (
    "key", "name", "kind", "enabled", "delay_ms", "position", "content", "integration_id", "rules", "pre_process",
    "post_process", "process_response", "comment", "source",
)  # fmt: skip
DIALOG = ("pk", "key", "name", "description", "kind", "enabled", "position", "source")


def of_interaction(row: Interaction) -> Snapshot:
    return {"bot": row.bot_id, "dialog": row.dialog_id, "interactions": [_columns(row, TILE)]}


def of_dialog(row: Dialog, *, tiles: Iterable[Interaction]) -> Snapshot:
    kept = [_columns(each, TILE) for each in tiles]
    return {"bot": row.bot_id, "restored_dialog": _columns(row, DIALOG), "interactions": kept}


@transaction.atomic
def restore(snapshot: Snapshot, *, user: Any) -> Dialog:
    """Put back what a snapshot holds; raises Refused when the place it stood in is gone as well, or it is back."""
    bot = owned.bot(snapshot["bot"], user=user)
    tiles = bot.interactions
    if tiles.filter(key__in=[values["key"] for values in snapshot["interactions"]]).exists():
        raise names.Refused(BACK)
    dialog = _dialog(bot, snapshot, user)
    integrations = set(bot.integrations.values_list("pk", flat=True))
    for values in snapshot["interactions"]:
        values["name"] = names.free(values["name"], taken=tiles.values_list("name", flat=True))
        if values["integration_id"] not in integrations:
            values["integration_id"] = None
        row = Interaction.objects.create(
            bot=bot, dialog=dialog, **{**values, "position": ordering.end(dialog.interactions)}
        )
        ordering.place(row, among=dialog.interactions.all(), at=values["position"])
        revised.made(row, user=user, what="back")
    owned.touch(bot)
    return dialog


def _dialog(bot: Bot, snapshot: Snapshot, user: Any) -> Dialog:
    values = snapshot.get("restored_dialog")
    if values is None:
        found: Dialog | None = bot.dialogs.filter(pk=snapshot["dialog"]).first()
        if found is None:
            raise names.Refused("The dialog that it stood in is gone, so it cannot be taken back.")
        return found
    if bot.dialogs.filter(key=values["key"]).exists():
        raise names.Refused(BACK)
    if values["kind"] == Dialog.Kind.FALLBACK and bot.dialogs.filter(kind=values["kind"]).exists():
        values["kind"] = Dialog.Kind.STANDARD
    values["name"] = names.free(values["name"], taken=bot.dialogs.values_list("name", flat=True))
    made = Dialog.objects.create(bot=bot, **{**values, "position": ordering.end(bot.dialogs)})
    ordering.place(made, among=bot.dialogs.all(), at=values["position"])
    revised.made(made, user=user, what="back")
    return made


def _columns(row: Any, columns: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns}


def copy_interactions(source: Dialog, *, into: Dialog) -> None:
    """Copy all interactions of a dialog into an empty one, under free names; inner jumps are led to the copies."""
    taken = list(source.bot.interactions.values_list("name", flat=True))
    rows = list(source.interactions.all())
    keys = {row.key: interaction_key() for row in rows} | {source.key: into.key}
    for row in rows:
        copied = _columns(row, TILE) | {"key": keys[row.key], "name": names.copy_of(row.name, taken=taken)}
        copied["rules"] = redirected(row.rules, keys=keys)
        Interaction.objects.create(bot=source.bot, dialog=into, **copied)
        taken.append(copied["name"])


def redirected(rules: list[dict[str, Any]], *, keys: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rules with their targets replaced as `keys` says; raises spec.InvalidSpec for damaged ones."""
    spec.from_builtins(rules, list[spec.Rule])
    return [_redirect(rule, keys) for rule in rules]


def _redirect(rule: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    action = rule.get("action") or {}
    target = action.get("target", "")
    return {**rule, "action": {**action, "target": keys.get(target, target)}}
