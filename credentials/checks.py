"""Django system checks, at the start: whether the configured keys can read the stored secrets, and whether anybody may
say that a request came over TLS.

The first runs with a database: `manage.py check --database default`; `migrate` and `serve` do so by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from credentials import sealed

SAMPLE = 500


def secrets_are_readable(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Report credentials whose secrets none of FIELD_ENCRYPTION_KEYS can decrypt."""
    if not databases:
        return []
    credentials = apps.get_model("credentials", "Credential")._default_manager
    try:
        stored = list(credentials.order_by("-pk").values_list("sealed", "tokens")[:SAMPLE])
    except DatabaseError:
        return []  # no tables yet: the first migrate
    broken = sum(1 for values in stored if not all(_readable(value) for value in values if value))
    if not broken:
        return []
    return [
        checks.Error(
            f"{broken} of {len(stored)} credentials cannot be decrypted with FIELD_ENCRYPTION_KEYS.",
            hint="Set the key that they were encrypted with (further keys may follow it, separated by commas), "
            "or enter the secrets again on each credential's page.",
            id="credentials.E001",
        )
    ]


def a_proxy_is_believed(**kwargs: Any) -> list[checks.CheckMessage]:
    """Warn where every page would be sent to https for ever: Parley speaks plain HTTP and believes no proxy."""
    if settings.TRUSTED_PROXIES or not settings.SECURE_SSL_REDIRECT:
        return []
    return [
        checks.Warning(
            "No proxy is named, so no request counts as one over TLS: every page redirects to itself for ever.",
            hint="Set PARLEY_TRUSTED_PROXIES to the address of the proxy that ends TLS before Parley.",
            id="credentials.W001",
        )
    ]


def _readable(value: str) -> bool:
    try:
        sealed.open_envelope(value)
    except sealed.Unreadable:
        return False
    return True
