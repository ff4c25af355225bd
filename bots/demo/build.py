"""Short names for what the built-in bots are made of, so that each of them reads like its dialog.

Interactions and dialogs are named by their names; keys are derived from these.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bots.engine import spec
from integrations.engine.spec import IntegrationSpec, Row

ADDRESS = "{$env.demoApi}"


def key(name: str) -> str:
    """Return forty hexadecimal digits, always the same ones for a name."""
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def bot(name: str, *dialogs: spec.Dialog, integrations: tuple[IntegrationSpec, ...], fallback: str) -> spec.BotSpec:
    """Return a bot of these dialogs and a fallback dialog that says what can be asked."""
    last = spec.Dialog(
        key=key(f"{name} fallback"),
        name="Fallback",
        kind="fallback",
        interactions=(text("Fallback text", fallback),),
    )
    return spec.BotSpec(key=key(name), name=name, dialogs=(*dialogs, last), integrations=integrations, debug=True)


def dialog(name: str, *interactions: spec.Interaction) -> spec.Dialog:
    return spec.Dialog(key=key(f"dialog {name}"), name=name, interactions=interactions)


def starter(name: str, *patterns: str) -> spec.Interaction:
    return spec.Interaction(key(name), name, "starter", spec.Content(patterns=patterns))


def text(name: str, words: str, *, then: spec.Action | None = None) -> spec.Interaction:
    return spec.Interaction(key(name), name, "text", spec.Content(text=words), rules=_plain(then))


def question(name: str, words: str, *rules: spec.Rule) -> spec.Interaction:
    return spec.Interaction(key(name), name, "text_question", spec.Content(text=words), rules=rules)


def cards(name: str, *tiles: spec.Tile, then: spec.Action | None = None) -> spec.Interaction:
    return spec.Interaction(key(name), name, "structured", spec.Content(tiles=tiles), rules=_plain(then))


def call(
    name: str,
    integration: str,
    *,
    success: str,
    failure: str,
    nothing: tuple[spec.VariableCondition, str] | None = None,
) -> spec.Interaction:
    """Return an interaction that calls an integration, then goes to one of the named interactions.

    `nothing` is what an answer looks like that is a success but empty, and where it leads."""
    rules = [
        _rule("SUCCESS", spec.Condition("api_result", ("SUCCESS",)), action=goto(success)),
        _rule("FAILURE", spec.Condition("api_result", ("FAILURE",)), action=goto(failure)),
    ]
    if nothing:
        rule = _rule("Nothing found", spec.Condition("api_result", ("SUCCESS",)), action=goto(nothing[1]))
        rules.insert(0, replace(rule, variable_conditions=(nothing[0],)))
    content = spec.Content(integration=key(integration))
    return spec.Interaction(key(name), name, "integration", content, rules=tuple(rules))


def integration(name: str, path: str, *, fields: dict[str, str], transform: str = "", **values: str) -> IntegrationSpec:
    """Return a GET of the demo API; `values` are its request parameters."""
    return IntegrationSpec(
        key=key(name),
        name=name,
        response_variable=name,
        url=ADDRESS + path,
        parameters=tuple(Row(name, value) for name, value in values.items()),
        fields=tuple(Row(name, value) for name, value in fields.items()),
        transform_script=transform,
        slow_message="One moment, I am looking that up …",
    )


def fills_slot(slot: str, *, name: str, regex: str) -> spec.Rule:
    """Return a rule: what fits the expression becomes the slot."""
    return _rule(name, spec.Condition("regex", (regex,)), slot=spec.SetVariable(slot))


def otherwise(words: str) -> spec.Rule:
    """Return a rule: whatever else is said, answer this and ask again."""
    return _rule("Anything else", spec.Condition("no_match", message=words), action=spec.Action("repeat"))


def goto(name: str) -> spec.Action:
    return spec.Action("interaction", key(name))


END = spec.Action("end")


def _plain(action: spec.Action | None) -> tuple[spec.Rule, ...]:
    return () if action is None else (spec.Rule(key="next", action=action),)


def _rule(
    name: str,
    condition: spec.Condition,
    *,
    slot: spec.SetVariable | None = None,
    action: spec.Action = spec.Action(),  # noqa: B008 - frozen
) -> spec.Rule:
    return spec.Rule(key=key(name)[:12], name=name, condition=condition, slot=slot, action=action)
