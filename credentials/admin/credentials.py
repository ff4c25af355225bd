"""Credentials in the back office. No secret is ever shown; an empty field keeps what is stored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from credentials import kinds
from credentials.admin import filters
from credentials.admin.one_by_one import OneByOne
from credentials.forms import KindFields
from credentials.models import Credential
from credentials.services import health, hosts, rotation, trial, uses, vault

SHOWN = ["type_label", "health", "last_used_at", "used_by"]


class CredentialAdminForm(KindFields, forms.ModelForm):  # type: ignore[type-arg]
    """The fields of one kind; `kind` and `actor` are set on a subclass for each request."""

    kind: kinds.Kind
    actor: Any

    class Meta:
        model = Credential
        fields = ["organization", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["organization"]  # what is sealed is bound to it
        self.add_kind_fields(self.instance if self.instance.pk else None)

    def clean(self) -> dict[str, Any]:
        """Rehearse the write and undo it, so that a refusal is shown beside its field."""
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        try:
            with transaction.atomic():
                self.write()
                transaction.set_rollback(True)
        except (vault.NameTaken, kinds.BadValue, hosts.BadHost) as error:
            self.refuse(error)
        return given

    def write(self) -> Credential:
        given = {"name": self.cleaned_data["name"], "values": self.values, "allowed_hosts": self.allowed_hosts}
        if self.instance.pk:
            return vault.change(self.instance, actor=self.actor, **given)
        return vault.create(self.cleaned_data["organization"], actor=self.actor, kind=self.kind, **given)


@admin.register(Credential)
class CredentialAdmin(OneByOne):
    list_display = ["name", "organization", "type_label", "status", "use_count", "last_used_at"]
    list_filter = ["disabled", ("kind", filters.Types), "organization"]
    list_select_related = ["organization", "replaced_by"]
    search_fields = ["name", "organization__name"]
    actions = ["disable", "enable", "fetch_tokens", "rotate"]

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request).defer(*vault.CIPHERTEXT)
        return rows.annotate(use_total=Count("integrations", distinct=True))

    @admin.display(description="used by", ordering="use_total")
    def use_count(self, credential: Any) -> int:
        return int(credential.use_total)

    @admin.display(description="type", ordering="kind")
    def type_label(self, credential: Credential) -> str:
        return vault.type_label(credential)

    @admin.display(description="status")
    def status(self, credential: Credential) -> str:
        return vault.status(credential)

    @admin.display(description="health")
    def health(self, credential: Credential) -> str:
        """The status with its reason, and when the next thing ends."""
        found = health.of(credential)
        return f"{found.text}. {found.detail}".strip()

    @admin.display(description="used by")
    def used_by(self, credential: Credential) -> str:
        """Integrations with their last calls, one a line."""
        lines = (f"{use.label} ({use.last.words if use.last else 'no call noted'})" for use in uses.of(credential))
        return "\n".join(lines) or "Nothing"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for the type first: the form follows from it."""
        if kinds.named(request.GET.get("kind", "")):
            return super().add_view(request, form_url, extra_context)
        context = {**self.admin_site.each_context(request), "title": "Which type?", "kinds": kinds.ALL.values()}
        return TemplateResponse(request, "credentials/admin_types.html", context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kind = kinds.named(obj.kind if obj else request.GET.get("kind", ""))
        return type("KindForm", (CredentialAdminForm,), {"kind": kind, "actor": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        kind = kinds.named(obj.kind if obj else request.GET.get("kind", ""))
        entered = [*KindFields.names(kind), "hosts"] if kind else []
        return ["organization", "name", *entered, *(SHOWN if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization", *SHOWN] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A type that this version does not know can be looked at, not changed."""
        return super().has_change_permission(request, obj) and (obj is None or kinds.named(obj.kind) is not None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not uses.of(obj))

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        obj.pk = form.write().pk

    def delete_model(self, request: HttpRequest, obj: Credential) -> None:
        vault.delete(obj, actor=request.user)

    @admin.action(description="Disable: calls that use them fail with the reason", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        for credential in queryset.select_related("organization"):
            vault.set_disabled(credential, actor=request.user, disabled=True)
        self.message_user(request, "Disabled. Calls that use them fail from now on, within ten seconds everywhere.")

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        for credential in queryset.select_related("organization"):
            vault.set_disabled(credential, actor=request.user, disabled=False)
        self.message_user(request, "Enabled.")

    @admin.action(description="Reauthorize: get new tokens from the authorization server", permissions=["change"])
    def fetch_tokens(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        """One that must be authorized in the browser says so; its own page has the button for that."""
        for credential in queryset.select_related("organization"):
            kind = kinds.named(credential.kind)
            if kind is None or kind.grant is None:
                self.message_user(request, f"{credential.name} has no tokens.", messages.WARNING)
                continue
            found = trial.token(credential, actor=request.user)
            level = messages.SUCCESS if found.ok else messages.ERROR
            said = f"{credential.name}: {found.message}"
            self.message_user(request, said if found.ok else self._with_way_out(request, credential, said), level)

    def _with_way_out(self, request: HttpRequest, credential: Credential, said: str) -> str:
        """Where somebody must sign in and consent, lead there; only administrators of the organization may."""
        kind = kinds.named(credential.kind)
        mine = Credential.objects.administered_by(request.user).filter(pk=credential.pk).exists()
        if not (kind and kind.grant and kind.grant.interactive and mine):
            return said
        page = reverse("credential", args=[credential.key])
        return format_html('{} <a href="{}">Sign in and consent on its page</a>', said, page)

    @admin.action(description="Re-encrypt with the first key", permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        done = rotation.rotate(queryset, actor=request.user)
        self.message_user(request, f"Re-encrypted: {done.rotated}. Already current: {done.current}.")
        if done.unreadable:
            names = "; ".join(done.unreadable)
            self.message_user(request, f"No configured key decrypts {names}. Enter the secrets again.", messages.ERROR)
