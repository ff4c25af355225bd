"""The forms of a saved test: its text, and how its routes answer."""

from __future__ import annotations

from typing import Any

from django import forms

from bots.services import savedtests, transcripts
from bots.services.transcripts import Route


class SavedTestForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    transcript = forms.CharField(
        label="Conversations",
        strip=False,
        max_length=savedtests.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"class": "code tall", "spellcheck": "false", "data-language": "yaml"}),
        help_text="YAML: scenarios with turns, each with what the consumer says and what must come of it.",
    )
    answers = forms.CharField(
        label="API answers",
        required=False,
        strip=False,
        max_length=savedtests.LONGEST_TEXT,
        widget=forms.Textarea(attrs={"class": "code", "spellcheck": "false", "data-language": "yaml", "rows": 12}),
        help_text="YAML or JSON: routes, each with method, url and responses. Any other call is answered with 404.",
    )

    def clean_transcript(self) -> str:
        return self._readable("transcript", savedtests.read_transcript)

    def clean_answers(self) -> str:
        return self._readable("answers", savedtests.read_answers)

    def _readable(self, name: str, read: Any) -> str:
        text = str(self.cleaned_data[name]).replace("\r\n", "\n")
        try:
            read(text)
        except transcripts.UnreadableTranscript as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def text(self) -> savedtests.Text:
        return savedtests.Text(**self.cleaned_data)


class KindsForm(forms.Form):
    """One choice a route: as written, or one of the ways in which an API lets its caller down."""

    def __init__(self, *args: Any, routes: tuple[Route, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        for place, route in enumerate(routes):
            self.fields[f"route{place}"] = forms.ChoiceField(
                label=f"{route.method} {route.url}",
                choices=list(savedtests.KINDS.items()),
                required=False,
                initial=str(route.kind),
            )

    def kinds(self) -> dict[int, str]:
        return {place: self.cleaned_data[name] for place, name in enumerate(self.fields)}
