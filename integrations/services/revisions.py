"""Every save of an item as a revision: who changed what, from what, to what; written in the transaction of the save.

Bounded: the newest settings.HISTORY_REVISIONS of an item, none older than settings.HISTORY_DAYS. What an author types
on and on in the same field within a minute is one revision. Knows columns; what they mean says who declares a Kind.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils import timezone

from integrations.engine.curl_options import SECRET_NAME
from integrations.models import Revision

JOINED_SECONDS = 60
MASK = "••••"
ROWS = ("headers", "parameters")  # where somebody may have written a secret in clear
State = dict[str, Any]
_together: ContextVar[str] = ContextVar("together", default="")


@dataclass(frozen=True, slots=True)
class Kind:
    """key: the attribute that names an item for ever; empty for what a bot has once. bot: the one an item is in."""

    name: str
    columns: tuple[str, ...]
    key: str = "key"
    bot: Callable[[Any], Any] = lambda row: row.bot

    def item(self, row: Any) -> str:
        return str(getattr(row, self.key)) if self.key else ""


def state(row: Any, *, kind: Kind) -> State:
    """Return the columns as they are now, on their own: what changes in the row later does not change them."""
    return {name: _masked(name, copy.deepcopy(getattr(row, name))) for name in kind.columns}


def _masked(column: str, value: Any) -> Any:
    if column not in ROWS:
        return value
    return [{**each, "value": MASK} if is_secret(each) else each for each in value]


def is_secret(row: Mapping[str, Any]) -> bool:
    """Tell whether a header or parameter looks like a secret that somebody wrote in clear."""
    text = str(row.get("value", ""))
    return bool(text.strip()) and "{$" not in text and bool(SECRET_NAME.search(str(row.get("key", ""))))


@contextmanager
def watched(row: Model, *, kind: Kind, author: Any) -> Iterator[None]:
    """Record what the block changes in the columns of the row; nothing when it fails."""
    before = state(row, kind=kind)
    yield
    changed(row, kind=kind, before=before, author=author)


def changed(row: Model, *, kind: Kind, before: State, author: Any) -> Revision | None:
    """Record what is different from `before`; nothing where nothing is."""
    changes = difference(before, after=state(row, kind=kind))
    return _write(made(row, kind=kind, what="changed", changes=changes, author=author)) if changes else None


def created(row: Model, *, kind: Kind, author: Any, what: str = "created") -> Revision:
    return _write(made(row, kind=kind, what=what, changes={}, author=author))


def deleted(row: Model, *, kind: Kind, author: Any, snapshot: State | None = None) -> Revision:
    """Record, before it is deleted, all that puts the item back: its columns, or what `snapshot` holds."""
    kept = snapshot or {"pk": row.pk, **state(row, kind=kind)}
    return _write(made(row, kind=kind, what="deleted", changes={"snapshot": [kept, None]}, author=author))


def difference(before: State, *, after: State) -> dict[str, list[Any]]:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def made(row: Any, *, kind: Kind, what: str, changes: dict[str, Any], author: Any) -> Revision:
    """Return a revision that is not stored yet."""
    bot = kind.bot(row)
    return Revision(
        organization_id=(bot or row).organization_id,
        bot=bot,
        kind=kind.name,
        item=kind.item(row),
        name=str(row.name)[:200],
        what=what,
        changes=changes,
        together=_together.get(),
        author=author,
        author_name=author.get_username() if author else "Parley",
    )


def _write(revision: Revision) -> Revision:
    newest = of_same(revision).first()
    if newest is not None and _is_typed_on(newest, revision):
        newest.changes = {name: [pair[0], revision.changes[name][1]] for name, pair in newest.changes.items()}
        newest.at, newest.name = revision.at, revision.name
        if all(before == after for before, after in newest.changes.values()):
            newest.delete()  # typed, and taken out again
        else:
            newest.save(update_fields=["changes", "at", "name"])
        return newest
    revision.save()
    _trim(revision)
    return revision


def _is_typed_on(newest: Revision, revision: Revision) -> bool:
    return (
        revision.what == newest.what == "changed"
        and not (newest.together or revision.together)
        and (newest.author_id, newest.changes.keys()) == (revision.author_id, revision.changes.keys())
        and revision.at - newest.at < timedelta(seconds=JOINED_SECONDS)
    )


def _trim(revision: Revision) -> None:
    oldest = of_same(revision).values_list("pk", flat=True)[settings.HISTORY_REVISIONS :][:100]
    if surplus := list(oldest):
        Revision.objects.filter(pk__in=surplus).delete()
    trim(revision.organization_id)


def trim(organization_id: int) -> None:
    """Delete what is older than revisions are kept."""
    since = timezone.now() - timedelta(days=settings.HISTORY_DAYS)
    Revision.objects.filter(organization=organization_id, at__lt=since).delete()


def of_same(revision: Revision) -> QuerySet[Revision]:
    """Return the revisions of the same item, newest first."""
    place = {"bot": revision.bot_id} if revision.bot_id else {"organization": revision.organization_id, "bot": None}
    return Revision.objects.filter(kind=revision.kind, item=revision.item, **place)


def latest(row: Model, *, kind: Kind) -> Revision | None:
    """Return the newest revision of an item."""
    return of_same(made(row, kind=kind, what="", changes={}, author=None)).first()


def before(revision: Revision) -> State:
    """Return the columns that were changed in this revision or later, as they were before it."""
    later = of_same(revision).filter(pk__gte=revision.pk, what="changed").values_list("changes", flat=True)
    return {name: pair[0] for changes in later for name, pair in changes.items()}


def unmasked(rows: list[dict[str, Any]], *, current: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of an older state with the secrets of today's; what is not there any more is left empty."""
    known = {row["key"]: row["value"] for row in current}
    return [{**row, "value": known.get(row["key"], "")} if row.get("value") == MASK else row for row in rows]


def secret_keys(kept: State) -> list[str]:
    """Return the headers and parameters whose values a revision does not hold."""
    return [row["key"] for name in ROWS for row in kept.get(name, ()) if row.get("value") == MASK]


@contextmanager
def together() -> Iterator[None]:
    """What the block records is one action, to be taken back as one."""
    token = _together.set(_together.get() or secrets.token_hex(12))
    try:
        yield
    finally:
        _together.reset(token)
