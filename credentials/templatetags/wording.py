"""Shows `code` in declared sentences as code. Loaded as `{% load wording %}`."""

from __future__ import annotations

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = Library()


@register.filter
def with_code(text: str) -> SafeString:
    """Return the text with what stands between backticks as code; everything is escaped."""
    pieces = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", piece) if odd % 2 else piece,) for odd, piece in pieces)
    )
