"""What changed in one field of an item, in words: for the history of a bot and for the comparison of its versions.

Knows values as JSON holds them, and no row.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bots.services import outline
from integrations.services import revisions

LONG = 8  # lines; of a longer text only those around its changes are shown
MOST_COMPARED = 2_000  # lines that are compared one by one; of more, only where they begin and end alike is left out
NOTHING = "–"
CODE = frozenset((
    "Pre-Process Code", "Post-Process Code", "Process User Response", "Transform Result Script", "Global functions",
    "Post Body", "Rich json",
))  # fmt: skip
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One value of an item, before and after, as text."""

    label: str
    before: str
    after: str

    @property
    def is_code(self) -> bool:
        return self.label in CODE


def change(label: str, *, before: Any, after: Any) -> Change:
    return Change(label, *_around(text(before), text(after)))


def rows(label: str, *, before: Sequence[Values], after: Sequence[Values]) -> Change:
    """Say what headers, parameters or fields were and are, a line each; of secrets only that they changed."""
    known = {row["key"]: row["value"] for row in before}
    return change(label, before=[_row(row, known) for row in before], after=[_row(row, known) for row in after])


def _row(row: Values, known: Mapping[str, str]) -> str:
    value = row["value"]
    if revisions.is_secret(row):
        value = revisions.MASK if known.get(row["key"], value) == value else f"{revisions.MASK} (another value)"
    off = "" if row.get("enabled", True) else " (off)"
    return f"{row['key']}: {value}{off}{' – ' if row.get('note') else ''}{row.get('note') or ''}"


def rules(before: Sequence[Values], *, after: Sequence[Values]) -> Iterator[Change]:
    """Yield one change a rule, found by its key; and their order, when only that is another."""
    old, new = ({rule.get("key") or f"#{at}": rule for at, rule in enumerate(each)} for each in (before, after))
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        if was != now:
            place = [*(new if now else old)].index(key) + 1
            renamed = bool(was and now and was.get("name") != now.get("name"))
            name = (now or was or {}).get("name") or f"Rule {place}"
            yield Change(name, _rule(was, named=renamed), _rule(now, named=renamed))
    if [*old] != [*new] and set(old) == set(new):
        order = [[rule.get("name") or "Rule" for rule in each] for each in (before, after)]
        yield change("Order of the rules", before=order[0], after=order[1])


def _rule(rule: Values | None, *, named: bool) -> str:
    if rule is None:
        return NOTHING
    slot = rule.get("slot")
    lines = [
        f"Name: {rule.get('name') or NOTHING}" if named else "",
        *_conditions(rule),
        *(f"Sets {_assignment(each)}" for each in rule.get("variables") or ()),
        f"Sets the slot {_assignment(slot)}" if slot else "",
        f"Next action: {_action(rule.get('action') or {})}",
    ]
    return "\n".join(line for line in lines if line)


def _conditions(rule: Values) -> Iterator[str]:
    condition, others = rule.get("condition"), rule.get("variable_conditions") or ()
    if condition:
        kind = condition.get("kind", "")
        yield f"{outline.CONDITIONS.get(kind) or 'Result'}: {', '.join(condition.get('values') or ()) or NOTHING}"
        if excluded := condition.get("exclude_keywords"):
            yield f"Not with: {', '.join(excluded)}"
        if message := condition.get("message"):
            yield f"Message: {message}"
    link = " and " if rule.get("variable_match") == "all" else " or "
    if others:
        said = (f"{each['name']} {each['operator'].replace('_', ' ')} {each.get('value', '')}" for each in others)
        yield link.join(each.strip() for each in said)
    if not condition and not others:
        yield outline.ALWAYS


def _assignment(each: Values) -> str:
    scope = f" ({each['scope']})" if each.get("scope") else ""
    return f"{each.get('name', '')} = {each.get('value', '')}{scope}"


def _action(action: Values) -> str:
    kind, target = action.get("kind", "next"), action.get("target", "")
    if kind == "interaction":
        return target or NOTHING
    return outline.ENDINGS.get(kind) or f"{kind} {target}".strip()


def text(value: Any, *, depth: int = 0) -> str:
    """Write a value for people: lists one entry a line, records as `name: value`, nothing as a dash."""
    if _is_nothing(value):
        return NOTHING
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return "\n".join(text(each, depth=depth + 1) for each in value)
    if isinstance(value, dict):
        pairs = (f"{title(k)}: {text(v, depth=depth + 1)}" for k, v in value.items() if not _is_nothing(v))
        return ", ".join(pairs) if depth else "\n".join(pairs)
    return str(value)


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _around(before: str, after: str) -> tuple[str, str]:
    """Leave out of two long texts the lines that are in both, but for one around each change."""
    old, new = before.split("\n"), after.split("\n")
    if max(len(old), len(new)) <= LONG or NOTHING in (before, after):
        return before, after
    if max(len(old), len(new)) > MOST_COMPARED:
        start = _same(old, new)
        end = min(_same(old[::-1], new[::-1]), min(len(old), len(new)) - start)
        parts = [(max(0, start - 1), len(old) - max(0, end - 1), max(0, start - 1), len(new) - max(0, end - 1))]
    else:
        found = difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(1)
        parts = [(group[0][1], group[-1][2], group[0][3], group[-1][4]) for group in found]
    return _parts(old, [part[:2] for part in parts]), _parts(new, [part[2:] for part in parts])


def _parts(lines: list[str], parts: Sequence[tuple[int, int]]) -> str:
    shown: list[str] = []
    at = 0
    for start, end in [*parts, (len(lines), len(lines))]:
        if gap := start - at:
            shown.append(f"… {gap} line{'' if gap == 1 else 's'}")
        shown += lines[start:end]
        at = end
    return "\n".join(shown)


def _same(old: list[str], new: list[str]) -> int:
    """Return how many lines both begin with."""
    pairs = zip(old, new, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new)))
