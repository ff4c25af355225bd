"""What the lists of this back office have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class OneByOne(admin.ModelAdmin):  # type: ignore[type-arg]
    """No mass deletion: each deletion is a service call that may refuse."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
