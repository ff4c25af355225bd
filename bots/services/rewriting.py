"""Puts other texts into the rows of a bot, each at the place that naming.Leaf names; all of it is there as expected, or
nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bots.engine.naming import Path
from bots.models import Bot, Dialog, Intent, Interaction
from bots.services import authoring, bots, names, owned, revised
from integrations.models import Integration
from integrations.services import definitions

CHANGED = "The bot was changed in between. Look at it once more; nothing was changed now."


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One text: where it stands, what it is, what it becomes."""

    path: Path
    before: str
    after: str


@transaction.atomic
def write(bot: Bot, *, rewrites: Sequence[Rewrite], user: Any) -> None:
    """Write all texts; raises Refused, and writes none, when one of them is not what it was."""
    locked = owned.bot(bot.pk, user=user)
    places: dict[tuple[str, str], list[Rewrite]] = {}
    for each in rewrites:
        places.setdefault((str(each.path[0]), str(each.path[1])), []).append(each)
    for (place, key), some in places.items():
        _WRITERS[place](locked, key, some, user)
    owned.touch(locked)


def _interaction(bot: Bot, key: str, rewrites: Iterable[Rewrite], user: Any) -> None:
    row: Interaction = _row(bot.interactions, key)
    before = {aspect: authoring.revision(row, aspect=aspect) for aspect in authoring.ASPECTS}
    with revised.watch(row, user=user):
        for each in rewrites:
            _put(row, each)
        changed = [aspect for aspect, seen in before.items() if authoring.revision(row, aspect=aspect) != seen]
        authoring.sign(row, aspects=changed, user=user)
        row.save()


def _integration(bot: Bot, key: str, rewrites: Iterable[Rewrite], user: Any) -> None:
    row: Integration = _row(bot.integrations, key)
    for each in rewrites:
        _put(row, each)
    definitions.save(row, actor=user)


def _plain(bot: Bot, key: str, rewrites: Iterable[Rewrite], user: Any, *, rows: str) -> None:
    row: Dialog | Intent = _row(getattr(bot, rows), key)
    with revised.watch(row, user=user):
        for each in rewrites:
            _put(row, each)
        row.save()


def _bot(bot: Bot, key: str, rewrites: Iterable[Rewrite], user: Any) -> None:
    for each in rewrites:
        _put(bot, each)
    texts = {str(each.path[2]): each.after for each in rewrites}
    source = texts.pop("global_functions", None)
    if source is not None:
        bots.change_global_functions(bot.pk, user=user, source=source)
    if texts:
        bots.change(bot.pk, user=user, values=texts)


def _row(rows: Any, key: str) -> Any:
    found = rows.filter(key=key).first()
    if found is None:
        raise names.Refused(CHANGED)
    return found


def _put(row: Any, rewrite: Rewrite) -> None:
    """Set one text of a column, or deep inside its JSON; raises Refused when another one stands there."""
    *way, last = rewrite.path[2:]
    try:
        holder = getattr(row, str(way[0])) if way else row
        for step in way[1:]:
            holder = holder[step]
        stands = holder[last] if way else getattr(row, str(last))
    except (KeyError, IndexError, TypeError) as error:
        raise names.Refused(CHANGED) from error
    if stands != rewrite.before:
        raise names.Refused(CHANGED)
    if way:
        holder[last] = rewrite.after
    else:
        setattr(row, str(last), rewrite.after)


_WRITERS: dict[str, Any] = {
    "interaction": _interaction,
    "integration": _integration,
    "dialog": lambda *given: _plain(*given, rows="dialogs"),
    "intent": lambda *given: _plain(*given, rows="intents"),
    "bot": _bot,
}
