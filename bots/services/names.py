"""Names that must be unique among their neighbours, and the sentence for a write that is refused."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 100


class Refused(Exception):
    """A write that was not done. `field` names what in the form is meant; empty: the whole."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


def check_free(name: str, *, taken: Iterable[str], what: str) -> None:
    """Raise Refused when the name is empty, too long or in use (case aside) by another `what`."""
    if not name.strip():
        raise Refused("Give it a name.", field="name")
    if len(name) > LONGEST:
        raise Refused(f"A name has at most {LONGEST} characters; this one has {len(name)}.", field="name")
    if name.casefold() in {each.casefold() for each in taken}:
        raise Refused(f"{what} named “{name}” exists already. Choose another name.", field="name")


def free(name: str, *, taken: Iterable[str]) -> str:
    """Return the name itself, or with the first number that makes it free: `Text`, `Text 2`, `Text 3`."""
    used = {each.casefold() for each in taken}
    candidate, number = name[:LONGEST], 2
    while candidate.casefold() in used:
        candidate = f"{name[: LONGEST - 6]} {number}"
        number += 1
    return candidate


def copy_of(name: str, *, taken: Iterable[str]) -> str:
    """Return a free name for a copy: `Greeting (copy)`, `Greeting (copy) 2`."""
    stem = name if name.endswith("(copy)") else f"{name[: LONGEST - 14]} (copy)"
    return free(stem, taken=taken)
