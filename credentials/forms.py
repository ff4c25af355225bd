"""The forms of the administrators' pages. A credential's form follows from its kind's declaration."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.utils import formats
from django.utils.dateparse import parse_datetime

from credentials import kinds, uploads, wire
from credentials.models import Credential, Role
from credentials.services import hosts, vault

_PREFIX, _REMOVE = "value_", "remove_"


class KindFields:
    """What a form of a credential's kind has: its fields, the hosts, and where a refusal is shown.

    A secret is never an initial value: empty keeps what is stored.
    """

    kind: kinds.Kind
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    @staticmethod
    def names(kind: kinds.Kind) -> list[str]:
        return [_PREFIX + declared.name for declared in kind.fields]

    def add_kind_fields(self, credential: Credential | None) -> None:
        for declared in self.kind.fields:
            self.fields[_PREFIX + declared.name] = _field(declared, credential)
            if (
                credential
                and declared.secret
                and not declared.required
                and credential.secrets_set_at.get(declared.name)
            ):
                label = f"Remove the stored {declared.label}"
                self.fields[_REMOVE + declared.name] = forms.BooleanField(label=label, required=False)
        self.fields["hosts"] = _hosts_field(credential)

    @property
    def values(self) -> dict[str, str]:
        return {one.name: self.cleaned_data[_PREFIX + one.name] for one in self.kind.fields}

    @property
    def removed(self) -> list[str]:
        return [one.name for one in self.kind.fields if self.cleaned_data.get(_REMOVE + one.name)]

    @property
    def allowed_hosts(self) -> list[str]:
        lines: str = self.cleaned_data["hosts"]
        return lines.replace(",", " ").split()

    def remind_of_files(self) -> None:
        """A browser does not send a file twice: a form that comes back has lost the ones that were chosen."""
        for declared in self.kind.fields:
            if declared.file and self.cleaned_data.get(_PREFIX + declared.name):
                self.add_error(_PREFIX + declared.name, "Choose this file again.")  # type: ignore[attr-defined]

    def refuse(self, error: Exception) -> None:
        """Show a service's refusal beside the field that it is about."""
        self.remind_of_files()
        field = _PREFIX + error.field if isinstance(error, kinds.BadValue) else _FIELD_OF[type(error)]
        self.add_error(field, str(error))  # type: ignore[attr-defined]


_FIELD_OF: dict[type[Exception], str] = {hosts.BadHost: "hosts", vault.NameTaken: "name"}


class CredentialForm(KindFields, forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="Authors choose the credential by this name.")

    def __init__(self, *args: Any, kind: kinds.Kind, credential: Credential | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.add_kind_fields(credential)
        if credential:
            self.fields["name"].initial = credential.name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            self.remind_of_files()
        return given


def _plain(declared: kinds.Field, *, required: bool) -> forms.Field:
    shared: dict[str, Any] = {"label": declared.label, "required": required, "help_text": declared.help}
    if declared.file:
        return KeyFileField(**shared)
    if declared.choices:
        return forms.ChoiceField(choices=declared.choices, **shared)
    field = forms.CharField(max_length=declared.max_length, strip=declared.strip, **shared)
    if declared.lines:
        field.widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    return field


def _field(declared: kinds.Field, credential: Credential | None) -> forms.Field:
    set_on = credential.secrets_set_at.get(declared.name, "") if credential else ""
    field = _plain(declared, required=declared.required and not set_on)
    if declared.secret:
        field.widget = _secret_widget(declared, _stored(set_on))
        if set_on:
            said = f"{_stored(set_on)}. " if declared.file else ""  # every other field says it inside
            field.help_text = f"{said}Leave empty to keep it. {declared.help}".strip()
    else:
        field.initial = credential.public.get(declared.name, declared.default) if credential else declared.default
        field.widget.attrs["autocomplete"] = "off"
    return field


class KeyFileField(forms.FileField):
    """An uploaded file as the base64 of its content; "" without one."""

    def clean(self, data: Any, initial: Any = None) -> str:
        upload = super().clean(data, initial)
        if not upload:
            return ""
        if upload.size > uploads.LIMIT:
            raise forms.ValidationError("This file is larger than 256 KB, which no key store is.")
        upload.seek(0)
        return base64.b64encode(upload.read()).decode()


class _WriteOnlyLines(forms.Textarea):
    """A text area that never shows what was sent, as a password field does not."""

    def format_value(self, value: Any) -> str:
        return ""


def _secret_widget(declared: kinds.Field, placeholder: str) -> forms.Widget:
    attrs = {"autocomplete": "new-password", "placeholder": placeholder}
    if declared.file:
        return forms.FileInput()
    if declared.lines:
        return _WriteOnlyLines(attrs=attrs | {"rows": 4, "spellcheck": "false"})
    return forms.PasswordInput(attrs=attrs)


def _stored(set_on: str) -> str:
    moment = parse_datetime(set_on) if set_on else None
    return f"{wire.MASK} set on {formats.date_format(moment, 'j M Y')}" if moment else ""


def _hosts_field(credential: Credential | None) -> forms.CharField:
    return forms.CharField(
        label="Hosts",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "placeholder": "api.example.com"}),
        initial="\n".join(credential.allowed_hosts) if credential else "",
        help_text="One a line: api.example.com (ports 80 and 443) or api.example.com:8443. The credential is sent "
        "nowhere else. Empty: the hosts of the integrations that authors choose it for, as their URLs are then.",
    )


class TestForm(forms.Form):
    url = forms.CharField(
        label="URL",
        max_length=2_000,
        widget=forms.URLInput(attrs={"placeholder": "https://api.example.com/me", "autocomplete": "off"}),
        help_text="Called once with GET, with this credential, under the egress policy. It takes 10 seconds at most.",
    )


class MemberForm(forms.Form):
    username = forms.CharField(
        label="User name", max_length=150, help_text="Of an existing account. Accounts are made in the back office."
    )
    role = forms.ChoiceField(label="Role", choices=Role.choices)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class EgressRuleForm(forms.Form):
    destination = forms.CharField(
        label="Destination", max_length=255, help_text="A host name, an address, or a network such as 10.1.0.0/16."
    )
    port = forms.IntegerField(
        label="Port", required=False, min_value=1, max_value=65_535, help_text="Empty: ports 80 and 443."
    )
    note = forms.CharField(label="Note", required=False, max_length=200, help_text="Why calls need it.")


class ModeForm(forms.Form):
    allow_list_only = forms.BooleanField(required=False)
