"""A form field for an ordered list of small records: one row each, as many columns as are declared.

Works without script: the buttons of a row are submit buttons, and one empty row always stands at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.template.loader import render_to_string

Record = dict[str, str]
OPERATION = "list_operation"


@dataclass(frozen=True, slots=True)
class Column:
    """`choices` makes it a selection, which keeps an imported value that is none of them; `longest` counts
    characters; `completes` offers variables while typing."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    longest: int = 1000
    completes: bool = False
    optional: bool = True


class ListWidget(forms.Widget):
    """Reads the parallel inputs `<name>.<column>`, and does what a pressed button of a row asks for."""

    use_fieldset = True
    most = 100

    def __init__(self, columns: Sequence[Column], *, add_label: str, pastes: bool) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self.add_label = add_label
        self.pastes = pastes

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Record]:
        columns = [self._column(data, f"{name}.{column.name}") for column in self.columns]
        records = [
            dict(zip((c.name for c in self.columns), values, strict=True)) for values in zip(*columns, strict=False)
        ]
        return self._operate([record for record in records if not self.is_empty(record)], data.get(OPERATION, ""), name)

    def is_empty(self, record: Record) -> bool:
        return not any(record[column.name].strip() for column in self.columns if not column.choices)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}.{self.columns[0].name}" not in data

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "described_by": (attrs or {}).get("aria-describedby", ""),
            "columns": self.columns,
            "rows": [self._cells(record) for record in value or ()],
            "blank": self._cells({}),
            "add_label": self.add_label,
            "pastes": self.pastes,
            "most": self.most,
        }
        return render_to_string("ui/list.html", context)

    def _cells(self, record: Record) -> list[tuple[Column, str]]:
        return [
            (_with_choice(column, record.get(column.name, "")), record.get(column.name, "")) for column in self.columns
        ]

    def _column(self, data: Any, key: str) -> list[str]:
        return list(data.getlist(key)) if hasattr(data, "getlist") else list(data.get(key, ()))

    def _operate(self, records: list[Record], operation: str, name: str) -> list[Record]:
        """`operation` reads `<name>:up:2`: the third row one place up; also down and remove."""
        field, _, rest = operation.partition(":")
        verb, _, digits = rest.partition(":")
        if field != name or not digits.isdigit() or int(digits) >= len(records):
            return records
        place = int(digits)
        record = records.pop(place)
        if verb != "remove":
            records.insert(max(0, place + {"up": -1, "down": 1}.get(verb, 0)), record)
        return records


class ListField(forms.Field):
    """Cleans to a list of dicts, one key a column; one sentence for each row that cannot be kept."""

    widget: ListWidget

    def __init__(
        self, *columns: Column, most: int = 100, add_label: str = "Add row", pastes: bool = False, **options: Any
    ) -> None:
        options.setdefault("required", False)
        super().__init__(widget=ListWidget(columns, add_label=add_label, pastes=pastes), **options)
        self.columns = columns
        self.most = self.widget.most = most

    def clean(self, value: Any) -> list[Record]:
        records: list[Record] = [{key: text.strip() for key, text in record.items()} for record in value or ()]
        problems = [problem for place, record in enumerate(records, 1) for problem in self._problems(place, record)]
        if len(records) > self.most:
            possible = "1 is possible" if self.most == 1 else f"{self.most} are possible"
            problems.append(f"There are {len(records)} rows; {possible}.")
        if problems:
            raise forms.ValidationError(problems)
        return records

    def _problems(self, place: int, record: Record) -> list[str]:
        found = []
        for column in self.columns:
            text = record[column.name]
            if not text and not column.optional:
                found.append(f"Row {place}: {column.label} is missing.")
            if len(text) > column.longest:
                found.append(f"Row {place}: {column.label} has {len(text)} characters; {column.longest} are possible.")
        return found


def _with_choice(column: Column, text: str) -> Column:
    if not column.choices or not text or text in dict(column.choices):
        return column
    return replace(column, choices=(*column.choices, (text, text)))
