"""Which choice of a multiple choice question a typed answer means. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

LABELLED = re.compile(r"(?P<label>[a-z]|\d+)[.)]\s*(?P<text>.*)", re.DOTALL)


def chosen(message: str, *, choices: Sequence[str], text_style: str) -> int | None:
    """Return the index of the choice that the message picks: its text, the label or the text of a choice that is
    written `A) text`, or its number or letter (`2`, `2.`, `b)`) by the question's style."""
    answer = normal(message)
    if not answer:
        return None
    plain = [normal(choice) for choice in choices]
    if answer in plain:
        return plain.index(answer)
    for index, choice in enumerate(plain):
        if answer in _parts(choice):
            return index
    return _by_position(answer, count=len(plain), text_style=text_style)


def normal(text: str) -> str:
    """Return the text as choices are compared: no outer blanks, no letter case."""
    return text.strip().casefold()


def _parts(choice: str) -> tuple[str, ...]:
    labelled = LABELLED.fullmatch(choice)
    if labelled is None:
        return ()
    label = labelled["label"]
    return label, f"{label})", f"{label}.", labelled["text"].strip()


def _by_position(answer: str, *, count: int, text_style: str) -> int | None:
    label = answer[:-1] if answer[-1] in ".)" else answer
    if text_style == "numbers" and label.isascii() and label.isdigit() and len(label) < 4:
        index = int(label) - 1
    elif text_style == "letters" and len(label) == 1 and "a" <= label <= "z":
        index = ord(label) - ord("a")
    else:
        return None
    return index if 0 <= index < count else None
