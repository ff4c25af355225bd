"""The map of a dialog or of a whole bot: the engine's graph with words, problems and places to go to, ready to draw.

A read model for one page. All numbers are pixels of the drawing; colours and letters are the page's affair.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bots.engine import graph, layout, spec
from bots.services import authoring, outline, problems

WIDTH, HEIGHT, SIGN = 216, 58, 30
LONGEST_NAME, LONGEST_WORDS, LETTER = 24, 26, 6.4
DETAIL = 160  # wide; the number of problems stands at its end
ENDS = {"end": "ends here", "close_dialog": "closes the dialog", "close_conversation": "closes the conversation"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A box: `name` and `detail` are cut to fit, `title` says all. interaction, dialog: primary keys to go to."""

    x: float
    y: float
    width: int
    height: int
    kind: str
    icon: str
    name: str
    detail: str
    title: str
    problems: int = 0
    off: bool = False
    interaction: int = 0
    dialog: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A line as an SVG path, with its words cut to fit and whole."""

    path: str
    words: str
    title: str
    x: float
    y: float
    width: float
    broken: bool
    by_script: bool

    @property
    def half(self) -> float:
        return self.width / 2


@dataclass(frozen=True, slots=True)
class Map:
    width: int
    height: int
    shapes: tuple[Shape, ...]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What a box says: its name, a line of detail, and the whole for people who hear it."""

    kind: str
    icon: str
    name: str
    detail: str = ""
    problems: int = 0
    off: bool = False
    interaction: int = 0
    dialog: int = 0


def of_dialog(draft: spec.BotSpec, *, dialog: str, places: outline.Places, found: problems.Problems) -> Map:
    """Draw one dialog."""
    drawn = _Drawing(draft, places, found)
    return drawn.map(graph.of_dialog(draft, dialog=dialog))


def of_bot(draft: spec.BotSpec, *, places: outline.Places, found: problems.Problems) -> Map:
    """Draw all dialogs."""
    return _Drawing(draft, places, found).map(graph.of_bot(draft))


class _Drawing:
    def __init__(self, draft: spec.BotSpec, places: outline.Places, found: problems.Problems) -> None:
        self.draft = draft
        self.places = places
        self.found = found
        self._interactions = {row.key: row.pk for row in places.interactions}
        self._dialogs = {row.key: row.pk for row in places.dialogs}
        self._words: dict[str, Callable[[str], Words]] = {
            "interaction": self._interaction,
            "outside": self._outside,
            "dialog": self._dialog,
            "jump": self._jump,
            "missing": _missing,
        }

    def map(self, found: graph.Graph) -> Map:
        words = {node.key: self._words[node.kind](node.target) for node in found.nodes}
        kinds = {node.key: node.kind for node in found.nodes}
        heights = {key: SIGN if kind in ("jump", "missing") else HEIGHT for key, kind in kinds.items()}
        said = [self._said(edge) for edge in found.edges]
        boxes = [layout.Box(node.key, WIDTH, heights[node.key]) for node in found.nodes]
        lines = [
            layout.Line(edge.source, edge.target, _width(text), 20.0 if text else 0.0)
            for edge, text in zip(found.edges, said, strict=True)
        ]
        placed = layout.arrange(boxes, lines)
        leads = _leads(found.edges, said, words)
        shapes = [_shape(placed.corners[key], heights[key], each, leads.get(key, ())) for key, each in words.items()]
        ways = [_way(placed, at, edge, said[at], words[edge.target].off) for at, edge in enumerate(found.edges)]
        order = sorted(shapes, key=lambda shape: (shape.y, shape.x))
        return Map(round(placed.width), round(placed.height), tuple(order), tuple(ways))

    def _said(self, edge: graph.Edge) -> str:
        texts = [chip.when for chip in outline.chips(edge.rules, places=self.places)]
        texts = [text for text in texts if text != outline.ALWAYS]
        texts += ["otherwise"] if edge.otherwise else []
        return ", ".join(texts) or ("by script" if edge.by_script else "")

    def _interaction(self, key: str) -> Words:
        row = self.draft.interaction_by_key[key][1]
        about = sum(problem.interaction == key for problem in self.found)
        ends = [ENDS[rule.action.kind] for rule in row.rules if rule.action.kind in ENDS]
        detail = row.content.imported_type or authoring.KINDS.get(row.kind, row.kind)
        detail = " · ".join([detail, *dict.fromkeys(ends)])
        pk = self._interactions.get(key, 0)
        return Words(row.kind, row.kind, row.name, detail, about, not row.enabled, interaction=pk)

    def _outside(self, key: str) -> Words:
        dialog, row = self.draft.interaction_by_key[key]
        off = not (row.enabled and dialog.enabled)
        pk = self._interactions.get(key, 0)
        return Words("outside", row.kind, row.name, f"in {dialog.name}", off=off, interaction=pk)

    def _dialog(self, key: str) -> Words:
        dialog = self.draft.dialog_by_key[key]
        about = sum(problem.dialog == key for problem in self.found)
        count = len(dialog.interactions)
        detail = f"{'Fallback' if dialog.kind == 'fallback' else 'Dialog'} · {count} interaction{'s' * (count != 1)}"
        return Words(
            "dialog", "dialog", dialog.name, detail, about, not dialog.enabled, dialog=self._dialogs.get(key, 0)
        )

    def _jump(self, key: str) -> Words:
        name = self.draft.interaction_by_key[key][1].name
        return Words("jump", "undo", f"Back to {name}", interaction=self._interactions.get(key, 0))


