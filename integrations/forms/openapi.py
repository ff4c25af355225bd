"""The forms of an OpenAPI import: the document, and what its author decides about the chosen operations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from integrations.engine import openapi, openapi_reading
from integrations.engine.openapi_proposals import Proposal
from integrations.forms import checks
from integrations.services import environments, openapis

_LIMIT = f"{openapi_reading.MAX_BYTES / 1_000_000:g} MB"
WHERE = (("literal", "Write it into each URL"), ("environment", "Keep it in the bot's environment, under a key"))


class DocumentForm(forms.Form):
    file = forms.FileField(
        label="OpenAPI document",
        required=False,
        widget=forms.FileInput(
            attrs={"accept": ".json,.yaml,.yml,application/json,application/yaml", "class": "drop-zone"}
        ),
        help_text=f"JSON or YAML, version 3.0 or 3.1, up to {_LIMIT}. Nothing outside the document is fetched.",
        error_messages={"empty": "This file is empty."},
    )
    text = forms.CharField(
        label="Or paste it",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "code", "rows": 8, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not data.get("file") and not data.get("text", "").strip():
            raise forms.ValidationError("Choose a file or paste a document.")
        return data

    def document(self) -> tuple[str, bytes]:
        """Return the name and the bytes of what was given; raises NotOpenApi for too much of it."""
        file = self.cleaned_data["file"]
        if file is None:
            return "the pasted document", self.cleaned_data["text"].encode("utf-8", "replace")
        if file.size > openapi_reading.MAX_BYTES:
            raise openapi.NotOpenApi(f"The document is larger than {_LIMIT}.")
        return file.name, file.read()


@dataclass(frozen=True, slots=True)
class Card:
    """One chosen operation with its fields of the form, for the page."""

    proposal: Proposal
    url: str
    name: forms.BoundField
    credential: forms.BoundField | None
    fields: forms.BoundField | None
    lacking: tuple[str, ...]


class PlanForm(forms.Form):
    base = forms.CharField(label="Base URL", max_length=1_000, help_text="Stands in front of every path.")
    where = forms.ChoiceField(label="The base URL", choices=WHERE, widget=forms.RadioSelect, initial="literal")
    key = forms.CharField(label="Environment key", max_length=100, required=False, help_text="Letters and digits only.")

    def __init__(self, *args: Any, bot: Any, api: openapi.Api, proposals: Sequence[Proposal], **options: Any) -> None:
        super().__init__(*args, **options)
        self.bot, self.api, self.proposals = bot, api, proposals
        self.initial["base"] = openapi.filled(api.servers[0]) if api.servers else ""
        self.initial["key"] = "apiUrl"
        widget = self.fields["base"].widget
        widget.attrs.update(
            {
                "class": "mono",
                "spellcheck": "false",
                "list": "openapi-servers",
                "placeholder": "https://api.example.com",
            }
        )
        for number, proposal in enumerate(proposals):
            self._add(number, proposal)

    def _add(self, number: int, proposal: Proposal) -> None:
        name = forms.CharField(label="Integration Name", max_length=100, initial=proposal.name)
        name.widget.attrs.update({"class": "mono", "spellcheck": "false"})
        self.fields[f"name-{number}"] = name
        if fitting := openapis.fitting(self.bot.organization_id, needs=proposal.security):
            choices = [("", "None"), *((str(row.pk), row.name) for row in fitting)]
            first = str(fitting[0].pk) if len(fitting) == 1 else ""
            self.fields[f"credential-{number}"] = forms.ChoiceField(
                label="Credential", choices=choices, required=False, initial=first
            )
        if proposal.fields:
            self.fields[f"fields-{number}"] = forms.MultipleChoiceField(
                label="Custom Data Fields",
                required=False,
                choices=[(each.key, f"{each.key}: {each.example}") for each in proposal.fields],
                initial=[each.key for each in proposal.fields[:12]],
                widget=forms.CheckboxSelectMultiple,
            )

    def cards(self) -> list[Card]:
        base = str(self["base"].value() or "")
        return [self._card(number, proposal, base) for number, proposal in enumerate(self.proposals)]

    def _card(self, number: int, proposal: Proposal, base: str) -> Card:
        def bound(what: str) -> forms.BoundField | None:
            return self[f"{what}-{number}"] if f"{what}-{number}" in self.fields else None

        credential = bound("credential")
        lacking = tuple(_lacking(need) for need in proposal.security if credential is None or not need.kind)
        url = openapis.url_of(proposal, base=base)
        return Card(proposal, url, self[f"name-{number}"], credential, bound("fields"), lacking)

    def clean_base(self) -> str:
        base: str = self.cleaned_data["base"].rstrip("/")
        if not re.fullmatch(r"https?://[^\s/]\S*", base):
            raise forms.ValidationError("Begin with https:// or http:// and the name of the server.")
        if problem := checks.url(base):
            raise forms.ValidationError(problem)
        return base

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("where") == "environment" and not environments.KEY.fullmatch(data.get("key", "")):
            self.add_error("key", "A key has letters and digits only.")
        names: set[str] = set()
        for number, proposal in enumerate(self.proposals):
            name = data.get(f"name-{number}", "")
            problem = checks.name(name) or ("This name stands here twice." if name in names else "")
            problem = problem or self._trouble(proposal, data.get("base", ""))
            names.add(name)
            if problem and f"name-{number}" in data:
                self.add_error(f"name-{number}", problem)
        return data

    def _trouble(self, proposal: Proposal, base: str) -> str:
        """Why the integration could not be saved by hand either."""
        url = openapis.url_of(proposal, base=base)
        if len(url) > 2_000:
            return "Its URL is longer than 2,000 characters."
        rows = [{"key": row.key, "value": row.value, "enabled": row.enabled} for row in proposal.headers]
        return (checks.url(url) if base else "") or next(checks.headers(rows), "")

    def plan(self) -> openapis.Plan:
        """Return what was decided; only for a valid form."""
        data = self.cleaned_data
        key = data["key"] if data["where"] == "environment" else ""
        return openapis.Plan(data["base"], key, tuple(self._chosen(n, each) for n, each in enumerate(self.proposals)))

    def _chosen(self, number: int, proposal: Proposal) -> openapis.Chosen:
        data = self.cleaned_data
        fitting = openapis.fitting(self.bot.organization_id, needs=proposal.security)
        chosen = {str(row.pk): row for row in fitting}.get(data.get(f"credential-{number}", ""))
        return openapis.Chosen(proposal, data[f"name-{number}"], frozenset(data.get(f"fields-{number}", ())), chosen)


def _lacking(need: Any) -> str:
    """What an administrator has to make, or why nobody can."""
    if not need.kind:
        return f"{need.scheme}: {need.why}. Ask the provider of the API for another way."
    facts = "".join(f" {label}: {value}." for label, value in need.facts if value)
    return f"{need.scheme}: ask an administrator for a credential of the type {openapis.kind_label(need)}.{facts}"
