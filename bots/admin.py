"""The back office of bots: find one, see what is live and who published what. Bots are written in the product itself,
and deleted there too, where it asks for the name."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from bots.models import Bot, ChannelKey, Dialog, Version
from credentials.admin import readonly


@admin.register(Bot)
class BotAdmin(readonly.ReadOnly):
    list_display = ("name", "organization", "live", "dialog_count", "language", "updated_at")
    list_filter = ("organization", "language", "updated_at")
    search_fields = ("name", "description", "key", "organization__name")
    exclude = ("source",)
    show_full_result_count = False  # one count of all rows less a page

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bot]:
        rows: QuerySet[Bot] = super().get_queryset(request)
        rows = rows.select_related("organization", "live_version").defer(
            "live_version__spec", "source", "global_functions"
        )
        counted = Dialog.objects.order_by().filter(bot=OuterRef("pk")).values("bot").annotate(number=Count("pk"))
        # Counted for the rows of the page only; a join would group all bots there are.
        return rows.annotate(dialog_count=Coalesce(Subquery(counted.values("number")), 0))

    @admin.display(description="live version")
    def live(self, bot: Bot) -> str:
        return f"v{bot.live_version.number}" if bot.live_version else "–"

    @admin.display(description="dialogs")
    def dialog_count(self, bot: Any) -> int:
        count: int = bot.dialog_count
        return count


@admin.register(Version)
class VersionAdmin(readonly.ReadOnly):
    list_display = ("bot", "number", "note", "published_by", "published_at")
    list_filter = ("bot__organization",)
    search_fields = ("bot__name", "note")
    list_select_related = ("bot", "published_by")
    exclude = ("spec",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        rows: QuerySet[Version] = super().get_queryset(request)
        return rows.defer("spec")


@admin.register(ChannelKey)
class ChannelKeyAdmin(readonly.ReadOnly):
    list_display = ("label", "bot", "created_at", "revoked_at")
    list_filter = ("bot__organization", "revoked_at")
    search_fields = ("label", "bot__name")
    list_select_related = ("bot",)
    exclude = ("digest",)
