"""Two versions of a form, when somebody else saved while it was open: who, and where they differ. Knows no rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from integrations.forms import submitted

TAKE = "take."


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that both versions fill differently, in words."""

    label: str
    theirs: str
    mine: str
    name: str = ""


def differences(theirs: Any, mine: Any) -> list[Difference]:
    """Compare two forms of one kind, field by field."""
    fields = [
        (theirs[name], mine[name]) for name in theirs.fields if name in mine.fields and not theirs[name].is_hidden
    ]
    found = [Difference(str(other.label), shown(other), shown(own), other.html_name) for other, own in fields]
    return [each for each in found if each.theirs != each.mine]


def merged(data: Any, *, theirs: Any) -> Any:
    """Return what was posted, with the stored version in each field for which the author took it.

    theirs: an unbound form of what is stored. Without a choice, or without such a form, all stays as posted.
    """
    taken = (
        [name for name in theirs.fields if data.get(f"{TAKE}{theirs.add_prefix(name)}") == "theirs"] if theirs else []
    )
    if not taken:
        return data
    result = data.copy()
    for name in taken:
        field = theirs[name]
        for key in [
            key for key in result if re.fullmatch(rf"{re.escape(field.html_name)}(?:\..*|-(?:\d|count).*)?", key)
        ]:
            del result[key]
        for key, value in submitted.pairs(field):
            result.appendlist(key, value)
    return result


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
        texts = ({True: "", False: "(off)"}[each] if isinstance(each, bool) else each for each in value.values())
        yield " · ".join(filter(None, (line for each in texts for line in _lines(each, labels))))
    else:
        text = str("" if value is None else value).replace("\r\n", "\n")
        yield labels.get(text, text)
