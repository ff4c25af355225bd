"""The order of rows among their neighbours, kept as positions without gaps."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet


def end(rows: Any) -> int:
    """Return the position after the last of the rows."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def index(row: Any, *, among: QuerySet[Any]) -> int:
    """Return the place of the row, 0 for the first."""
    return [each.pk for each in among].index(row.pk)


def place(row: Any, *, among: QuerySet[Any], at: int) -> None:
    """Put the row at a place, and number all of them anew; a place out of range means the nearest end."""
    rows = [each for each in among if each.pk != row.pk]
    rows.insert(max(0, min(at, len(rows))), row)
    for position, each in enumerate(rows):
        each.position = position
    type(row).objects.bulk_update(rows, ["position"])
