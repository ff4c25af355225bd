"""The forms of the intents page: a new one, what is attached to one, and a message to try."""

from __future__ import annotations

from typing import Any

from django import forms

from bots.engine import patterns
from bots.forms import fields

LONGEST_PHRASE = 500


class NewIntentForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class IntentForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    phrases = fields.LinesField(
        label="Example phrases",
        help_text="One a line, as consumers would say it: five to twenty, in different words.",
    )
    patterns = fields.LinesField(
        label="Patterns",
        help_text="One a line. A message that fits means this for certain. * stands for any words, (a|b) for either.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["phrases"].widget.attrs["rows"] = 10

    def clean_phrases(self) -> tuple[str, ...]:
        return self._at_most("phrases", LONGEST_PHRASE)

    def clean_patterns(self) -> tuple[str, ...]:
        return self._at_most("patterns", patterns.MAX_PATTERN)

    def _at_most(self, name: str, longest: int) -> tuple[str, ...]:
        lines: tuple[str, ...] = tuple(dict.fromkeys(self.cleaned_data[name]))
        long = next((line for line in lines if len(line) > longest), None)
        if long is not None:
            raise forms.ValidationError(f"“{long[:30]}…” is too long: {longest:,} characters are possible.")
        return lines


class TryForm(forms.Form):
    message = forms.CharField(
        label="Message",
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Say something"}),
    )
