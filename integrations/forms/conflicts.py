"""Two versions of a form, when somebody else saved while it was open: who, and where they differ. Knows no rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that both versions fill differently, in words."""

    label: str
    theirs: str
    mine: str


def differences(theirs: Any, mine: Any) -> list[Difference]:
    """Compare two forms of one kind, field by field."""
    pairs = ((str(theirs[name].label), shown(theirs[name]), shown(mine[name])) for name in theirs.fields)
    return [Difference(label, other, own) for label, other, own in pairs if other != own]


def who(name: str, *, user: Any) -> str:
    """Say who saved in between, as the beginning of a sentence."""
    if name and name == user.get_username():
        return "You, in another window,"
    return name or "Somebody else"


def shown(field: forms.BoundField) -> str:
    """Return what a field holds as text: the label of a choice, a line for each row."""
    return "\n".join(_lines(field.value(), _labels(field)))


def _labels(field: forms.BoundField) -> dict[str, str]:
    if isinstance(field.field, forms.BooleanField):
        return {"True": "on", "on": "on", "False": "off", "": "off", "None": "off"}
    if not isinstance(field.field, forms.ChoiceField):
        return {}
    return {str(value): str(label) for value, label in _flat(field.field.choices)}


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for value, label in choices:
        yield from _flat(label) if isinstance(label, list | tuple) else [(value, label)]


def _lines(value: Any, labels: dict[str, str]) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _lines(each, labels)
    elif isinstance(value, dict):
        yield " · ".join(filter(None, (line for each in value.values() for line in _lines(each, labels))))
    else:
        text = str("" if value is None else value).replace("\r\n", "\n")
        yield labels.get(text, text)
