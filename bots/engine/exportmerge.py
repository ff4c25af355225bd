"""Write into an imported element what was changed here, and nothing else. Pure.

A change is where two views of a part differ: as it was imported, and as it is now.
"""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import Any

Element = dict[str, Any]


def merge(element: Element, *, before: Element, now: Element) -> None:
    """Change in the element what differs between the views; what they do not know stays as and where it is."""
    for key in before.keys() - now.keys():
        element.pop(key, None)
    for key, value in now.items():
        if key not in before or before[key] != value:
            put(element, key, _merged(element.get(key), before.get(key), value), order=list(now))


def put(element: Element, key: str, value: Any, *, order: list[str]) -> None:
    """Set a key; a new one goes before the first of those that follow it in the order, else to the end."""
    later = set(order[order.index(key) + 1 :]) if key in order else set()
    at = next((place for place, each in enumerate(element) if each in later), len(element))
    if key in element or at == len(element):
        element[key] = value
        return
    members = list(element.items())
    members.insert(at, (key, value))
    element.clear()
    element.update(members)


def _merged(element: Any, before: Any, now: Any) -> Any:
    if isinstance(element, dict) and isinstance(before, dict) and isinstance(now, dict):
        merge(element, before=before, now=now)
        return element
    if isinstance(element, list) and _of_objects(before) and _of_objects(now) and len(element) >= len(before):
        return _merged_list(element, before, now)
    return now


def _of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _merged_list(elements: list[Any], before: list[Element], now: list[Element]) -> list[Any]:
    """Return the new elements, each made from the old one that it comes from.

    Elements after those that the views show stay, unless one was taken away: none of them may move into its place.
    """
    old, new = [json.dumps(each) for each in before], [json.dumps(each) for each in now]
    result: list[Any] = []
    for _, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for offset, value in enumerate(now[first:last]):
            place = start + offset
            result.append(_merged(elements[place], before[place], value) if place < end else value)
    return [*result, *(elements[len(before) :] if len(now) >= len(before) else ())]
