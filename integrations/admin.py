"""The back office of environments and integrations: find them, look at them; authors write them on their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest

from integrations.models import Environment, Integration
from integrations.services import definitions


@admin.register(Environment)
class EnvironmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "organization", "key_count", "bot_count", "updated_at")
    list_filter = ("organization",)
    search_fields = ("name", "description", "organization__name")
    list_select_related = ("organization",)
    readonly_fields = ("created_at", "updated_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(bot_total=Count("bots"))

    @admin.display(description="Keys")
    def key_count(self, row: Environment) -> int:
        return len(row.values)

    @admin.display(description="Bots", ordering="bot_total")
    def bot_count(self, row: Any) -> int:
        return int(row.bot_total)


@admin.register(Integration)
class IntegrationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read-only: a definition is edited where its checks are."""

    list_display = ("name", "bot", "organization", "method", "url", "credential", "updated_at")
    list_filter = ("method", "bot__organization", ("credential", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "url", "bot__name", "bot__organization__name", "credential__name")
    list_select_related = ("bot__organization", "credential")
    list_per_page = 50

    @admin.display(description="Organization", ordering="bot__organization__name")
    def organization(self, row: Integration) -> Any:
        return row.bot.organization

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Integration | None = None) -> bool:
        """Also refused while interactions call it, as on its own page."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and any(use.calls for use in definitions.uses(obj)))

    def delete_model(self, request: HttpRequest, obj: Integration) -> None:
        definitions.delete(obj, actor=request.user)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting of many at once: it would skip the list of interactions."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
