"""The form of one rule: what it asks, what it sets, where it goes. Filled from a spec.Rule and cleans to one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django import forms

from bots.engine import comparisons, spec
from bots.forms import fields
from bots.services import scripts
from integrations.forms.lists import Column, ListField

Choices = list[tuple[str, Any]]

QUESTION_CONDITIONS: Choices = [
    ("pattern", "Pattern"), ("regex", "Regular Expression"), ("exact", "Exact Value"),
    ("intent", "Response Intent"), ("no_match", "No Match"),
]  # fmt: skip
OPTION: Choices = [("option", "Evaluate Options")]
API: Choices = [("api_result", "API Result")]
KEPT = {"unsupported": "Not supported here (kept)"}
RESULTS: Choices = [
    ("SUCCESS", "SUCCESS"),
    ("FAILURE", "FAILURE, of any kind"),
    ("request", "FAILURE: the request could not be built"),
    ("egress", "FAILURE: blocked by the egress policy"),
    ("credential", "FAILURE: the credential could not be used"),
    ("network", "FAILURE: no connection"),
    ("timeout", "FAILURE: no answer in time"),
    ("http", "FAILURE: a status outside 2xx"),
    ("too_large", "FAILURE: the answer was too large"),
    ("transform", "FAILURE: the transform script failed"),
]
OPERATORS: Choices = [
    ("equals", "equals"),
    ("not_equals", "does not equal"),
    ("contains", "contains"),
    ("not_contains", "does not contain"),
    ("starts_with", "starts with"),
    ("ends_with", "ends with"),
    ("greater", "is greater than"),
    ("greater_or_equal", "is at least"),
    ("less", "is less than"),
    ("less_or_equal", "is at most"),
    ("is_set", "is set"),
    ("is_empty", "is not set"),
]
EXCLUDING = ("pattern", "regex", "exact", "option")
SCOPES: Choices = [("session", "Session"), ("dialog", "Dialog"), ("request", "Request")]
MATCHES: Choices = [("any", "Any must hold"), ("all", "All must hold")]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule stands: the kind of its interaction, the choices it offers, where an action may lead, and which
    intents the bot has."""

    kind: str
    choices: Sequence[str] = ()
    waits: bool = False
    targets: Sequence[tuple[str, Any]] = ()
    intents: Sequence[tuple[str, str]] = ()


