"""The audit trail, for reading only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from credentials.models import AuditEntry
from credentials.services import audit


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "actor_name", "done", "subject", "detail_words", "organization"]
    list_filter = ["organization", "action"]
    list_select_related = ["organization"]
    fields = ["at", "actor_name", "done", "subject", "detail_words", "organization"]
    readonly_fields = ["done", "detail_words"]
    search_fields = ["actor_name", "subject", "action"]
    date_hierarchy = "at"

    @admin.display(description="what")
    def done(self, entry: AuditEntry) -> str:
        return audit.words(entry.action)

    @admin.display(description="details")
    def detail_words(self, entry: AuditEntry) -> str:
        return audit.detail_words(entry)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
