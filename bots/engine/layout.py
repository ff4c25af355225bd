"""Places boxes and the lines between them on a plane: layers from top to bottom, nothing on top of anything else.

Pure, and knows no bot: a layered layout in four steps. Loops are opened, boxes are put on layers, each layer is ordered
so that few lines cross, then everything gets coordinates. The words of a line are a small box of their own on the
way, so that words never cover a box or each other. Every step looks at its input in order: same input, same picture.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

GAP = 28.0  # between two boxes of a layer
LANE = 14.0  # what a line that passes a layer takes
RISE = 22.0  # between two layers
MARGIN = 16.0
LOOP = 26.0  # what a line from a box to itself needs at its right
SWEEPS = 6


@dataclass(frozen=True, slots=True)
class Box:
    """What is to be placed, by its name."""

    key: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be drawn; `width` and `height` are those of its words, nothing for none."""

    source: str
    target: str
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Placed:
    """The corners at the top left of all boxes by name; by the place of each line, its points from source to target
    and the middle of its words."""

    width: float
    height: float
    corners: Mapping[str, Point]
    routes: Sequence[Sequence[Point]]
    words: Sequence[Point]


@dataclass(slots=True)
class _Spot:
    """Something that takes room on a layer: a box, or a line passing through with or without its words."""

    layer: int
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0
    above: list[_Spot] = field(default_factory=list)
    below: list[_Spot] = field(default_factory=list)


def arrange(boxes: Sequence[Box], lines: Sequence[Line]) -> Placed:
    """Place all boxes, each line from the bottom of the upper box to the top of the lower one."""
    turned = _turned(boxes, lines)
    layers_of = _layers_of(boxes, lines, turned)
    loops = {line.source: LOOP + line.width for line in lines if line.source == line.target}
    spots = {box.key: _Spot(layers_of[box.key], box.width + 2 * loops.get(box.key, 0), box.height) for box in boxes}
    chains = [_chain(line, spots, at in turned) for at, line in enumerate(lines)]
    layers = _ordered(_by_layer(spots, chains))
    _set_across(layers)
    height = _set_down(layers)
    return _placed(boxes, lines, spots, chains, height)


def _turned(boxes: Sequence[Box], lines: Sequence[Line]) -> set[int]:
    """Return the places of the lines that close a loop, found by a walk that begins where no line ends."""
    leaving: dict[str, list[int]] = {box.key: [] for box in boxes}
    entered: set[str] = set()
    for at, line in enumerate(lines):
        if line.source != line.target:
            leaving[line.source].append(at)
            entered.add(line.target)
    starts = sorted(boxes, key=lambda box: box.key in entered)
    done: set[str] = set()
    turned: set[int] = set()
    for start in starts:
        _walk(start.key, lines, leaving, done, turned)
    return turned


def _walk(start: str, lines: Sequence[Line], leaving: dict[str, list[int]], done: set[str], turned: set[int]) -> None:
    """Go into the depth from one box without recursion, since a chain may be long."""
    path: list[tuple[str, list[int]]] = []
    on_path: set[str] = set()

    def enter(key: str) -> None:
        done.add(key)
        on_path.add(key)
        path.append((key, list(reversed(leaving[key]))))

    if start not in done:
        enter(start)
    while path:
        key, waiting = path[-1]
        if not waiting:
            on_path.discard(key)
            path.pop()
            continue
        at = waiting.pop()
        target = lines[at].target
        if target in on_path:
            turned.add(at)
        elif target not in done:
            enter(target)


def _layers_of(boxes: Sequence[Box], lines: Sequence[Line], turned: set[int]) -> dict[str, int]:
    """Put each box below all that lead to it: on even layers, so that there is an odd one between for the words."""
    ends = [_ends(line, at in turned) for at, line in enumerate(lines) if line.source != line.target]
    below: dict[str, list[str]] = {box.key: [] for box in boxes}
    open_ends = dict.fromkeys(below, 0)
    for upper, lower in ends:
        below[upper].append(lower)
        open_ends[lower] += 1
    layers = dict.fromkeys(below, 0)
    ready = [key for key, count in open_ends.items() if not count]
    for key in ready:  # grows while it is walked
        for lower in below[key]:
            layers[lower] = max(layers[lower], layers[key] + 2)
            open_ends[lower] -= 1
            if not open_ends[lower]:
                ready.append(lower)
    return layers


def _ends(line: Line, turned: bool) -> tuple[str, str]:
    return (line.target, line.source) if turned else (line.source, line.target)


def _chain(line: Line, spots: Mapping[str, _Spot], turned: bool) -> list[_Spot]:
    """Return what the line passes from its upper to its lower box, with a spot on every layer between."""
    if line.source == line.target:
        return []
    upper, lower = (spots[key] for key in _ends(line, turned))
    words = lower.layer - 1 if turned else upper.layer + 1  # beside the box that the line leaves
    passed = [_passing(layer, line, layer == words) for layer in range(upper.layer + 1, lower.layer)]
    chain = [upper, *passed, lower]
    for one, other in itertools.pairwise(chain):
        one.below.append(other)
        other.above.append(one)
    return chain


