"""The forms of an import: the file, and what the author decides about it."""

from __future__ import annotations

from typing import Any

from django import forms

from bots.engine.exportfile import MAX_BYTES
from bots.services.importreport import Report
from credentials.models import Credential, Organization
from integrations.models import Environment

CREDENTIAL = "credential-"


class FileForm(forms.Form):
    file = forms.FileField(
        label="Export file",
        widget=forms.FileInput(attrs={"accept": ".json,application/json", "class": "drop-zone"}),
        help_text=f"A JSON file exported from Conversation Builder or from here, up to {MAX_BYTES // 1024 // 1024} MB.",
        error_messages={"required": "Choose a file first.", "empty": "This file is empty."},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"The file is larger than {MAX_BYTES // 1024 // 1024} MB.")
        return file


class DecisionsForm(forms.Form):
    """The bot's name, its environment, and a credential for each integration of the file."""

    name = forms.CharField(label="Name", max_length=100)
    environment = forms.ModelChoiceField(
        Environment.objects.none(), label="Environment", required=False, empty_label="None"
    )

    def __init__(self, *args: Any, report: Report, organization: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        self.report = report
        self.initial["name"] = report.name
        environments: Any = self.fields["environment"]
        environments.queryset = Environment.objects.filter(organization=organization)
        credentials = Credential.objects.filter(organization=organization, replaced_by=None).defer("sealed", "tokens")
        for number, call in enumerate(report.calls):
            self.fields[f"{CREDENTIAL}{number}"] = forms.ModelChoiceField(
                credentials, label=f"Credential for {call.name}", required=False, empty_label="None", help_text=call.url
            )
            self.initial[f"{CREDENTIAL}{number}"] = call.suggested

    def credentials(self) -> dict[str, Credential]:
        """Return the chosen credentials by the keys of the integrations."""
        chosen = {call.key: self.cleaned_data[f"{CREDENTIAL}{number}"] for number, call in enumerate(self.report.calls)}
        return {key: credential for key, credential in chosen.items() if credential}
