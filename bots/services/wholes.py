"""The history of writes that may change all of a bot, such as a version that is restored: each item that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bots.models import Bot, Dialog, Interaction
from bots.services import revised, snapshots
from integrations.models import Revision
from integrations.services import revisions
from integrations.services.revisions import Kind

BATCH = 200


@contextmanager
def recorded(bot: Bot, *, user: Any) -> Iterator[None]:
    """Record what the block changes anywhere in the bot, as one action; what it makes and deletes as well."""
    before = {(kind.name, kind.item(row)): (row, revisions.state(row, kind=kind)) for kind, row in _rows(bot)}
    yield
    with revisions.together():
        found = list(_differences(bot, before, user))
    Revision.objects.bulk_create(found, batch_size=BATCH)
    revisions.trim(bot.organization_id)


def _rows(bot: Bot) -> Iterable[tuple[Kind, Any]]:
    stored = Bot.objects.get(pk=bot.pk)
    yield from ((revised.SETTINGS, stored), (revised.FUNCTIONS, stored))
    for rows in (stored.dialogs, stored.interactions, stored.integrations, stored.intents):
        yield from ((revised.OF_ROW[type(row)], row) for row in rows.all())


def _differences(bot: Bot, before: dict[tuple[str, str], Any], user: Any) -> Iterator[Revision]:
    gone = dict(before)
    for kind, row in _rows(bot):
        _, old = gone.pop((kind.name, kind.item(row)), (None, None))
        if old is None:
            yield revisions.made(row, kind=kind, what="created", changes={}, author=user)
        elif changes := revisions.difference(old, after=revisions.state(row, kind=kind)):
            yield revisions.made(row, kind=kind, what="changed", changes=changes, author=user)
    for (name, _), (row, old) in gone.items():
        changes = {"snapshot": [_snapshot(row, old), None]}
        yield revisions.made(row, kind=revised.KINDS[name], what="deleted", changes=changes, author=user)


def _snapshot(row: Any, old: revisions.State) -> dict[str, Any]:
    """Return what puts a row back that is gone by now, and so are the interactions of a dialog, each for itself."""
    if isinstance(row, Interaction):
        return snapshots.of_interaction(row)
    if isinstance(row, Dialog):
        return snapshots.of_dialog(row, tiles=())
    return {"pk": row.pk, **old}
