"""Template tags of the frame: icons and links that know whether they lead to the page at hand.

Loaded as `{% load ui %}`; knows no app.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import Context, Library
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django_htmx.http import reswap, trigger_client_event

register = Library()
JUST_NOW_SECONDS = 60
AGAIN = "undo_shown"
AGAIN_SECONDS = 600


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
def thousands(number: int) -> str:
    """Write a number as the sentences of the product do: 3,990."""
    return f"{number:,}"


@register.filter
def ago(moment: datetime) -> str:
    """Say how long ago something was, in one unit."""
    if (timezone.now() - moment).total_seconds() < JUST_NOW_SECONDS:
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


@dataclass(frozen=True, slots=True)
class Toast:
    """undo: the address that takes back what the text tells of."""

    text: str
    undo: str = ""
    bad: bool = False


@register.simple_tag(takes_context=True)
def toasts(context: Context) -> list[Toast]:
    """Return what is to be said on this page. What can be undone is said again when the page is loaded again."""
    said = [Toast(str(one), one.extra_tags or "", one.level_tag == "error") for one in context.get("messages") or ()]
    session = getattr(context.get("request"), "session", None)
    if session is None:
        return said
    path = context["request"].path
    if new := [toast for toast in said if toast.undo]:
        say_again(session, path=path, toast=new[-1])
    elif not said and session.get(AGAIN):
        where, until, text, undo = session[AGAIN]
        return [Toast(text, undo)] if where == path and time.time() < until else said
    return said


def say_again(session: Any, *, path: str, toast: Toast) -> None:
    """Remember the page where an undo was offered, in case it is loaded again within ten minutes."""
    session[AGAIN] = [path, time.time() + AGAIN_SECONDS, toast.text, toast.undo]


def by_htmx(request: HttpRequest) -> bool:
    """Say whether htmx asks, so that a fragment is the answer and not a page."""
    return bool(getattr(request, "htmx", False))


def stay(text: str, *, status: int) -> HttpResponse:
    """Leave the page as it is, with all that was typed, and say in a corner why nothing was done."""
    response = reswap(HttpResponse(text, status=status, content_type="text/plain; charset=utf-8"), "none")
    return trigger_client_event(response, "toast", {"text": text, "bad": True})
