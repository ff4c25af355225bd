"""Boxes and lines on a plane: nothing lies on anything, loops come out, and many boxes are placed."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.engine import layout
from bots.engine.layout import Box, Line, Placed


def box(key: str, width: float = 200, height: float = 60) -> Box:
    return Box(key, width, height)


def overlaps(boxes: list[Box], placed: Placed) -> list[tuple[str, str]]:
    """Name the pairs of boxes that share some ground."""
    found = []
    for one, other in itertools.combinations(boxes, 2):
        first, second = placed.corners[one.key], placed.corners[other.key]
        across = first.x < second.x + other.width - 0.01 and second.x < first.x + one.width - 0.01
        down = first.y < second.y + other.height - 0.01 and second.y < first.y + one.height - 0.01
        if across and down:
            found.append((one.key, other.key))
    return found


def words_of(lines: list[Line], placed: Placed) -> tuple[list[Box], dict[str, layout.Point]]:
    """The words of the lines as boxes with their corners."""
    named = [(f"words {at}", line) for at, line in enumerate(lines) if line.width]
    corners = {
        f"words {at}": layout.Point(middle.x - line.width / 2, middle.y - line.height / 2)
        for at, (line, middle) in enumerate(zip(lines, placed.words, strict=True))
    }
    return [Box(key, line.width, line.height) for key, line in named], corners


def all_overlaps(boxes: list[Box], lines: list[Line], placed: Placed) -> list[tuple[str, str]]:
    words, corners = words_of(lines, placed)
    everything = Placed(placed.width, placed.height, {**placed.corners, **corners}, placed.routes, placed.words)
    return overlaps([*boxes, *words], everything)


def test_a_chain_goes_down() -> None:
    boxes = [box(key) for key in "abc"]

    placed = layout.arrange(boxes, [Line("a", "b"), Line("b", "c")])

    ys = [placed.corners[key].y for key in "abc"]
    assert ys == sorted(ys)
    assert ys[1] - ys[0] >= 60
    assert len({placed.corners[key].x for key in "abc"}) == 1


def test_branches_stand_side_by_side_below_what_leads_to_them() -> None:
    boxes = [box(key) for key in "abcd"]

    placed = layout.arrange(boxes, [Line("a", each, 80, 20) for each in "bcd"])

    assert len({placed.corners[key].y for key in "bcd"}) == 1
    assert not all_overlaps(boxes, [Line("a", each, 80, 20) for each in "bcd"], placed)
    middle = placed.corners["a"].x + 100
    assert placed.corners["b"].x < middle < placed.corners["d"].x + 200


def test_a_line_goes_from_the_edge_of_its_source_to_the_edge_of_its_target() -> None:
    placed = layout.arrange([box("a"), box("b")], [Line("a", "b", 50, 20)])

    first, last = placed.routes[0][0], placed.routes[0][-1]
    assert first.y == pytest.approx(placed.corners["a"].y + 60)
    assert last.y == pytest.approx(placed.corners["b"].y)
    assert first.y < placed.words[0].y < last.y


def test_a_loop_is_opened_and_its_line_still_ends_at_its_target() -> None:
    boxes = [box(key) for key in "abc"]
    lines = [Line("a", "b"), Line("b", "c"), Line("c", "a", 60, 20)]

    placed = layout.arrange(boxes, lines)

    back = placed.routes[2]
    assert back[0].y == pytest.approx(placed.corners["c"].y)  # leaves at the top, since it goes up
    assert back[-1].y == pytest.approx(placed.corners["a"].y + 60)
    assert not all_overlaps(boxes, lines, placed)


def test_a_line_to_itself_has_room_for_its_words_at_the_right() -> None:
    boxes = [box("a"), box("b"), box("c")]
    lines = [Line("a", "b"), Line("a", "c"), Line("b", "b", 70, 20)]

    placed = layout.arrange(boxes, lines)

    assert placed.words[2].x - 35 >= placed.corners["b"].x + 200
    assert not all_overlaps(boxes, lines, placed)


def test_lines_pass_beside_the_boxes_of_other_layers() -> None:
    boxes = [box(key) for key in "abc"]

    placed = layout.arrange(boxes, [Line("a", "b"), Line("b", "c"), Line("a", "c")])

    corner = placed.corners["b"]
    inside = [p for p in placed.routes[2] if corner.y <= p.y <= corner.y + 60 and corner.x <= p.x <= corner.x + 200]
    assert not inside


def test_nothing_gives_an_empty_picture() -> None:
    placed = layout.arrange([], [])

    assert (placed.corners, placed.routes) == ({}, [])
    assert placed.width > 0 and placed.height > 0


def test_two_hundred_boxes_with_loops_and_jumps_do_not_overlap() -> None:
    chance = random.Random(7)
    names = [f"n{number}" for number in range(200)]
    boxes = [box(name) for name in names]
    lines = [Line(one, other) for one, other in itertools.pairwise(names)]
    lines += [Line(chance.choice(names), chance.choice(names), 120, 20) for _ in range(150)]

    placed = layout.arrange(boxes, lines)

    assert not overlaps(boxes, placed)
    assert all(0 <= corner.x <= placed.width - 200 for corner in placed.corners.values())
    assert all(0 <= corner.y <= placed.height - 60 for corner in placed.corners.values())


EDGES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from([0, 40, 160])), max_size=30)


@settings(max_examples=60, deadline=None)
@given(EDGES, st.lists(st.sampled_from([30, 58]), min_size=12, max_size=12))
def test_no_graph_makes_boxes_or_words_overlap(edges: list[tuple[int, int, int]], heights: list[int]) -> None:
    boxes = [box(str(number), height=height) for number, height in enumerate(heights)]
    pairs = {(one, other): width for one, other, width in edges}
    lines = [Line(str(one), str(other), width, 20 if width else 0) for (one, other), width in pairs.items()]

    placed = layout.arrange(boxes, lines)

    assert not all_overlaps(boxes, lines, placed)
    assert len(placed.routes) == len(lines)
    assert placed == layout.arrange(boxes, lines)
