"""Write a bot as an export document: the imported one with what was changed here, or one that is new altogether.

Pure. Whatever is as it was imported keeps its characters; see exportviews for how parts look, exporttext for texts.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from bots.engine import (
    exportblank,
    exportfile,
    exportfit,
    exportintents,
    exportmerge,
    exportown,
    exportparts,
    exporttext,
    exportviews,
)
from bots.engine.exportfit import Authored
from bots.engine.exportnode import Node
from bots.engine.spec import BotSpec

Element = dict[str, Any]

SETTINGS = ("language", "session_seconds", "failure_text", "error_text", "fallback_text", "split_long_texts", "debug")


def write(now: Authored, *, source: str = "") -> str:
    """Return the text of the export; `source` is the text of the document that the bot was imported from, if it was."""
    if not source:
        document = exportblank.document(now)
        _Writer(document, Authored(BotSpec(key=now.spec.key, name="")), now).write()
        document["hash"] = _hash(document)
        return exporttext.dumps(document)
    document = json.loads(source.removeprefix("\ufeff"))
    _Writer(document, exportfit.read(document, text=source), now).write()
    return exporttext.rewrite(source, document=document)


def _hash(document: Element) -> str:
    """Conversation Builder's way to make it is not known; ours is a checksum as a signed number of 32 bits."""
    rest = {key: value for key, value in document.items() if key != "hash"}
    number = zlib.crc32(exporttext.dumps(rest).encode())
    return str(number - 2**32 if number >= 2**31 else number)


class _Writer:
    """Changes one document from what it said `before` to what the bot says `now`."""

    def __init__(self, document: Element, before: Authored, now: Authored) -> None:
        self.document, self.now = document, now
        self.before = replace(before, created_ms=now.created_ms)  # times are never what was changed
        root = Node(document)
        identifiers = {exportfit.key_of(one.get("id").text()): one.get("id").text() for one in exportfit.elements(root)}
        groups = {one.get("group").text() for one in root.get("conversationMessage").items()}
        identifiers |= {exportfit.key_of(group): group for group in groups}
        bot = root.get("bot").get("id").text()
        self.was, self.names = (
            exportviews.Names(bot, identifiers, {one.key: one.name for one in each.spec.integrations})
            for each in (before, now)
        )

    def write(self) -> None:
        self._settings()
        self._integrations()
        self._dialogs()
        exportparts.Tiles(self.document, self.before, self.now, was=self.was, names=self.names).write()
        self._order()
        exportintents.write(self.document, before=self.before.spec, now=self.now.spec)

    def _settings(self) -> None:
        bot, before, now = self.document["bot"], self.before, self.now
        exportmerge.merge(
            bot, before=exportblank.settings(before) if self._imported else {}, now=exportblank.settings(now)
        )
        if any(getattr(before.spec, name) != getattr(now.spec, name) for name in SETTINGS):
            plain = exportfile.read(
                {**self.document, "bot": exportparts.without_own(bot), "conversationMessage": [], "groups": []}
            )
            wanted, read, was = (_settings_of(each) for each in (now.spec, plain, before.spec))
            exportown.keep(bot, wanted=wanted, read=read, before=was if self._imported else None)
        if before.spec.global_functions != now.spec.global_functions:
            self._global_functions(now.spec.global_functions)

    @property
    def _imported(self) -> bool:
        return bool(self.before.spec.name)

    def _global_functions(self, source: str) -> None:
        functions = self.document.get("globalFunctions")
        if isinstance(functions, dict):
            exportmerge.put(functions, "methods", source, order=list(exportblank.FUNCTIONS))
        else:
            made = exportblank.functions(self.now, bot=self.names.bot)
            exportmerge.put(self.document, "globalFunctions", made, order=list(exportblank.DOCUMENT))

    def _integrations(self) -> None:
        before = {one.key: one for one in self.before.spec.integrations}
        elements = exportparts.by_key(self.document.get("responder") or [])
        for one in self.now.spec.integrations:
            was = before.get(one.key)
            if was == one:
                continue
            view = exportviews.integration(one, names=self.names)
            element = elements.get(one.key)
            if element is None or was is None:
                was, element = None, deepcopy(view)
                _list(self.document, "responder").append(element)
            else:
                exportmerge.merge(element, before=exportviews.integration(was, names=self.was), now=view)
            plain = exportfile.integration(Node(exportparts.without_own(element)))
            exportown.keep(element, wanted=one, read=plain, before=was)
        exportparts.drop(self.document, "responder", before.keys() - {one.key for one in self.now.spec.integrations})

    def _dialogs(self) -> None:
        before = exportblank.dialogs(self.before, bot=self.names.bot, identifier=self.was.identifier)
        now = exportblank.dialogs(self.now, bot=self.names.bot, identifier=self.names.identifier)
        elements = exportparts.by_key(self.document.get("groups") or [])
        exportparts.drop(self.document, "groups", before.keys() - now.keys())
        fresh = []
        for key, view in now.items():
            if before.get(key) == view:
                continue
            if key in elements:
                exportmerge.merge(elements[key], before=before[key], now=view)
            elif self.names.identifier(key):
                fresh.append(view)
        if fresh:
            exportparts.insert(_list(self.document, "groups"), fresh)
        if list(before.items()) != list(now.items()):
            self._only_one_fallback(elements)

    def _only_one_fallback(self, elements: Mapping[str, Element]) -> None:
        """A second fallback dialog was read as a standard one; it must stay one when the first is gone or moved."""
        for dialog in self.now.spec.dialogs:
            element = elements.get(dialog.key, {})
            if dialog.kind == "standard" and str(element.get("dialogType", "")).upper() == "FALLBACK_DIALOG":
                element["dialogType"] = "DIALOG"

    def _order(self) -> None:
        """Keep the order of the dialogs where it is not the one in which the file would be read."""
        wanted = [dialog.key for dialog in self.now.spec.dialogs]
        natural = self._natural_order()
        own = Node(self.document["bot"]).get(exportown.KEY).get("dialog_order").texts()
        places = {exportfit.key_of(identifier): place for place, identifier in enumerate(own)}
        if wanted != sorted(natural, key=lambda key: places.get(key, len(places))):
            order = None if natural == wanted else [self.names.identifier(key) for key in wanted]
            exportown.keep(self.document["bot"], wanted={}, read={}, extra={"dialog_order": order})

    def _natural_order(self) -> list[str]:
        """The dialogs that the file lists, then those that only interactions name."""
        root = Node(exportfit.last_of_each(self.document))
        listed = [one.get("id").text() for one in root.get("groups").items()]
        named = [one.get("group").text() for one in root.get("conversationMessage").items()]
        return [exportfit.key_of(identifier) for identifier in dict.fromkeys([*listed, *named])]


def _settings_of(spec: BotSpec) -> Mapping[str, Any]:
    return {name: getattr(spec, name) for name in SETTINGS}


def _list(document: Element, name: str) -> list[Element]:
    if not isinstance(document.get(name), list):
        exportmerge.put(document, name, [], order=list(exportblank.DOCUMENT))
    found: list[Element] = document[name]
    return found
