"""The history of a bot, of one of its items, or of an environment: each revision in words, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from bots.models import Bot, Dialog, Intent, Interaction, SavedTest
from bots.services import changes, comparing, revised
from bots.services.changes import Change
from credentials.models import Credential
from integrations.models import Environment, Integration, Revision
from integrations.services import environments, revisions

MOST = 30  # on one page
KINDS = {
    "dialog": "Dialog", "interaction": "Interaction", "integration": "Integration", "intent": "Intent", "test": "Test",
    "global_functions": "Global functions", "settings": "Settings", "environment": "Environment",
}  # fmt: skip
VERBS = {"created": "added", "changed": "changed", "deleted": "removed", "back": "put back"}
_MODELS: dict[str, Any] = {
    "dialog": Dialog,
    "interaction": Interaction,
    "integration": Integration,
    "intent": Intent,
    "test": SavedTest,
    "environment": Environment,
}
_OUTSIDE: dict[str, Any] = {"credential_id": Credential, "environment_id": Environment}  # of the bot
_Named = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision. number: the row of its item as it is now, 0 where that is gone."""

    revision: Revision
    verb: str
    kind: str
    number: int
    changes: tuple[Change, ...]

    @property
    def can(self) -> str:
        if self.revision.what == "deleted":
            return "" if self.number else "put back"
        return "restore" if self.revision.what == "changed" and self.number else ""


def of_bot(bot: Bot, *, kind: str = "", item: str = "") -> QuerySet[Revision]:
    """Return the revisions of a bot, of one kind of its items, or of one item."""
    found = Revision.objects.filter(bot=bot)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(item=item) if item else found


def of_environment(row: Environment) -> QuerySet[Revision]:
    return Revision.objects.filter(organization=row.organization_id, bot=None, kind="environment", item=str(row.pk))


def page(found: QuerySet[Revision], *, before: int = 0) -> tuple[list[Entry], int]:
    """Return the entries of one page, newest first, and what the next page begins before; 0 when it is the last."""
    rows = list((found.filter(pk__lt=before) if before else found)[: MOST + 1])
    shown = rows[:MOST]
    named = _all(shown[0].bot_id, shown) if shown else []
    numbers, words = _numbers(named, shown), _Words(named, shown)
    entries = [
        Entry(
            revision=each,
            verb=VERBS[each.what],
            kind=KINDS[each.kind],
            number=numbers.get((each.kind, each.item), 0),
            changes=tuple(words.changes(each)),
        )
        for each in shown
    ]
    return entries, shown[-1].pk if len(rows) > MOST else 0


def _numbers(named: Iterable[_Named], shown: Sequence[Revision]) -> dict[tuple[str, str], int]:
    """Return the rows of the items that are still there."""
    found = {(kind, key): pk for kind, key, pk, _ in named}
    once = {(each.kind, each.item): each.bot_id or 0 for each in shown if not each.item}
    return found | once


def _all(bot_id: int | None, shown: Sequence[Revision]) -> list[_Named]:
    """Return kind, key, number and name of everything in a bot, in one query; or of an environment."""
    if bot_id is None:
        rows = Environment.objects.filter(pk__in={int(each.item) for each in shown})
        return [("environment", str(pk), pk, name) for pk, name in rows.values_list("pk", "name")]
    parts = [
        model.objects.filter(bot=bot_id)
        .order_by()
        .annotate(of=Value(kind), item=Cast(revised.KINDS[kind].key, CharField(max_length=200)))
        .values_list("of", "item", "pk", "name")
        for kind, model in _MODELS.items()
        if kind != "environment"
    ]
    return list(parts[0].union(*parts[1:], all=True))


class _Words:
    """Says what changed; knows the names of what the revisions of one page refer to."""

    def __init__(self, named: Sequence[_Named], shown: Sequence[Revision]) -> None:
        self._names: dict[tuple[str, Any], str] = {(f"{kind}_id", pk): name for kind, _, pk, name in named}
        self._keys = {key: name for kind, key, _, name in named if kind in ("dialog", "interaction", "intent")}
        pairs = [(name, pair) for each in shown if each.what == "changed" for name, pair in each.changes.items()]
        for column, model in _OUTSIDE.items():
            if keys := {key for name, pair in pairs if name == column for key in pair if key is not None}:
                found = model.objects.filter(pk__in=keys).values_list("pk", "name")
                self._names |= {(column, pk): name for pk, name in found}

    def changes(self, revision: Revision) -> Iterator[Change]:
        if revision.what == "changed":
            for column, (before, after) in revision.changes.items():
                said = _COLUMNS.get(column, _Words._plain)
                yield from said(self, revision, column, before, after)

    def _plain(self, revision: Revision, column: str, before: Any, after: Any) -> Iterator[Change]:
        yield changes.change(_label(revision.kind, column), before=before, after=after)

    def _reference(self, revision: Revision, column: str, before: Any, after: Any) -> Iterator[Change]:
        old, new = (
            self._names.get((column, key), "one that is gone") if key is not None else None for key in (before, after)
        )
        yield changes.change(_label(revision.kind, column.removesuffix("_id")), before=old, after=new)

    def _place(self, revision: Revision, column: str, before: int, after: int) -> Iterator[Change]:
        yield changes.change("Place", before=before + 1, after=after + 1)

    def _content(self, revision: Revision, column: str, before: Any, after: Any) -> Iterator[Change]:
        yield from comparing.changes(self._named(before), new=self._named(after))

    def _values(self, revision: Revision, column: str, before: Any, after: Any) -> Iterator[Change]:
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key), after.get(key)
            if old != new and environments.is_secret(key):
                yield Change(key, revisions.MASK if old else changes.NOTHING, _masked(old, new))
            elif old != new:
                yield changes.change(key, before=old, after=new)

    def _rows(self, revision: Revision, column: str, before: Any, after: Any) -> Iterator[Change]:
        yield changes.rows(_label(revision.kind, column), before=before, after=after)

    def _rules(self, revision: Revision, column: str, before: Any, after: Any) -> Iterator[Change]:
        yield from changes.rules(self._named(before), after=self._named(after))

    def _named(self, value: Any) -> Any:
        """Say names instead of the keys of interactions, dialogs and intents."""
        if isinstance(value, dict):
            return {name: self._named(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._named(each) for each in value]
        return self._keys.get(value, value) if isinstance(value, str) else value


_COLUMNS: dict[str, Callable[[_Words, Revision, str, Any, Any], Iterator[Change]]] = {
    **dict.fromkeys(("integration_id", "dialog_id", *_OUTSIDE), _Words._reference),
    **dict.fromkeys(("headers", "parameters", "fields"), _Words._rows),
    "position": _Words._place,
    "content": _Words._content,
    "rules": _Words._rules,
    "values": _Words._values,
}


def _masked(before: str | None, after: str | None) -> str:
    if not after:
        return changes.NOTHING
    return f"{revisions.MASK} (another value)" if before else revisions.MASK


def _label(kind: str, column: str) -> str:
    return comparing.label(column, model=_MODELS.get(kind, Bot))
