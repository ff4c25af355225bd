"""Finds anything of a bot by name: pages, dialogs, interactions, integrations, fields, variables, intents, tests.

What no name fits is searched in all texts. Knows no addresses; see the view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bots.engine import spec
from bots.models import Bot
from bots.services import authoring, search, variables

MOST = 40
PAGES = {
    "bot": "Dialogs", "bot_map": "Map of the whole bot", "integrations": "Integrations", "intents": "Intents",
    "global_functions": "Global functions", "variables": "Variables", "problems": "Problems", "tests": "Tests",
    "versions": "Versions", "history": "History", "publish": "Publish", "bot_settings": "Settings",
    "preview": "Preview", "integration_new": "New integration",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to go to. kind: page, dialog, interaction, integration, variable, intent, test, text or script.
    key: what names it for the address; tab: the part of an interaction that holds it."""

    kind: str
    label: str
    detail: str
    key: str
    tab: str = ""
    place: str = ""


def find(bot: Bot, *, draft: spec.BotSpec, words: str, among: search.Rows) -> list[Found]:
    """Return what fits, the best first: names that begin with the words, names that hold them, then texts.

    Without words, the pages and dialogs.
    """
    wanted = words.strip().casefold()
    if not wanted:
        return [*_pages(), *(_dialog(dialog) for dialog in draft.dialogs)][:MOST]
    ranked = [(_rank(each.label.casefold(), wanted), each) for each in (*_pages(), *_named(bot, draft, among))]
    ranked = sorted((pair for pair in ranked if pair[0] < NONE), key=lambda pair: pair[0])
    names = [each for _, each in ranked]
    named = {(each.kind, each.key) for each in names}
    texts = (
        _text(hit)
        for hit in search.search(bot, draft=draft, words=words, among=among)
        if not (hit.part == "Name" and _is(hit, named))
    )
    return [*names, *texts][:MOST]


NONE = 9


def _rank(name: str, wanted: str) -> int:
    """Say how well a name fits; every word has to stand in it."""
    if name.startswith(wanted):
        return 0 if name == wanted else 1
    if not all(word in name for word in wanted.split()):
        return NONE
    starts = name.replace("_", " ").replace(".", " ").split()
    return 2 if any(part.startswith(wanted) for part in starts) else 3


def _is(hit: search.Hit, named: set[tuple[str, str]]) -> bool:
    return (hit.place, hit.key) in named


def _pages() -> Iterator[Found]:
    yield from (Found("page", label, "Page", key) for key, label in PAGES.items())


def _named(bot: Bot, draft: spec.BotSpec, among: search.Rows) -> Iterator[Found]:
    for dialog in draft.dialogs:
        yield _dialog(dialog)
    for dialog in draft.dialogs:
        for row in dialog.interactions:
            kind = row.content.imported_type or authoring.KINDS.get(row.kind, row.kind)
            yield Found("interaction", row.name, f"{kind} in {dialog.name}", row.key)
    for integration in draft.integrations:
        yield Found("integration", integration.name, f"{integration.method} integration", integration.key)
    environment = bot.environment.values if bot.environment else {}
    for label, entries in variables.listing(draft, environment=environment):
        yield from (Found("variable", entry.name, label.removesuffix("s"), entry.name) for entry in entries)
    yield from (Found("intent", row.name, "Intent", str(row.pk)) for row in among.intents)
    yield from (Found("test", row.name, "Test", str(row.pk)) for row in among.tests)


def _dialog(dialog: spec.Dialog) -> Found:
    return Found("dialog", dialog.name, "Dialog" if dialog.kind == "standard" else "Fallback dialog", dialog.key)


def _text(hit: search.Hit) -> Found:
    kind = "script" if hit.tab == "code" or hit.part in ("Transform Result Script", "Script") else "text"
    label = " ".join(f"{hit.before}{hit.found}{hit.after}".split())
    return Found(kind, label, f"{hit.part} of {hit.owner}", hit.key, hit.tab, hit.place)