def _missing(key: str) -> Words:
    return Words("missing", "warn", "Deleted target", off=True)


def _leads(edges: Sequence[graph.Edge], said: Sequence[str], words: dict[str, Words]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for edge, text in zip(edges, said, strict=True):
        found.setdefault(edge.source, []).append(f"{words[edge.target].name}{f' ({text})' if text else ''}")
    return found


def _shape(corner: layout.Point, height: int, words: Words, leads: Iterable[str]) -> Shape:
    told = [f"{words.name}, {words.detail}" if words.detail else words.name]
    told += ["switched off"] if words.off and words.kind != "missing" else []
    told += [_alarm(words.problems)] if words.problems else []
    told += [f"leads to {', '.join(leads)}"] if leads else []
    detail = f"off · {words.detail}" if words.off and words.detail else words.detail
    room = LONGEST_NAME if height == HEIGHT else LONGEST_NAME + 2
    return Shape(
        round(corner.x), round(corner.y), WIDTH, height, words.kind, words.icon,
        _cut(words.name, room), _cut(detail, detail_room(words.problems)), "; ".join(told),
        words.problems, words.off, words.interaction, words.dialog,
    )  # fmt: skip


def _alarm(problems: int) -> str:
    return f"{problems:,} problem{'s' * (problems != 1)}"


def detail_room(problems: int) -> int:
    """Return how many letters of the detail fit beside the number of problems."""
    return int((DETAIL - len(_alarm(problems)) * LETTER) / LETTER) if problems else LONGEST_NAME + 6


def _way(placed: layout.Placed, at: int, edge: graph.Edge, text: str, broken: bool) -> Way:
    points = placed.routes[at]
    path = _loop(points) if edge.source == edge.target else _curve(points)
    middle = placed.words[at]
    return Way(
        path, _cut(text, LONGEST_WORDS), text, round(middle.x), round(middle.y), _width(text), broken, edge.by_script
    )


def _curve(points: Sequence[layout.Point]) -> str:
    """Draw through the points so that the line leaves and enters every one of them straight up or down."""
    parts = [f"M{points[0].x:.0f} {points[0].y:.0f}"]
    for one, other in itertools.pairwise(points):
        middle = (one.y + other.y) / 2
        parts.append(f"C{one.x:.0f} {middle:.0f} {other.x:.0f} {middle:.0f} {other.x:.0f} {other.y:.0f}")
    return "".join(parts)


def _loop(points: Sequence[layout.Point]) -> str:
    out, back = points
    far = out.x + layout.LOOP
    return f"M{out.x:.0f} {out.y:.0f}C{far:.0f} {out.y:.0f} {far:.0f} {back.y:.0f} {back.x:.0f} {back.y:.0f}"


def _width(text: str) -> float:
    return len(_cut(text, LONGEST_WORDS)) * LETTER + 14 if text else 0.0


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
