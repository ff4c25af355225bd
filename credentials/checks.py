"""Django system checks: at the start, whether the configured keys can read the stored secrets.

Run with a database: `manage.py check --database default`; `migrate` and `serve` do so by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError

from credentials import sealed

SAMPLE = 500


def secrets_are_readable(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
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
        Error(
            f"{broken} of {len(stored)} credentials cannot be decrypted with FIELD_ENCRYPTION_KEYS.",
            hint="Set the key that they were encrypted with (further keys may follow it, separated by commas), "
            "or enter the secrets again on each credential's page.",
            id="credentials.E001",
        )
    ]


def _readable(value: str) -> bool:
    try:
        sealed.open_envelope(value)
    except sealed.Unreadable:
        return False
    return True
