"""A bot as a graph: what leads where, along rules, next actions and names in scripts. Pure; draws nothing.

`of_dialog` has the interactions of one dialog and what lies just outside of it; `of_bot` has the dialogs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bots.engine import usage
from bots.engine.spec import Action, BotSpec, Dialog, Interaction, Rule

NodeKind = Literal["interaction", "dialog", "outside", "missing", "jump"]
FAR = 8  # a way back over more interactions than that is drawn as a sign that names its target
NEXT = Action()


@dataclass(frozen=True, slots=True)
class Node:
    """key: unique in the graph. target: the key of the interaction or dialog that it stands for."""

    key: str
    kind: NodeKind
    target: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one node to another. rules: those that take it; none where it is the way on without a rule.
    by_script: a script of the source names the target. otherwise: taken when no rule holds."""

    source: str
    target: str
    rules: tuple[Rule, ...] = ()
    by_script: bool = False
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def of_dialog(spec: BotSpec, *, dialog: str) -> Graph:
    """Return the interactions of a dialog, what they lead to, and the ways between."""
    here = spec.dialog_by_key[dialog]
    nodes = {row.key: Node(row.key, "interaction", row.key) for row in here.interactions}
    edges: dict[tuple[str, str], Edge] = {}
    for row in here.interactions:
        for edge in _leaving(spec, here, row):
            node = _end(spec, here, row, edge.target)
            nodes.setdefault(node.key, node)
            _merge(edges, Edge(row.key, node.key, edge.rules, edge.by_script, edge.otherwise))
    return Graph(tuple(nodes.values()), tuple(edges.values()))


def of_bot(spec: BotSpec) -> Graph:
    """Return the dialogs, and the ways from one to another."""
    nodes = {row.key: Node(row.key, "dialog", row.key) for row in spec.dialogs}
    edges: dict[tuple[str, str], Edge] = {}
    for dialog in spec.dialogs:
        for row in dialog.interactions:
            for edge in _leaving(spec, dialog, row):
                target = _dialog_of(spec, edge.target)
                if target != dialog.key:
                    nodes.setdefault(target, Node(target, "missing", edge.target))
                    _merge(edges, Edge(dialog.key, target, edge.rules, edge.by_script))
    return Graph(tuple(nodes.values()), tuple(edges.values()))


def _dialog_of(spec: BotSpec, target: str) -> str:
    if target in spec.interaction_by_key:
        return spec.interaction_by_key[target][0].key
    return target if target in spec.dialog_by_key else f"missing:{target}"


def _leaving(spec: BotSpec, dialog: Dialog, row: Interaction) -> Iterator[Edge]:
    """Yield the ways from an interaction; a target is the key of an interaction or a dialog, known or not."""
    for rule in row.rules:
        target = _target(spec, dialog, row, rule.action)
        if target:
            yield Edge(row.key, target, (rule,))
    decided = any(rule.condition is None and not rule.variable_conditions for rule in row.rules)
    if not row.waits and not decided and (following := _target(spec, dialog, row, NEXT)):
        yield Edge(row.key, following, otherwise=bool(row.rules))
    for name in _named(spec, row):
        yield Edge(row.key, spec.interaction_by_name[name][1].key, by_script=True)


def _target(spec: BotSpec, dialog: Dialog, row: Interaction, action: Action) -> str:
    if action.kind in ("interaction", "dialog"):
        return action.target or "nothing"
    if action.kind == "repeat":
        return row.key
    following = dialog.enabled_from(spec.position_by_key[row.key] + 1) if action.kind == "next" else None
    return following.key if following else ""


def _named(spec: BotSpec, row: Interaction) -> list[str]:
    """Return the names of interactions that stand in quotes in the scripts of this one."""
    sources = "\n".join(getattr(row, attribute) for attribute, _, _ in usage.SCRIPTS)
    return [name for name in usage.texts_in_quotes(sources) if name in spec.interaction_by_name]


def _end(spec: BotSpec, here: Dialog, row: Interaction, target: str) -> Node:
    """Return the node at the end of a way out of an interaction of this dialog."""
    if target in spec.dialog_by_key:
        return Node(f"dialog:{target}", "dialog", target)
    if target not in spec.interaction_by_key:
        return Node(f"missing:{row.key}:{target}", "missing", target)
    if spec.interaction_by_key[target][0].key != here.key:
        return Node(f"outside:{target}", "outside", target)
    back = spec.position_by_key[row.key] - spec.position_by_key[target]
    if back > FAR:
        return Node(f"jump:{row.key}:{target}", "jump", target)
    return Node(target, "interaction", target)


def _merge(edges: dict[tuple[str, str], Edge], new: Edge) -> None:
    """Draw what leads from one node to the same other one as one way."""
    at = (new.source, new.target)
    old = edges.get(at)
    if old is None:
        edges[at] = new
        return
    rules, otherwise = old.rules + new.rules, old.otherwise or new.otherwise
    edges[at] = Edge(*at, rules, old.by_script and new.by_script, otherwise)
