"""The forms of replacing a credential: by which one, and how far."""

from __future__ import annotations

from typing import Any

from django import forms

from credentials.models import Credential
from credentials.services import health, vault


class _ByName(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({vault.type_label(obj)}, {health.of(obj).text})"


class ChooseForm(forms.Form):
    by = _ByName(
        Credential.objects.none(),
        label="Replace it by",
        to_field_name="key",
        empty_label="Choose a credential …",
        help_text="Nothing is changed yet: the next page says what would follow.",
    )

    def __init__(self, *args: Any, credential: Credential, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Credential.objects.filter(organization=credential.organization_id, replaced_by=None)
        self.fields["by"].queryset = vault.shown(others.exclude(pk=credential.pk))  # type: ignore[attr-defined]


class ReplaceForm(forms.Form):
    """How far it goes; asked only where the plan has such a question."""

    add_hosts = forms.BooleanField(required=False)
    published = forms.BooleanField(required=False, initial=True)
