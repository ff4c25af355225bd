"""The forms of environments: name, rows of keys and values, and many lines at once."""

from __future__ import annotations

from typing import Any

from django import forms

from integrations.forms.lists import Column, ListField
from integrations.models import Environment
from integrations.services import environments


class NewEnvironmentForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100)
    description = forms.CharField(label="Description", max_length=400, required=False)


class EnvironmentForm(forms.Form):
    """Cleans `values` to a dict, in the order of the rows."""

    name = forms.CharField(label="Name", max_length=100)
    description = forms.CharField(label="Description", max_length=400, required=False)
    values = ListField(
        Column("key", "Key", longest=100, optional=False),
        Column("value", "Value", longest=environments.LONGEST_VALUE),
        most=environments.MOST_KEYS,
        add_label="Add key",
        pastes=True,
        label="Values",
        help_text="Read as {$env.key}. Letters and digits only. Paste key=value lines to add many at once.",
    )

    def __init__(self, *args: Any, environment: Environment, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = [{"key": key, "value": value} for key, value in environment.values.items()]
        self.initial = {"name": environment.name, "description": environment.description, "values": rows}

    def clean_values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for record in self.cleaned_data["values"]:
            if record["key"] in found:
                raise forms.ValidationError(f"The key {record['key']} stands there twice. Keep one of them.")
            found[record["key"]] = record["value"]
        return found


class LinesForm(forms.Form):
    lines = forms.CharField(
        label="Add many",
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"class": "code", "rows": 5, "spellcheck": "false", "placeholder": "key=value"}),
        help_text="One key=value a line. A key that exists already gets the new value.",
    )
