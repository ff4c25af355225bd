"""Which variables, fields and scripts a bot uses, where, and what could set them. Pure; reads scripts as mere text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bots.engine.spec import BotSpec, Content, Interaction
from integrations.engine import template
from integrations.engine.scripts import Place
from integrations.engine.spec import IntegrationSpec

SPECIAL = frozenset({"skipPreviousDialog", "__standardHeaders__"})
EXTRAS = frozenset({"$error", "$status", "$attempts"})
SCRIPTS: tuple[tuple[str, Place, str], ...] = (
    ("pre_process", "preProcess", "Pre-Process Code"),
    ("post_process", "postProcess", "Post-Process Code"),
    ("process_response", "processUserResponse", "Process User Response"),
)
_QUOTED = re.compile(r"""(["'`])((?:(?!\1)[^\\\r\n]|\\.)*)\1""")


@dataclass(frozen=True, slots=True)
class Script:
    """One author script and where it stands; `where` is for people."""

    source: str
    place: Place
    where: str
    dialog: str = ""
    interaction: str = ""
    integration: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What a text or a rule reads. kind: variable (bare name, slots as slot.name), field, env or system."""

    kind: str
    name: str
    where: str
    dialog: str = ""
    interaction: str = ""
    integration: str = ""


def scripts(spec: BotSpec) -> Iterator[Script]:
    """Yield every script that has a text, switched on or not."""
    if spec.global_functions.strip():
        yield Script(spec.global_functions, "globalFunctions", "Global functions")
    for dialog in spec.dialogs:
        for interaction in dialog.interactions:
            for attribute, place, title in SCRIPTS:
                source = getattr(interaction, attribute)
                if source.strip():
                    yield Script(source, place, f"{interaction.name}: {title}", dialog.key, interaction.key)
    for integration in spec.integrations:
        if integration.transform_script.strip():
            where = f"{integration.name}: Transform Result Script"
            yield Script(integration.transform_script, "transform", where, integration=integration.key)


def quoted(spec: BotSpec) -> frozenset[str]:
    """Return every text that stands in quotes in any script: names that scripts may set or jump to."""
    return frozenset(text for script in scripts(spec) for text in texts_in_quotes(script.source))


def texts_in_quotes(source: str) -> list[str]:
    """Return what stands in quotes in a script, each once."""
    return list(dict.fromkeys(found[2] for found in _QUOTED.finditer(source)))


def uses(spec: BotSpec) -> Iterator[Use]:
    """Yield what the texts, rules and requests of all that is switched on read, each once a place."""
    for dialog in spec.dialogs:
        for interaction in dialog.interactions:
            if dialog.enabled and interaction.enabled:
                for kind, name in dict.fromkeys(_names(_texts(interaction), _bare_names(interaction))):
                    yield Use(kind, name, interaction.name, dialog.key, interaction.key)
    for integration in spec.integrations:
        for kind, name in dict.fromkeys(_names(_request_texts(integration), ())):
            yield Use(kind, name, integration.name, integration=integration.key)


def _names(texts: Sequence[str], bare: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from (("variable", name) for name in bare)
    for text in texts:
        for placeholder in template.names(text):
            if placeholder.kind == "slot":
                yield "variable", f"slot.{placeholder.name}"
            elif placeholder.kind in ("variable", "field", "env", "system"):
                yield placeholder.kind, placeholder.name


def _texts(interaction: Interaction) -> list[str]:
    texts = _content_texts(interaction.content)
    for rule in interaction.rules:
        texts += [condition.value for condition in rule.variable_conditions]
        texts += [condition.name for condition in rule.variable_conditions if "{" in condition.name]
        texts += [variable.value for variable in (*rule.variables, *([rule.slot] if rule.slot else []))]
        if rule.condition:
            texts += [rule.condition.message]
            texts += rule.condition.values if rule.condition.kind in ("exact", "option") else ()
    return texts


def _content_texts(content: Content) -> list[str]:
    texts = [content.text, content.rich_json, content.url, content.skill, content.agent, content.fallback_text]
    texts += content.choices
    for chip in content.quick_replies:
        texts += [chip.title, chip.payload, chip.image]
    for tile in content.tiles:
        texts += [tile.title, tile.subtitle, tile.image]
    for button in (*content.buttons, *(button for tile in content.tiles for button in tile.buttons)):
        texts += [button.label, button.value]
    return texts


def _bare_names(interaction: Interaction) -> list[str]:
    conditions = (condition for rule in interaction.rules for condition in rule.variable_conditions)
    return [condition.name for condition in conditions if "{" not in condition.name]


def _request_texts(integration: IntegrationSpec) -> list[str]:
    rows = (*integration.headers, *integration.parameters, *integration.fields)
    return [integration.url, integration.body, *(row.value for row in rows if row.enabled)]


@dataclass(slots=True)
class Known:
    """What a bot can set. A name that stands in quotes in a script counts: scripts may pass it on."""

    spec: BotSpec
    _quoted: frozenset[str] = field(init=False)
    _set: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._quoted = quoted(self.spec)
        self._set = frozenset(SPECIAL | self._by_rules() | self._by_integrations())

    def sets(self, name: str) -> bool:
        """Tell whether anything sets the variable, or one of which it is a property."""
        parts = re.split(r"[.\[]", name)
        prefixes = [name, *(name[: len(".".join(parts[:count]))] for count in range(1, len(parts)))]
        return any(prefix in self._set or prefix in self._quoted for prefix in prefixes)

    def why_no_field(self, name: str) -> str:
        """Return why `Integration.field` stays empty, or nothing if it exists."""
        owner, _, rest = name.partition(".")
        integration = next((known for known in self.spec.integrations if known.name == owner), None)
        if name in self._set or name in self._quoted:
            return ""
        if integration is None:
            return f"there is no integration named {owner}"
        return f"the integration {owner} has no field {rest.removesuffix('.count')}"

    def _by_rules(self) -> set[str]:
        rules = [rule for dialog in self.spec.dialogs for one in dialog.interactions for rule in one.rules]
        names = {variable.name for rule in rules for variable in rule.variables}
        return names | {f"slot.{rule.slot.name}" for rule in rules if rule.slot}

    def _by_integrations(self) -> set[str]:
        names: set[str] = set()
        for integration in self.spec.integrations:
            names |= {integration.response_name, f"{integration.response_name}Status"}
            names |= {f"{integration.name}.{extra}" for extra in EXTRAS}
            for row in integration.fields:
                names |= {f"{integration.name}.{row.key}", f"{integration.name}.{row.key}.count"}
        return names
