"""Says audit entries in words. Loaded as `{% load audit %}`."""

from __future__ import annotations

from django.template import Library

from credentials.models import AuditEntry
from credentials.services import audit

register = Library()


@register.filter
def in_words(entry: AuditEntry) -> str:
    """Return what was done, as it reads between the actor and the subject."""
    return audit.words(entry.action)


@register.filter
def details(entry: AuditEntry) -> str:
    """Return the entry's details as `name: value` pairs."""
    return audit.detail_words(entry)