def _passing(layer: int, line: Line, has_words: bool) -> _Spot:
    if has_words and line.width:
        return _Spot(layer, line.width, line.height)
    return _Spot(layer, LANE, 0.0)


def _by_layer(spots: Mapping[str, _Spot], chains: Sequence[Sequence[_Spot]]) -> list[list[_Spot]]:
    """Return the layers from the top, each in the order in which boxes and lines came."""
    layers: dict[int, list[_Spot]] = {}
    for spot in (*spots.values(), *(spot for chain in chains for spot in chain[1:-1])):
        layers.setdefault(spot.layer, []).append(spot)
    return [layers[number] for number in sorted(layers)]


def _ordered(layers: list[list[_Spot]]) -> list[list[_Spot]]:
    """Order each layer by where its neighbours stand, going down and up a few times."""
    for layer in layers:
        _number(layer)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            layer.sort(key=lambda spot: _middle(spot.above if down else spot.below, spot.x))
            _number(layer)
    return layers


def _number(layer: list[_Spot]) -> None:
    for place, spot in enumerate(layer):
        spot.x = float(place)


def _middle(neighbours: Sequence[_Spot], otherwise: float) -> float:
    return sum(spot.x for spot in neighbours) / len(neighbours) if neighbours else otherwise


def _set_across(layers: Sequence[Sequence[_Spot]]) -> None:
    """Give each spot the x of its middle: under or over its neighbours, as far as there is room."""
    for layer in layers:
        _spread(layer, [0.0] * len(layer))
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else list(reversed(layers)):
            _spread(layer, [_middle(spot.above if down else spot.below, spot.x) for spot in layer])


def _spread(layer: Sequence[_Spot], wanted: Sequence[float]) -> None:
    """Keep the order and the gaps, as near as possible to what is wanted: neighbours that collide share the way."""
    groups: list[tuple[float, int]] = []  # mean of (wanted - offset), members
    offsets = _offsets(layer)
    for want, offset in zip(wanted, offsets, strict=True):
        mean, members = want - offset, 1
        while groups and groups[-1][0] > mean:
            before, count = groups.pop()
            mean = (before * count + mean * members) / (count + members)
            members += count
        groups.append((mean, members))
    means = [mean for mean, members in groups for _ in range(members)]
    for spot, mean, offset in zip(layer, means, offsets, strict=True):
        spot.x = mean + offset


def _offsets(layer: Sequence[_Spot]) -> list[float]:
    """Return where the middles stand when everything is pushed to the left."""
    found: list[float] = []
    for spot in layer:
        before = layer[len(found) - 1]
        found.append(found[-1] + (before.width + spot.width) / 2 + GAP if found else 0.0)
    return found


def _set_down(layers: Sequence[Sequence[_Spot]]) -> float:
    """Give each spot the y of its middle; return the height of all."""
    y = MARGIN
    for layer in layers:
        tall = max(spot.height for spot in layer)
        for spot in layer:
            spot.y = y + tall / 2
        y += tall + RISE
    return y - RISE + MARGIN if layers else 2 * MARGIN


def _placed(
    boxes: Sequence[Box],
    lines: Sequence[Line],
    spots: Mapping[str, _Spot],
    chains: Sequence[list[_Spot]],
    height: float,
) -> Placed:
    every = [*spots.values(), *(spot for chain in chains for spot in chain)]
    left = min((spot.x - spot.width / 2 for spot in every), default=0.0) - MARGIN
    right = max((spot.x + spot.width / 2 for spot in every), default=0.0) + MARGIN
    for spot in {id(spot): spot for spot in every}.values():
        spot.x -= left
    corners = {box.key: Point(spots[box.key].x - box.width / 2, spots[box.key].y - box.height / 2) for box in boxes}
    drawn = [_drawn(line, spots, chain) for line, chain in zip(lines, chains, strict=True)]
    return Placed(right - left, height, corners, [route for route, _ in drawn], [words for _, words in drawn])


def _drawn(line: Line, spots: Mapping[str, _Spot], chain: Sequence[_Spot]) -> tuple[list[Point], Point]:
    """Return the points of one line from its source to its target, and the middle of its words."""
    source, target = spots[line.source], spots[line.target]
    if not chain:
        right = source.x + source.width / 2 - LOOP - line.width
        edges = [Point(right, source.y - source.height / 4), Point(right, source.y + source.height / 4)]
        return edges, Point(right + LOOP + line.width / 2, source.y)
    upper, lower = chain[0], chain[-1]
    first, last = Point(upper.x, upper.y + upper.height / 2), Point(lower.x, lower.y - lower.height / 2)
    points = [first, *(Point(spot.x, spot.y) for spot in chain[1:-1]), last]
    words = chain[1] if upper is source else chain[-2]
    return (points if target is lower else points[::-1]), Point(words.x, words.y)
