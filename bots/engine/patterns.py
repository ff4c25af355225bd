"""The pattern language of dialog starters and rules: `*`, `( a | b | )`, letters; everything else is itself.

Pure. Matching walks the message once with the set of places it may have reached in the pattern (no backtracking),
so its work is bounded by length of message times length of pattern, whatever the two contain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

MAX_PATTERN = 2_000
MAX_MESSAGE = 10_000
LONG = 200  # characters of a pattern, beyond which a process remembers few
_SPECIAL = frozenset("*(|)")

Op = Literal["char", "blank", "star", "split", "end"]


@dataclass(frozen=True, slots=True)
class _Node:
    """One place in a pattern. `exits` are where it leads to without reading anything (star, split) or after it has
    read its character (char, blank)."""

    op: Op
    char: str = ""
    exits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Program:
    """A compiled pattern; exits lead forward only. A blank stands for a run of blanks, and for none at the edges of
    the message."""

    nodes: tuple[_Node, ...]

    def reach(self, starts: Iterable[int], *, edge: bool = False) -> set[int]:
        """Return the places reached without reading. On an edge (of the message, or after a blank) blanks are
        stepped over as well, but not past a star: what a star stands for is not the pattern's own edge."""
        if not edge:
            return self._spread(starts, ("split", "star"))
        over_blanks = self._spread(starts, ("split", "blank"))
        return self._spread(over_blanks, ("split", "star"))

    def ends(self, places: Iterable[int]) -> bool:
        return any(self.nodes[place].op == "end" for place in self._spread(places, ("split", "blank")))

    def read(self, places: Iterable[int], char: str) -> set[int]:
        """Return the places after one more character of the message; empty when the pattern cannot go on."""
        stays = [place for place in places if self.nodes[place].op == "star"]
        moves = [after for place in places if self.nodes[place].char == char for after in self.nodes[place].exits]
        return self.reach(stays) | self.reach(moves, edge=char == " ")

    def _spread(self, starts: Iterable[int], through: tuple[Op, ...]) -> set[int]:
        seen: set[int] = set()
        todo = list(starts)
        while todo:
            place = todo.pop()
            if place not in seen:
                seen.add(place)
                if self.nodes[place].op in through:
                    todo.extend(self.nodes[place].exits)
        return seen


@dataclass(frozen=True, slots=True)
class Match:
    """fits: the whole message fits the pattern. steps: how many places were looked at on the way."""

    fits: bool
    steps: int


def fold(text: str) -> str:
    """Return the text as patterns see it: no letter case, runs of blanks as one, no outer blanks."""
    return " ".join(text.split()).casefold()


def match(pattern: str, *, message: str) -> Match:
    """Match a whole message; text beyond MAX_MESSAGE characters fits nothing."""
    message = fold(message)
    if len(message) > MAX_MESSAGE or len(pattern) > MAX_PATTERN:
        return Match(fits=False, steps=0)
    program = compiled(pattern)
    places = frozenset(program.reach([0], edge=True))
    steps = len(places)
    known: dict[tuple[frozenset[int], str], frozenset[int]] = {}
    for char in message:
        if (places, char) not in known:
            known[(places, char)] = frozenset(program.read(places, char))
            steps += len(places) + len(known[(places, char)])
        places = known[(places, char)]
        steps += 1
        if not places:
            break
    return Match(fits=program.ends(places), steps=steps)


def fits(pattern: str, *, message: str) -> bool:
    if _is_literal(pattern) and len(pattern) <= MAX_PATTERN:
        return fold(pattern) == fold(message)
    return match(pattern, message=message).fits


def literal_length(pattern: str, *, message: str) -> int:
    """Return how many characters of a message that fits are spelled out in the pattern (the most, if it can fit in
    several ways); -1 when it does not fit."""
    message = fold(message)
    if len(message) > MAX_MESSAGE or len(pattern) > MAX_PATTERN:
        return -1
    if _is_literal(pattern):
        return len(message) if fold(pattern) == message else -1
    program = compiled(pattern)
    counts = dict.fromkeys(program.reach([0], edge=True), 0)
    for char in message:
        counts = _read_counting(program, counts, char)
    return max((count for place, count in counts.items() if program.ends([place])), default=-1)


def _read_counting(program: _Program, counts: dict[int, int], char: str) -> dict[int, int]:
    """Read one character as _Program.read does and keep for each place the most literal characters that led there.

    Places are taken from the highest count to the lowest, so that each is reached by its best way first."""
    following: dict[int, int] = {}
    by_count: dict[int, set[int]] = {}
    for place, count in counts.items():
        literal = program.nodes[place].char == char
        by_count.setdefault(count + literal, set()).add(place)
    for count in sorted(by_count, reverse=True):
        for reached in program.read(by_count[count], char):
            following.setdefault(reached, count)
    return following


def _is_literal(pattern: str) -> bool:
    """Tell whether every character stands for itself: then there is no need to walk through the message."""
    return _SPECIAL.isdisjoint(pattern)


def has_keyword(message: str, *, keywords: tuple[str, ...]) -> str:
    """Return the first exclude keyword that occurs in the message, or nothing."""
    folded = fold(message) if keywords else ""
    return next((word for word in keywords if fold(word) and fold(word) in folded), "")


def compiled(pattern: str) -> _Program:
    """Compile a pattern; brackets without a partner stand for themselves."""
    return _compiled(pattern) if len(pattern) < LONG else _compiled_long(pattern)


def _compile(pattern: str) -> _Program:
    source = fold(pattern)
    return _Program(_Compiler(source, _partners(source)).program())


_compiled = lru_cache(maxsize=4096)(_compile)
_compiled_long = lru_cache(maxsize=128)(_compile)


def _partners(source: str) -> dict[int, int]:
    """Return the positions of brackets that belong together, opening to closing."""
    partners: dict[int, int] = {}
    open_: list[int] = []
    for position, char in enumerate(source):
        if char == "(":
            open_.append(position)
        elif char == ")" and open_:
            partners[open_.pop()] = position
    return partners


class _Compiler:
    """Writes the nodes of one pattern from its end to its beginning, so that every exit is known when needed.

    Each open group keeps where it leads to and the beginnings of the alternatives read so far; no recursion, so
    that deep nesting costs nothing.
    """

    def __init__(self, source: str, partners: dict[int, int]) -> None:
        self.source = source
        self.opening = set(partners)
        self.closing = set(partners.values())
        self.nodes = [_Node("end")]
        self.groups: list[tuple[int, list[int]]] = [(0, [])]
        self.next = 0

    def program(self) -> tuple[_Node, ...]:
        for position in range(len(self.source) - 1, -1, -1):
            self._read(position, self.source[position])
        beginnings = [*self.groups[0][1], self.next]
        self._add(_Node("split", exits=tuple(beginnings)))
        last = len(self.nodes) - 1
        return tuple(_Node(n.op, n.char, tuple(last - e for e in n.exits)) for n in reversed(self.nodes))

    def _read(self, position: int, char: str) -> None:
        if position in self.closing:
            self.groups.append((self.next, []))
        elif position in self.opening:
            _, alternatives = self.groups.pop()
            self._add(_Node("split", exits=(*alternatives, self.next)))
        elif char == "|":
            end, alternatives = self.groups[-1]
            alternatives.append(self.next)
            self.next = end
        elif char == "*":
            self._add(_Node("star", exits=(self.next,)))
        else:
            self._add(_Node("blank" if char == " " else "char", char, (self.next,)))

    def _add(self, node: _Node) -> None:
        self.nodes.append(node)
        self.next = len(self.nodes) - 1
