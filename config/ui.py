"""Template tags of the frame: icons and links that know whether they lead to the page at hand.

Loaded as `{% load ui %}`; knows no app.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template import Context, Library
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

register = Library()
JUST_NOW_SECONDS = 60


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one symbol of static/img/icons.svg; decorative, so the text beside it must say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def nav_link(context: Context, url_name: str, label: str, *args: Any) -> str | SafeString:
    """Link to a page of the frame, marked when the page at hand lies under it; nothing for a page that is not there."""
    try:
        url = reverse(url_name, args=args)
    except NoReverseMatch:
        return ""
    request: HttpRequest | None = context.get("request")
    here = request is not None and request.path.startswith(url)
    current = format_html(' aria-current="{}"', "page" if request and request.path == url else "true") if here else ""
    return format_html('<a href="{}"{}>{}</a>', url, current, label)


@register.filter
def ago(moment: datetime) -> str:
    """Say how long ago something was, in one unit."""
    if (timezone.now() - moment).total_seconds() < JUST_NOW_SECONDS:
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


def by_htmx(request: HttpRequest) -> bool:
    """Say whether htmx asks, so that a fragment is the answer and not a page."""
    return bool(getattr(request, "htmx", False))
