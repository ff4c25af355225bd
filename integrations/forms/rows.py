"""Ordered key/value rows in a form: read from a grid, from pasted lines, or from both.

Works without script: a box takes many lines at once, and the grid always ends in empty rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

MOST_ROWS = 200
SPARE_ROWS = 1
LONGEST_KEY = 200
LONGEST_VALUE = 10_000

RowData = dict[str, Any]


class RowsWidget(forms.Widget):
    """Collects `<name>.row/.key/.value/.note` in their order; `<name>.on` names the rows that are switched on."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[RowData]:
        def column(part: str) -> list[str]:
            return list(data.getlist(f"{name}.{part}")) if hasattr(data, "getlist") else []

        keys, values, notes = column("key"), column("value"), column("note")
        switched_on = set(column("on"))
        numbered = column("row")
        found = [
            {"key": key, "value": value, "enabled": number in switched_on, "note": note}
            for number, key, value, note in zip(numbered, keys, values, notes or [""] * len(keys), strict=False)
            if key.strip() or value.strip()
        ]
        return found + [row for text in column("lines") for row in from_lines(text)]

    def as_posted(self, name: str, rows: Any) -> list[tuple[str, str]]:
        """What a browser sends for these rows."""
        found = [(f"{name}.row", "0"), (f"{name}.key", ""), (f"{name}.value", ""), (f"{name}.note", "")]
        for number, row in enumerate(rows or (), start=1):
            found.append((f"{name}.row", str(number)))
            found += [(f"{name}.{part}", row.get(part, "")) for part in ("key", "value", "note")]
            found += [(f"{name}.on", str(number))] if row.get("enabled", True) else []
        return found

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}.row" not in data and f"{name}.lines" not in data


class RowsField(forms.Field):
    """Cleans to `[{"key", "value", "enabled", "note"}, …]`; one sentence for each row that cannot be kept."""

    widget = RowsWidget
    blank: RowData = {"key": "", "value": "", "enabled": True, "note": ""}
    spare = range(1001, 1001 + SPARE_ROWS)

    def __init__(self, *, key_label: str = "Key", value_label: str = "Value", **options: Any) -> None:
        super().__init__(required=False, **options)
        self.key_label = key_label
        self.value_label = value_label

    def clean(self, value: Any) -> list[RowData]:
        rows: list[RowData] = [{**row, "key": row["key"].strip()} for row in value or ()]
        problems = list(_problems(rows))
        if problems:
            raise forms.ValidationError(problems)
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != (data or []))


def _problems(rows: list[RowData]) -> list[str]:
    if len(rows) > MOST_ROWS:
        return [f"There are {len(rows)} rows; {MOST_ROWS} are possible."]
    found = [f"Row {n} has a value but no key." for n, row in enumerate(rows, start=1) if not row["key"]]
    found += [
        f"Row {n}, {row['key'][:40]}: a key may have {LONGEST_KEY} characters, a value {LONGEST_VALUE:,}."
        for n, row in enumerate(rows, start=1)
        if len(row["key"]) > LONGEST_KEY or len(row["value"]) > LONGEST_VALUE
    ]
    return found


def from_lines(text: str) -> list[RowData]:
    """Read `key: value`, `key=value` or `key<tab>value` lines; whichever mark comes first parts the line."""
    return [_from_line(line) for line in text.splitlines() if line.strip()]


def _from_line(line: str) -> RowData:
    marks = [(line.index(mark), mark) for mark in ("\t", ":", "=") if mark in line.strip()]
    key, _, value = line.partition(min(marks)[1]) if marks else (line, "", "")
    return {"key": key.strip(), "value": value.strip(), "enabled": True, "note": ""}