class RuleForm(forms.Form):
    """Every kind of condition has a field of its own, so nothing typed is lost when the author tries another kind."""

    name = forms.CharField(label="Rule name", required=False, max_length=100)
    condition = forms.ChoiceField(label="Match type", required=False)
    patterns = fields.LinesField(
        label="Patterns", help_text="One a line. * stands for any words, (a|b) for either. Case is ignored."
    )
    regex = forms.CharField(
        label="Regular expression",
        required=False,
        max_length=2000,
        strip=False,
        help_text="JavaScript syntax; finds a match anywhere in the message. (?i) in front ignores case.",
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
    )
    exact = fields.line("Exact value", help_text="Case and outer blanks are ignored.")
    intent = forms.ChoiceField(
        label="Intent", required=False, help_text="Rules with an intent are tried before all others."
    )
    options = forms.MultipleChoiceField(label="Options", required=False, widget=forms.CheckboxSelectMultiple)
    result = forms.ChoiceField(label="Result", required=False, choices=RESULTS)
    message = fields.text_area("Message", rows=2, help_text="Sent first when nothing else holds. Empty: nothing.")
    exclude_keywords = fields.LinesField(label="Exclude keywords", help_text="One a line; each one vetoes this rule.")
    variable_match = forms.ChoiceField(label="Of the variable conditions", required=False, choices=MATCHES)
    variable_conditions = ListField(
        Column("name", "Variable", longest=200, completes=True, optional=False),
        Column("operator", "Operator", choices=tuple(OPERATORS)),
        Column("value", "Value", completes=True),
        most=30,
        add_label="Add variable condition",
        label="Variable conditions",
    )
    variables = ListField(
        Column("name", "Variable", longest=200, optional=False),
        Column("value", "Value, e.g. {$userMessage}", longest=5000, completes=True),
        Column("scope", "Scope", choices=tuple(SCOPES)),
        most=50,
        add_label="Add variable",
        label="Variables to set",
    )
    slot = ListField(
        Column("name", "Slot", longest=200, optional=False),
        Column("value", "Value, e.g. {$userMessage}", longest=5000, completes=True),
        Column("scope", "Scope", choices=tuple(SCOPES)),
        most=1,
        add_label="Set a slot",
        label="Slot to set",
        help_text="At most one. Read as {$botContext.slot.name}.",
    )
    action = forms.ChoiceField(label="Next action", required=False)

    def __init__(self, *args: Any, rule: spec.Rule, place: Place, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rule = rule
        self.place = place
        self._set_choices()
        self.initial.update(_initial(rule))

    @property
    def chosen(self) -> str:
        """The kind of condition as it stands in the form now; decides which fields are shown."""
        return str(self["condition"].value() or "")

    @property
    def excluding(self) -> str:
        """The match types that exclude keywords mean something for, for the page's script."""
        return " ".join(sorted(EXCLUDING))

    @property
    def excludes(self) -> bool:
        """Whether exclude keywords mean something for the chosen match type."""
        return self.chosen in EXCLUDING

    def _set_choices(self) -> None:
        self._choices("condition", [("", "None: always holds"), *condition_choices(self.place, self.rule)])
        stored = self.rule.condition.values if self.rule.condition and self.rule.condition.kind == "option" else ()
        asked = self.rule.condition.values if self.rule.condition and self.rule.condition.kind == "intent" else ()
        self._choices("intent", fields.intent_choices(list(self.place.intents), stored=(asked or ("",))[0]))
        offered = dict.fromkeys([*self.place.choices, *stored])
        self._choices("options", [(text, text) for text in offered])
        self._choices("action", with_missing(self.place.targets, action_value(self.rule.action)))

    def _choices(self, name: str, choices: Any) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = choices

    def clean_regex(self) -> str:
        """Refuse what no engine can read; an imported one that was not touched stays as it is."""
        text: str = self.cleaned_data["regex"]
        if self.chosen == "regex" and text != self.initial["regex"] and (problem := scripts.expression_error(text)):
            raise forms.ValidationError(
                f"This is no regular expression: {problem}. A \\ in front takes a sign as it is."
            )
        return text

    def cleaned_rule(self) -> spec.Rule:
        """Return the rule as it was typed."""
        data = self.cleaned_data
        slot = data["slot"]
        return replace(
            self.rule,
            name=data["name"],
            condition=_condition(data, self.rule.condition),
            variable_match=data["variable_match"] or "any",
            variable_conditions=tuple(spec.VariableCondition(**each) for each in data["variable_conditions"]),
            variables=tuple(spec.SetVariable(**each) for each in data["variables"]),
            slot=spec.SetVariable(**slot[0]) if slot else None,
            action=read_action(data["action"]),
        )


def condition_choices(place: Place, rule: spec.Rule) -> Choices:
    """Return the match types that make sense here, and the stored one whatever it is."""
    offered: Choices = []
    if place.kind == "integration":
        offered = API
    elif place.waits:
        offered = [*(OPTION if place.kind == "multiple_choice" else []), *QUESTION_CONDITIONS]
    kind = rule.condition.kind if rule.condition else ""
    if kind and kind not in dict(offered):
        labels = {**KEPT, **dict([*QUESTION_CONDITIONS, *OPTION, *API])}
        offered = [*offered, (kind, labels[kind])]
    return offered


def action_value(action: spec.Action) -> str:
    return f"{action.kind}:{action.target}" if action.target else action.kind


def read_action(value: str) -> spec.Action:
    kind, _, target = value.partition(":")
    action: spec.Action = spec.from_builtins({"kind": kind or "next", "target": target}, spec.Action)
    return action


def with_missing(targets: Sequence[tuple[str, Any]], value: str) -> Choices:
    """Return the choices of an action, with the stored one even when what it leads to is gone."""
    flat = {key for label, inner in targets for key in ([k for k, _ in inner] if isinstance(inner, list) else [label])}
    return list(targets) if value in flat else [(value, "Something that was deleted"), *targets]


def _initial(rule: spec.Rule) -> dict[str, Any]:
    condition = rule.condition or spec.Condition("pattern")
    values, first = condition.values, (condition.values or ("",))[0]
    return {
        "name": rule.name,
        "condition": rule.condition.kind if rule.condition else "",
        "patterns": values if condition.kind == "pattern" else (),
        "regex": first if condition.kind == "regex" else "",
        "exact": first if condition.kind == "exact" else "",
        "intent": first if condition.kind == "intent" else "",
        "options": values if condition.kind == "option" else (),
        "result": first if condition.kind == "api_result" else "SUCCESS",
        "message": condition.message,
        "exclude_keywords": condition.exclude_keywords,
        "variable_match": rule.variable_match,
        "variable_conditions": [
            {"name": each.name, "operator": comparisons.canonical(each.operator) or each.operator, "value": each.value}
            for each in rule.variable_conditions
        ],
        "variables": spec.to_builtins(rule.variables),
        "slot": [spec.to_builtins(rule.slot)] if rule.slot else [],
        "action": action_value(rule.action),
    }


def _condition(data: dict[str, Any], stored: spec.Condition | None) -> spec.Condition | None:
    kind = data["condition"]
    if not kind:
        return None
    if stored is not None and kind == stored.kind and kind in KEPT:
        return stored
    values: dict[str, tuple[str, ...]] = {
        "pattern": data["patterns"],
        "regex": (data["regex"],),
        "exact": (data["exact"],),
        "intent": (data["intent"],),
        "option": tuple(data["options"]),
        "api_result": (data["result"],),
    }
    made = tuple(value for value in values.get(kind, ()) if value)
    if stored is not None and stored.kind == kind and stored.values[:1] == made[:1] and len(made) == 1:
        made = (
            stored.values if kind in ("regex", "exact", "intent", "api_result") else made
        )  # an import may bring several
    return spec.Condition(
        kind=kind,
        values=made,
        exclude_keywords=data["exclude_keywords"] if kind in EXCLUDING else (),
        message=data["message"] if kind == "no_match" else "",
    )
