"""What the frame of every page needs: the user's organizations and the chosen one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from credentials.services import organizations


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates `organizations`, `organization`, `is_administrator`, `loopback_allowed`; nothing before log-in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    seat = organizations.seat_of(request)
    return {
        "organizations": [each.organization for each in organizations.memberships(request)],
        "organization": seat.organization if seat else None,
        "is_administrator": organizations.is_administrator(request),
        "loopback_allowed": settings.EGRESS_ALLOW_LOOPBACK,
    }
