"""The template tag for the address of an event stream: a ticket that the page's own session can use, and no other.

Knows no run and no conversation.
"""

from __future__ import annotations

from django import template
from django.conf import settings
from django.template import Context

from integrations.services import streams

register = template.Library()


@register.simple_tag(takes_context=True)
def stream_url(context: Context, stream: str) -> str:
    holder = context["request"].COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return f"/api/v1/streams/{streams.ticket(stream, holder=holder)}"
