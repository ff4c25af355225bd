"""The integration form: every field under its label in Conversation Builder, and the rules that can be told at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from credentials.models import Credential
from credentials.services import vault
from integrations.engine.spec import IntegrationSpec
from integrations.forms import checks, conflicts
from integrations.forms.rows import RowsField
from integrations.models import Integration, Method
from integrations.services import definitions

HELP = {
    "name": "Dialogs read its fields as {Name.field}.",
    "response_variable": "The response becomes the variable api_<this name>.",
    "url": "http or https. Variables are encoded for the place they stand in.",
    "credential": "Kept by an administrator; you only choose it.",
    "use_default_headers": "Accept and Content-Type: application/json;charset=UTF-8, unless you set them below.",
    "body": "Sent with POST, PUT, PATCH and DELETE. Variables are encoded for the kind of body.",
    "transform_script": "JavaScript that may reshape the response of a 2xx call before the fields are read.",
    "timeout_seconds": "1 to 60 seconds for the whole call, retries included.",
    "retries": "0 to 3 more attempts inside the timeout.",
    "follow_redirects": "Every hop is checked again; Authorization never goes to another host.",
    "slow_message": "Said while the call still runs. Empty: nothing.",
    "slow_after_seconds": "1 to 60 seconds before it is said.",
}
ROWS = {
    "headers": {"key_label": "Header", "help_text": "Sent in this order. Values may hold {variables}."},
    "parameters": {
        "key_label": "Parameter",
        "help_text": "Appended to the URL's query, encoded. A key may stand there twice.",
    },
    "fields": {
        "key_label": "Field",
        "value_label": "Path or text",
        "help_text": "Read in dialogs as {Name.field}. {$.api_Order.items[i].title}: [i] takes every item.",
    },
}
LIMITS = {"timeout_seconds": (1, 60), "retries": (0, 3), "slow_after_seconds": (1, 60)}


def _made(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    if field.name in ROWS:
        return RowsField(label=str(field.verbose_name), **ROWS[field.name])
    made: forms.Field | None = field.formfield(**options)
    return made


class IntegrationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Edits one integration of a bot. `warnings` holds, by field, what is allowed but probably not meant."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    theirs: IntegrationForm | None = None  # what somebody else stored in the meantime

    class Meta:
        model = Integration
        formfield_callback = _made
        fields = (
            "name", "response_variable", "type", "method", "url", "credential", "use_default_headers", "headers",
            "parameters", "body", "transform_script", "fields", "timeout_seconds", "retries", "follow_redirects",
            "slow_message", "slow_after_seconds",
        )  # fmt: skip
        help_texts = HELP

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.warnings: dict[str, list[str]] = {}
        self._kept = {name: getattr(self.instance, name) for name in ("name", "response_variable")}
        self.fields["credential"] = _credential_field(self.instance)
        for name, (low, high) in LIMITS.items():
            self.fields[name].validators = [MinValueValidator(low), MaxValueValidator(high)]
            self.fields[name].widget.attrs.update(min=low, max=high)
        method = self.fields["method"]
        if isinstance(method, forms.ChoiceField):
            method.choices = [(name, name) for name in Method.values]
        _dress(self.fields)
        if not self.is_bound:
            self.initial.setdefault("seen", conflicts.seen(definitions.revision(self.instance), form=self))

    @property
    def fields_field(self) -> forms.BoundField:
        """Custom Data Fields for a template, where `form.fields` is something else."""
        return self["fields"]

    def clean_name(self) -> str:
        text = self._plain_name("name")
        others = Integration.objects.filter(bot=self.instance.bot_id, name=text).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("Another integration of this bot has this name. Choose a different one.")
        return text

    def clean_response_variable(self) -> str:
        return self._plain_name("response_variable")

    def _plain_name(self, field: str) -> str:
        """An imported name that breaks the rule is kept (and flagged); a new one must follow it."""
        text: str = self.cleaned_data[field]
        problem = checks.name(text)
        if problem and text != self._kept[field]:
            raise forms.ValidationError(problem)
        return text

    def clean_url(self) -> str:
        return self._checked("url", checks.url)

    def clean_transform_script(self) -> str:
        return self._checked("transform_script", definitions.script_problem)

    def _checked(self, field: str, check: Any) -> str:
        text: str = self.cleaned_data[field]
        if problem := check(text):
            raise forms.ValidationError(problem)
        return text

    def clean_headers(self) -> list[dict[str, Any]]:
        return self._checked_rows("headers", checks.headers)

    def clean_fields(self) -> list[dict[str, Any]]:
        return self._checked_rows("fields", checks.paths)

    def _checked_rows(self, field: str, check: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.cleaned_data[field]
        if problems := list(check(rows)):
            raise forms.ValidationError(problems)
        return rows

    def look_over(self) -> None:
        """Fill `warnings` from the integration as it stands in the form."""
        self.warnings = checks.warnings(definitions.to_spec(self.instance))

    def definition(self) -> IntegrationSpec:
        """The definition as typed, saved or not; only for a valid form."""
        return definitions.to_spec(self.instance)

    def typed(self) -> dict[str, Any]:
        """What stands in the form, valid or not, as the initial values of another form."""
        return {name: self[name].data for name in self.fields}

    def store(self, *, actor: Any) -> bool:
        """Save what was typed; False when the form must be shown again, with its errors."""
        if not self.is_valid():
            return False
        try:
            definitions.save(self.instance, seen=conflicts.posted(self.data), actor=actor)
        except definitions.Changed as refusal:
            typed: Any = self.data
            typed = typed.copy()
            typed["seen"] = conflicts.again(refusal.revision, data=typed)
            self.data = typed
            self.theirs = IntegrationForm(instance=refusal.stored)
            return False
        except vault.HostNotCovered as refusal:
            self.add_error("url", str(refusal))
            return False
        return True


class _WithStatus(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Authors see of a credential its name, its type and how it is."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {vault.type_label(obj)} · {vault.status(obj)}"


def _credential_field(row: Integration) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    """The organization's credentials by name, and no other's."""
    others = Q(replaced_by=None) | Q(pk=row.credential_id)
    return _WithStatus(
        vault.shown(Credential.objects.filter(others, organization=row.bot.organization_id)),
        required=False,
        label="Credential",
        empty_label="None",
        help_text=HELP["credential"],
    )


def _dress(fields: dict[str, forms.Field]) -> None:
    """Give the controls what a browser needs to treat code as code."""
    for name, rows in (("body", 5), ("transform_script", 9)):
        fields[name].widget.attrs.update({"class": "code", "rows": rows, "spellcheck": "false"})
    fields["transform_script"].widget.attrs.update({"data-code": "javascript", "data-place": "transform"})
    fields["body"].widget.attrs["data-code"] = "json"
    for name in ("name", "response_variable", "url"):
        fields[name].widget.attrs.update({"class": "mono", "spellcheck": "false", "autocapitalize": "off"})
    for name in ("url", "body", "slow_message"):
        fields[name].widget.attrs["data-completes"] = ""
