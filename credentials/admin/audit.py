"""The audit trail, for reading only."""

from __future__ import annotations

from django.contrib import admin

from credentials.admin import filters, readonly
from credentials.models import AuditEntry
from credentials.services import audit


@admin.register(AuditEntry)
class AuditEntryAdmin(readonly.ReadOnly):
    list_display = ["at", "actor_name", "done", "subject", "detail_words", "organization"]
    list_filter = ["organization", ("action", filters.Actions)]
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
