"""The writes on the dialogs of a bot: add, change, order, copy, delete, take back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction

from bots.models import Bot, Dialog, Interaction
from bots.services import names, ordering, owned, revised, snapshots

SETTINGS = ("name", "description", "kind", "enabled")


@transaction.atomic
def add(bot_id: int, *, user: Any, name: str = "", kind: str = Dialog.Kind.STANDARD) -> Dialog:
    """Add a dialog at the end; a standard one begins with a dialog starter. Raises Refused."""
    bot = owned.bot(bot_id, user=user)
    taken = _names(bot)
    if name:
        names.check_free(name, taken=taken, what="A dialog")
    _check_kind(bot, kind)
    dialog = Dialog.objects.create(
        bot=bot, name=name or names.free("Dialog", taken=taken), kind=kind, position=ordering.end(bot.dialogs)
    )
    if kind == Dialog.Kind.STANDARD:
        starter = names.free(f"{dialog.name[:90]} starter", taken=bot.interactions.values_list("name", flat=True))
        Interaction.objects.create(bot=bot, dialog=dialog, name=starter, kind="starter")
    revised.made(dialog, user=user)
    owned.touch(bot)
    return dialog


class Changed(Exception):
    """Somebody else saved the dialog's settings since this author saw them; `theirs` is what is stored now."""

    def __init__(self, theirs: Dialog) -> None:
        super().__init__("Somebody else changed this dialog since you opened its settings.")
        self.theirs = theirs


def revision(dialog: Dialog) -> str:
    """What an open form remembers, to notice that somebody else saved in between."""
    columns = [getattr(dialog, name) for name in SETTINGS]
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]


@transaction.atomic
def change(dialog_id: int, *, user: Any, values: dict[str, Any], seen: str = "") -> Dialog:
    """Store name, description, kind or enabled; raises Refused for a name in use or a second fallback dialog.

    Raises Changed unless the settings are those that were `seen`.
    """
    dialog = owned.dialog(dialog_id, user=user)
    if seen and seen != revision(dialog):
        raise Changed(dialog)
    if "name" in values:
        names.check_free(values["name"], taken=_names(dialog.bot, besides=dialog), what="A dialog")
    if "kind" in values and values["kind"] != dialog.kind:
        _check_kind(dialog.bot, values["kind"])
    with revised.watch(dialog, user=user):
        for name in SETTINGS:
            setattr(dialog, name, values.get(name, getattr(dialog, name)))
        dialog.save()
    owned.touch(dialog.bot)
    return dialog


@transaction.atomic
def move(dialog_id: int, *, user: Any, to: int) -> Dialog:
    """Put the dialog at the place `to` (0 is the first) among its neighbours."""
    dialog = owned.dialog(dialog_id, user=user)
    with revised.watch(dialog, user=user):
        ordering.place(dialog, among=dialog.bot.dialogs.all(), at=to)
    owned.touch(dialog.bot)
    return dialog


@transaction.atomic
def duplicate(dialog_id: int, *, user: Any) -> Dialog:
    """Copy the dialog right below; jumps inside the copy lead to the copies. A copy is a standard dialog."""
    dialog = owned.dialog(dialog_id, user=user)
    copy = Dialog.objects.create(
        bot=dialog.bot,
        name=names.copy_of(dialog.name, taken=_names(dialog.bot)),
        description=dialog.description,
        enabled=dialog.enabled,
    )
    snapshots.copy_interactions(dialog, into=copy)
    ordering.place(copy, among=dialog.bot.dialogs.all(), at=ordering.index(dialog, among=dialog.bot.dialogs.all()) + 1)
    revised.made(copy, user=user)
    owned.touch(dialog.bot)
    return copy


@transaction.atomic
def delete(dialog_id: int, *, user: Any) -> snapshots.Snapshot:
    """Delete the dialog with its interactions; returns what `restore` needs. Jumps to them stay and show a problem."""
    dialog = owned.dialog(dialog_id, user=user)
    snapshot = snapshots.of_dialog(dialog, tiles=dialog.interactions.all())
    revised.gone(dialog, user=user, snapshot=snapshot)
    dialog.delete()
    owned.touch(dialog.bot)
    return snapshot


def _names(bot: Bot, besides: Dialog | None = None) -> list[str]:
    return [name for pk, name in bot.dialogs.values_list("pk", "name") if besides is None or pk != besides.pk]


def _check_kind(bot: Bot, kind: str) -> None:
    if kind == Dialog.Kind.FALLBACK and bot.dialogs.filter(kind=kind).exists():
        raise names.Refused("This bot already has a fallback dialog, and it can have only one.", field="kind")
