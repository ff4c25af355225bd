"""Says how far a moment is, backwards or forwards. Loaded as `{% load moments %}`."""

from __future__ import annotations

from datetime import datetime

from django.template import Library
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil

register = Library()


@register.filter
def from_now(moment: datetime) -> str:
    """Return `3 hours ago` or `in 3 hours`."""
    now = timezone.now()
    if abs((moment - now).total_seconds()) < 60:
        return "just now" if moment <= now else "within a minute"
    return f"{timesince(moment, now, depth=1)} ago" if moment < now else f"in {timeuntil(moment, now, depth=1)}"


@register.filter
def end(moment: datetime) -> str:
    """Return `ended 3 hours ago` or `in 3 hours`."""
    told = from_now(moment)
    return f"ended {told}" if moment <= timezone.now() else told
