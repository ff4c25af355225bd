"""Write the interactions of a bot and their rules into an export document. Pure."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Set
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import Any

from bots.engine import exportfile, exportfit, exportmerge, exportown, exportrules, exportviews
from bots.engine.exportfit import Authored
from bots.engine.exportnode import Node
from bots.engine.exportviews import Names, Place
from bots.engine.spec import Action, Dialog, Interaction, Rule

Element = dict[str, Any]

LIST = "conversationMessage"


def by_key(elements: Iterable[Element]) -> dict[str, Element]:
    """Return the elements by their keys; of several with one id the last counts, as it does when they are read."""
    return {exportfit.key_of(_id(one)): one for one in elements}


def insert(elements: list[Element], fresh: Iterable[Element]) -> None:
    """Add each element where its id belongs in a list that is sorted by ids, else at the end."""
    if any(first > second for first, second in pairwise(map(_id, elements))):
        elements.extend(fresh)
        return
    for element in fresh:
        insort(elements, element, key=_id)


def _id(element: Element) -> str:
    return Node(element).get("id").text()


def drop(document: Element, name: str, keys: Set[str]) -> None:
    """Take the elements of these keys out of a list of the document, all of an id."""
    if keys:
        elements = document.get(name) or []
        document[name] = [one for one in elements if exportfit.key_of(_id(one)) not in keys]


def without_own(element: Element) -> Element:
    """Return the element as those read it who do not know our own key."""
    return {key: value for key, value in element.items() if key != exportown.KEY}


class Tiles:
    """Changes the interactions of one document from what it said `before` to what the bot says `now`."""

    def __init__(self, document: Element, before: Authored, now: Authored, *, was: Names, names: Names) -> None:
        self.document, self.before, self.now, self.was, self.names = document, before, now, was, names
        self.old = {i.key: i for dialog in before.spec.dialogs for i in dialog.interactions}
        self.elements = by_key(document.get(LIST) or [])
        self.keys = {identifier: key for key, identifier in names.identifiers.items()}
        self.integrations = {one.name: one.key for one in reversed(now.spec.integrations)}
        self.integrations |= {names.identifier(one.key): one.key for one in now.spec.integrations}
        self.fresh: list[Element] = []

    def write(self) -> None:
        """Write every interaction that is new, changed, or has another place; take away what is gone."""
        chains = {dialog.key: [i.key for i in dialog.interactions] for dialog in self.before.spec.dialogs}
        drop(self.document, LIST, self.old.keys() - {i.key for d in self.now.spec.dialogs for i in d.interactions})
        for dialog in self.now.spec.dialogs:
            moved = chains.get(dialog.key) != [i.key for i in dialog.interactions]
            for one, place in self._places(dialog):
                if moved or self._is_changed(one):
                    self._write(one, place if moved else None)
        if self.fresh:
            insert(self.document.setdefault(LIST, []), self.fresh)

    def _places(self, dialog: Dialog) -> Iterator[tuple[Interaction, Place]]:
        group = self.names.identifier(dialog.key)
        ids = [None, *(self.names.identifier(i.key) for i in dialog.interactions), None]
        for at, one in enumerate(dialog.interactions):
            yield one, Place(group=group, following=ids[at + 2], previous=ids[at])

    def _is_changed(self, one: Interaction) -> bool:
        comments = self.before.comments.get(one.key) != self.now.comments.get(one.key)
        key = one.content.integration
        renamed = bool(key) and self.was.integrations.get(key) != self.names.integrations.get(key)
        return comments or renamed or self.old.get(one.key) != one

    def _write(self, one: Interaction, place: Place | None) -> None:
        was = self.old.get(one.key) or self.old.get(self.now.origins.get(one.key, ""))
        element = self.elements.get(one.key) if one.key in self.old else None
        if element is None:
            element = deepcopy(self.elements[was.key]) if was else {}
            new = True
        else:
            new = False
        here = _place_of(element)
        comment = self.now.comments.get(one.key, "")
        view = exportviews.interaction(one, names=self.names, place=place or here, comment=comment)
        before: Element = {}
        if was:
            comment = self.before.comments.get(was.key, "")
            before = exportviews.interaction(was, names=self.was, place=here, comment=comment)
        exportmerge.merge(element, before=before, now=view)
        self._rules(element, one, was)
        if one != was:
            read = exportfile.interaction(Node(without_own(element)), integrations=self.integrations)
            same_kind = was is not None and was.kind == one.kind
            exportown.keep(element, wanted=one, read=read, before=was if same_kind else None)
        if new:
            self.fresh.append(element)

    def _rules(self, element: Element, one: Interaction, was: Interaction | None) -> None:
        if was is not None and was.rules == one.rules:
            return
        elements = element.get("responseMatches") or []
        old = {rule.key: (rule, raw) for rule, raw in zip(was.rules, elements, strict=False)} if was else {}
        written = []
        for rule in one.rules:
            before, raw = old.get(rule.key, (None, None))
            written.append(self._rule(rule, before, raw, one.key))
        plain = exportviews.rule(exportviews.PLAIN_RULE, names=self.names, repeats="")
        element["responseMatches"] = written or [plain]

    def _rule(self, rule: Rule, before: Rule | None, raw: Element | None, owner: str) -> Element:
        identifier = self.names.identifier(owner)
        view = exportviews.rule(rule, names=self.names, repeats=identifier)
        if before == rule:
            return deepcopy(raw or {})
        if before is None or not isinstance(raw, dict):
            element = view
        else:
            element = deepcopy(raw)
            exportmerge.merge(element, before=exportviews.rule(before, names=self.was, repeats=identifier), now=view)
        read = exportrules.rules(Node([without_own(element)]))[0]
        target = self.keys.get(read.action.target, read.action.target)
        exportown.keep(element, wanted=rule, read=replace(read, action=Action(read.action.kind, target)), before=before)
        return element


def _place_of(element: Element) -> Place:
    node = Node(element)
    group, following, previous = (node.get(key).value for key in ("group", "nextMessageId", "prevMessageId"))
    return Place(group=group, following=following, previous=previous)
