"""Who may open the administrators' pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from credentials.services import organizations

View = Callable[..., HttpResponse]


def administrators_only(view: View) -> View:
    """Let only administrators of the organization at hand through; others are told so (403)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not organizations.is_administrator(request):
            raise PermissionDenied("Only administrators of this organization may open this page.")
        return view(request, *args, **kwargs)

    return login_required(guarded)
