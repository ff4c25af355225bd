"""Organizations, their members and egress rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from credentials.admin.one_by_one import OneByOne
from credentials.models import EgressRule, Membership, Organization, Role
from credentials.services import members, organizations, rules


class _MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """Shows the members; they are changed in their own list, where the last administrator is kept."""

    model = Membership
    fields = ["user", "role", "created_at"]
    readonly_fields = ["user", "role", "created_at"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "organization")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "member_count", "allow_list_only", "created_at"]
    list_filter = ["allow_list_only"]
    search_fields = ["name"]
    inlines = [_MembershipInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(member_total=Count("memberships"))

    @admin.display(description="members", ordering="member_total")
    def member_count(self, organization: Any) -> int:
        return int(organization.member_total)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if not change:
            made = organizations.create(name=obj.name, creator=request.user)
            obj.pk = made.pk
        stored = Organization.objects.get(pk=obj.pk)
        organizations.change(stored, actor=request.user, name=obj.name, allow_list_only=obj.allow_list_only)


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Membership
        fields = ["organization", "user", "role"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.instance.pk and given.get("role") == Role.AUTHOR:
            try:
                members.require_another_administrator(self.instance)
            except members.MemberRefused as error:
                raise ValidationError(str(error)) from error
        return given


@admin.register(Membership)
class MembershipAdmin(OneByOne):
    form = MembershipForm
    list_display = ["user", "organization", "role", "created_at"]
    list_filter = ["role", "organization"]
    list_select_related = ["user", "organization"]
    search_fields = ["user__username", "organization__name"]
    autocomplete_fields = ["user", "organization"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization", "user"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or members.may_leave(obj))

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        if change:
            members.change_role(obj, actor=request.user, role=obj.role)
            return
        name = obj.user.get_username()
        obj.pk = members.add(obj.organization, actor=request.user, username=name, role=obj.role).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        members.remove(obj, actor=request.user)


class EgressRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = EgressRule
        fields = ["organization", "destination", "port", "note"]

    def clean_destination(self) -> str:
        try:
            return rules.normalized(self.cleaned_data["destination"])
        except rules.RuleRefused as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        key = {name: given.get(name) for name in ("organization", "destination", "port")}
        if EgressRule.objects.filter(**key).exclude(pk=self.instance.pk).exists():
            raise ValidationError("There is a rule for this destination and port already.")
        return given


@admin.register(EgressRule)
class EgressRuleAdmin(OneByOne):
    form = EgressRuleForm
    list_display = ["destination", "port", "organization", "note", "created_at"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["destination", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["organization"] if obj else []

    def save_model(self, request: HttpRequest, obj: EgressRule, form: Any, change: bool) -> None:
        given: dict[str, Any] = {"destination": obj.destination, "port": obj.port, "note": obj.note}
        if change:
            rules.change(EgressRule.objects.get(pk=obj.pk), actor=request.user, **given)
            return
        obj.pk = rules.add(obj.organization, actor=request.user, **given).pk

    def delete_model(self, request: HttpRequest, obj: EgressRule) -> None:
        rules.remove(obj, actor=request.user)
