"""Sample values for a test run: which variables a definition uses, and what one author last gave for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from integrations.engine import call, json_values, jstokens, lookup, template
from integrations.engine.json_values import Json
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec
from integrations.models import Integration, SampleValues

LONGEST = 64 * 1024
LONGEST_NAME = 200
_READERS = frozenset({"getBotVariable"})
_ORIGINS = {
    "variable": "bot variable",
    "slot": "slot",
    "env": "environment",
    "field": "custom data field",
    "system": "the conversation",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A variable as the author wrote it (`$botContext.city`), the value to use, and where values come from."""

    name: str
    value: str
    origin: str


def wanted(definition: IntegrationSpec) -> list[lookup.Placeholder]:
    """The variables that the definition reads, each once, in the order of the form; its own response is none."""
    texts = [row.value for row in definition.fields if row.enabled]
    in_fields = [each for text in texts for each in template.names(text) if each.kind != "path"]
    in_script = [
        lookup.Placeholder("variable", name, f"$botContext.{name}", 0, 0)
        for name in _read_by(definition.transform_script)
    ]
    every = [*call.placeholders(definition), *in_script, *in_fields]
    return list({each.source: each for each in every if not _is_own(each, definition)}.values())


def _read_by(script: str) -> list[str]:
    """The variables that a script asks botContext for by a plain name."""
    calls = jstokens.arguments(jstokens.tokens(script), functions=_READERS, of="botContext")
    names = (jstokens.plain(argument.text) for argument, _ in calls if argument is not None)
    return [name for name in names if 0 < len(name) <= LONGEST_NAME]


def _is_own(placeholder: lookup.Placeholder, definition: IntegrationSpec) -> bool:
    own = definition.response_name
    return placeholder.name in (own, f"{own}Status") or placeholder.name.startswith((f"{own}.", f"{definition.name}."))


def ask(
    definition: IntegrationSpec, *, remembered: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[Sample, ...]:
    """The form of sample values: what was given last, else what the linked environment holds, else nothing."""
    return tuple(
        Sample(
            name=each.source,
            value=remembered.get(each.source, environment.get(each.name, "") if each.kind == "env" else ""),
            origin=_ORIGINS[each.kind],
        )
        for each in wanted(definition)
    )


def remembered(row: Integration, *, user: Any) -> dict[str, str]:
    """What this user last gave for the variables of this integration."""
    if not row.pk:
        return {}
    kept = SampleValues.objects.filter(integration=row, user=user).values_list("values", flat=True).first()
    return {str(name): str(value) for name, value in (kept or {}).items()}


@transaction.atomic
def remember(row: Integration, *, user: Any, values: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Keep what the user gave, but not what the environment says anyway, so that a change there is not overruled."""
    own = {name: text for name, text in values.items() if text and text != environment.get(name.removeprefix("$env."))}
    if row.pk:
        SampleValues.objects.update_or_create(integration=row, user=user, defaults={"values": own})


def scope_for(
    definition: IntegrationSpec, *, values: Mapping[str, str], environment: Mapping[str, str], facts: Mapping[str, Json]
) -> Scope:
    """An ephemeral session that holds the sample values where the definition will look for them."""
    session: dict[str, Json] = {}
    env, system = dict(environment), dict(facts)
    for placeholder in wanted(definition):
        text = values.get(placeholder.source, "")
        if placeholder.kind == "env":
            if text:
                env[placeholder.name] = text
        elif placeholder.kind == "system":
            if text:
                system[placeholder.name] = text
        elif text:
            session.update(_variables(placeholder, text))
    return Scope(session=session, environment=env, facts=system)


def _variables(placeholder: lookup.Placeholder, text: str) -> dict[str, Json]:
    if placeholder.kind == "slot":
        return {f"slot.{placeholder.name}": text}
    if placeholder.kind == "variable":
        return {placeholder.name: text}
    value = _list_or_text(text)
    return {placeholder.name: value, f"{placeholder.name}.count": len(value) if isinstance(value, list) else 1}


def _list_or_text(text: str) -> Json:
    """A field of another integration may be a list: `["a", "b"]`."""
    if not text.lstrip().startswith("["):
        return text
    try:
        return json_values.loads(text)
    except ValueError:
        return text
