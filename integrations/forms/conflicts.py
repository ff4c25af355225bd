"""Two versions of a form, when somebody else saved while it was open: who, where they differ, and who changed what.

An open form remembers, as `seen`, the revision that it shows and a digest of each field, so that it can be told who
changed a field since: the other one, this author, or both, who then must choose. Knows no rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms

from integrations.forms import submitted

TAKE = "take."
CHOOSE = "choose"  # the fields that both changed
UNDECIDED = "undecided"  # no revision of anything


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that both versions fill differently, in words. changed: by whom, theirs, mine or both.

    chosen: theirs or mine; nothing where both changed it and the author has not chosen yet.
    """

    label: str
    theirs: str
    mine: str
    name: str
    changed: str
    chosen: str
    asked: bool = False


def differences(theirs: Any, mine: Any) -> list[Difference]:
    """Compare two forms of one kind, field by field."""
    fields = [
        (theirs[name], mine[name]) for name in theirs.fields if name in mine.fields and not theirs[name].is_hidden
    ]
    bases = _bases(mine.data.get("seen", ""))
    return [_difference(other, own, bases, mine.data) for other, own in fields if shown(other) != shown(own)]


def _difference(other: forms.BoundField, own: forms.BoundField, bases: dict[str, str], data: Any) -> Difference:
    name = other.html_name
    by = {who for who, field in (("theirs", other), ("mine", own)) if _digest(field) != bases.get(name)}
    changed = by.pop() if len(by) == 1 else "both"
    taken = data.get(f"{TAKE}{name}", "")
    chosen = taken if taken in ("theirs", "mine") else changed.removesuffix("both")
    asked = not chosen and "keep" in data
    return Difference(str(other.label), shown(other), shown(own), name, changed, chosen, asked)


def seen(revision: str, *, form: Any) -> str:
    """Return what the form remembers; one that was refused goes on remembering what it did."""
    if form is None or not revision:
        return revision
    if form.is_bound and form.errors and form.data.get("seen"):
        return str(form.data["seen"])
    fields = [form[name] for name in form.fields if not form[name].is_hidden]
    return " ".join([revision, *(f"{field.html_name}={_digest(field)}" for field in fields)])


def again(revision: str, *, data: Any) -> str:
    """Return what a form with a conflict remembers: the newer revision, and still how its fields were at first."""
    return " ".join([revision, *data.get("seen", "").split(" ")[1:]])


def posted(data: Any) -> str:
    """Return the revision that a form saw; none at all while a field that both changed is undecided."""
    undecided = [name for name in data.getlist(CHOOSE) if data.get(f"{TAKE}{name}") not in ("theirs", "mine")]
    return UNDECIDED if undecided else str(data.get("seen", "")).partition(" ")[0]


def _bases(seen: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in seen.split(" ")[1:])
    return {name: digest for name, _, digest in pairs}


def _digest(field: forms.BoundField) -> str:
    """Say what a field holds in a few letters; of a selection its value, since labels may cost a query."""
    labels = _labels(field) if isinstance(field.field, forms.BooleanField) else {}
    text = "\n".join(_lines(field.value(), labels)).strip()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


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
