"""Which variables, fields and scripts a bot uses, where, and what could set them. Pure; reads scripts as mere text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bots.engine import scriptnames
from bots.engine.spec import BotSpec, Content, Interaction, Rule
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
SETTINGS = (
    ("failure_text", "Failure text"),
    ("error_text", "Default User-Friendly Response"),
    ("fallback_text", "Fallback text"),
)
PLAIN_TEXTS = ("text", "rich_json", "url", "skill", "agent", "fallback_text")
_QUOTED = re.compile(r"""(["'`])((?:(?!\1)[^\\\r\n]|\\.)*)\1""")


@dataclass(frozen=True, slots=True)
class Script:
    """One author script and where it stands; `where` is for people, `part` the attribute that holds it."""

    source: str
    place: Place
    where: str
    dialog: str = ""
    interaction: str = ""
    integration: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What a text or a rule reads. kind: variable (bare name, slots as slot.name), field, env or system.
    part: the attribute that holds the text. rule: the key of the rule it belongs to, if it is one of a rule."""

    kind: str
    name: str
    where: str
    dialog: str = ""
    interaction: str = ""
    integration: str = ""
    part: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of an author with the attribute and the rule that hold it; bare: the name of a variable, not a text."""

    text: str
    part: str
    rule: str = ""
    bare: bool = False


def scripts(spec: BotSpec) -> Iterator[Script]:
    """Yield every script that has a text, switched on or not."""
    if spec.global_functions.strip():
        yield Script(spec.global_functions, "globalFunctions", "Global functions", part="source")
    for dialog in spec.dialogs:
        for interaction in dialog.interactions:
            for attribute, place, title in SCRIPTS:
                source = getattr(interaction, attribute)
                if source.strip():
                    where = f"{interaction.name}: {title}"
                    yield Script(source, place, where, dialog.key, interaction.key, part=attribute)
    for integration in spec.integrations:
        if integration.transform_script.strip():
            where = f"{integration.name}: Transform Result Script"
            yield Script(
                integration.transform_script, "transform", where, integration=integration.key, part="transform_script"
            )


def quoted(spec: BotSpec) -> frozenset[str]:
    """Return every text that stands in quotes in any script: names that scripts may set or jump to."""
    return frozenset(text for script in scripts(spec) for text in texts_in_quotes(script.source))


def _settable(spec: BotSpec) -> frozenset[str]:
    """Return the quoted texts of all scripts that may be names to set: all but those that only a getter is given."""
    return frozenset(text for script in scripts(spec) for text in scriptnames.of(script.source).passed_on)


def texts_in_quotes(source: str) -> list[str]:
    """Return what stands in quotes in a script, each once."""
    return list(dict.fromkeys(found[2] for found in _QUOTED.finditer(source)))


def uses(spec: BotSpec) -> Iterator[Use]:
    """Yield what the texts, rules and requests of all that is switched on read, each once a place."""
    for part, title in SETTINGS:
        for kind, name in _names([Text(getattr(spec, part), part)]):
            yield Use(kind, name, f"Settings: {title}", part=part)
    for dialog in spec.dialogs:
        for interaction in dialog.interactions:
            if dialog.enabled and interaction.enabled:
                for (kind, name), text in _names(_texts(interaction)).items():
                    yield Use(kind, name, interaction.name, dialog.key, interaction.key, part=text.part, rule=text.rule)
    for integration in spec.integrations:
        for (kind, name), text in _names(_request_texts(integration)).items():
            yield Use(kind, name, integration.name, integration=integration.key, part=text.part)


def script_reads(spec: BotSpec) -> Iterator[Use]:
    """Yield the variables that scripts ask for by name, each once a script."""
    for script in scripts(spec):
        for kind, name in scriptnames.of(script.source).reads:
            if kind == "variable":
                yield Use(kind, name, script.where, script.dialog, script.interaction, script.integration, script.part)


def _names(texts: Iterable[Text]) -> dict[tuple[str, str], Text]:
    """Return the kinds and names that the texts read, each with the first text that does."""
    found: dict[tuple[str, str], Text] = {}
    for text in texts:
        for name in _read_by(text):
            found.setdefault(name, text)
    return found


def _read_by(text: Text) -> Iterator[tuple[str, str]]:
    if text.bare:
        yield "variable", text.text
        return
    for placeholder in template.names(text.text):
        if placeholder.kind == "slot":
            yield "variable", f"slot.{placeholder.name}"
        elif placeholder.kind in ("variable", "field", "env", "system"):
            yield placeholder.kind, placeholder.name


def _texts(interaction: Interaction) -> Iterator[Text]:
    yield from _content_texts(interaction.content)
    for place, rule in enumerate(interaction.rules):
        yield from _rule_texts(rule, rule_key(rule, place))


def rule_key(rule: Rule, place: int) -> str:
    """Return how a rule is named; an imported one may have no key of its own."""
    return rule.key or f"r{place}"


def _rule_texts(rule: Rule, key: str) -> Iterator[Text]:
    for condition in rule.variable_conditions:
        yield Text(condition.name, "variable_conditions", key, bare="{" not in condition.name)
        yield Text(condition.value, "variable_conditions", key)
    yield from (Text(variable.value, "variables", key) for variable in rule.variables)
    if rule.slot:
        yield Text(rule.slot.value, "slot", key)
    if rule.condition:
        yield Text(rule.condition.message, "message", key)
        part = {"exact": "exact", "option": "options"}.get(rule.condition.kind, "")
        yield from (Text(value, part, key) for value in (rule.condition.values if part else ()))


def _content_texts(content: Content) -> Iterator[Text]:
    for part in PLAIN_TEXTS:
        yield Text(getattr(content, part), part)
    yield from (Text(choice, "choices") for choice in content.choices)
    for chip in content.quick_replies:
        yield from (Text(text, "quick_replies") for text in (chip.title, chip.payload, chip.image))
    for tile in content.tiles:
        yield from (Text(text, "tiles") for text in (tile.title, tile.subtitle, tile.image))
        yield from (Text(text, "tiles") for button in tile.buttons for text in (button.label, button.value))
    yield from (Text(text, "buttons") for button in content.buttons for text in (button.label, button.value))


def _request_texts(integration: IntegrationSpec) -> Iterator[Text]:
    yield Text(integration.url, "url")
    yield Text(integration.body, "body")
    yield Text(integration.slow_message, "slow_message")
    for part in ("headers", "parameters", "fields"):
        yield from (Text(row.value, part) for row in getattr(integration, part) if row.enabled)


@dataclass(slots=True)
class Known:
    """What a bot can set. A name that stands in quotes in a script counts: scripts may pass it on."""

    spec: BotSpec
    _quoted: frozenset[str] = field(init=False)
    _set: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._quoted = _settable(self.spec)
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
