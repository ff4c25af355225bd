"""Integration rows as data, and the writes that create, change and delete them."""

from __future__ import annotations

from typing import Any

import msgspec

from integrations.engine.spec import IntegrationSpec, Row
from integrations.models import Integration

COPIED = (
    "name", "response_variable", "type", "method", "url", "use_default_headers", "body", "transform_script",
    "timeout_seconds", "retries", "follow_redirects", "slow_message", "slow_after_seconds",
)  # fmt: skip


def to_spec(row: Integration) -> IntegrationSpec:
    """Return the row as the engines know it; the credential only by its key."""
    return IntegrationSpec(
        key=str(row.key),
        credential=str(row.credential.key) if row.credential else None,
        headers=rows(row.headers),
        parameters=rows(row.parameters),
        fields=rows(row.fields),
        **{name: getattr(row, name) for name in COPIED},
    )


def rows(stored: list[dict[str, Any]]) -> tuple[Row, ...]:
    """Read a JSON column of key/value rows; raises msgspec.ValidationError for a damaged one."""
    return msgspec.convert(stored, tuple[Row, ...])
