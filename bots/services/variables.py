"""Every variable, slot, field and environment key that a bot sets or reads, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bots.engine import scriptnames, spec, usage

KINDS = {
    "variable": "Bot variables",
    "slot": "Slots",
    "env": "Environment keys",
    "field": "Integration fields",
    "response": "Responses",
    "system": "System variables",
}
SLOT = "slot."


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that sets or reads a variable: the words for it, and the key of its interaction or integration."""

    where: str
    interaction: str = ""
    integration: str = ""


@dataclass
class Entry:
    kind: str
    name: str
    sets: list[Spot] = field(default_factory=list)
    reads: list[Spot] = field(default_factory=list)

    @property
    def written(self) -> str:
        """How a text refers to it."""
        forms = {"variable": "{{$botContext.{}}}", "slot": "{{$botContext.slot.{}}}", "env": "{{$env.{}}}"}
        return forms.get(self.kind, "{{{}}}").format(self.name)


def listing(bot: spec.BotSpec, *, environment: dict[str, str]) -> list[tuple[str, list[Entry]]]:
    """Return what the bot knows, grouped by kind and ordered by name; nothing that is neither set nor read."""
    entries: dict[tuple[str, str], Entry] = {}

    def entry(kind: str, name: str) -> Entry:
        return entries.setdefault((kind, name), Entry(kind, name))

    for kind, name, spot in _set(bot):
        entry(kind, name).sets.append(spot)
    for name in environment:
        entry("env", name).sets.append(Spot("The linked environment"))
    for kind, name, spot in _read(bot):
        entry(kind, name).reads.append(spot)
    return [
        (label, sorted((each for each in entries.values() if each.kind == kind), key=lambda each: each.name.casefold()))
        for kind, label in KINDS.items()
        if any(each.kind == kind for each in entries.values())
    ]


def _set(bot: spec.BotSpec) -> Iterator[tuple[str, str, Spot]]:
    for dialog in bot.dialogs:
        for interaction in dialog.interactions:
            spot = Spot(interaction.name, interaction=interaction.key)
            for rule in interaction.rules:
                yield from (("variable", each.name, spot) for each in rule.variables)
                if rule.slot is not None:
                    yield "slot", rule.slot.name, spot
    for integration in bot.integrations:
        spot = Spot(integration.name, integration=integration.key)
        yield "response", integration.response_name, spot
        yield from (("field", f"{integration.name}.{row.key}", spot) for row in integration.fields if row.enabled)
    for script in usage.scripts(bot):
        spot = Spot(script.where, interaction=script.interaction, integration=script.integration)
        yield from ((*_sorted_out("variable", name), spot) for name in scriptnames.of(script.source).sets)


def _read(bot: spec.BotSpec) -> Iterator[tuple[str, str, Spot]]:
    for use in usage.uses(bot):
        spot = Spot(use.where, interaction=use.interaction, integration=use.integration)
        yield *_sorted_out(use.kind, use.name), spot
    for script in usage.scripts(bot):
        spot = Spot(script.where, interaction=script.interaction, integration=script.integration)
        named = scriptnames.of(script.source)
        both = dict.fromkeys((*named.reads, *named.sends))
        yield from ((*_sorted_out(kind, name), spot) for kind, name in both)


def _sorted_out(kind: str, name: str) -> tuple[str, str]:
    """A slot is also reached as the variable `slot.name`."""
    is_slot = kind == "variable" and name.startswith(SLOT)
    return ("slot", name.removeprefix(SLOT)) if is_slot else (kind, name)
