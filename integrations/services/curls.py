"""A definition as a cURL command, and a cURL command as typed values of the form. Decrypts nothing, sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from credentials import kinds, masking, wire
from integrations.engine import call, curl
from integrations.engine.outcome import SentRequest
from integrations.engine.spec import IntegrationSpec, Row
from integrations.models import Integration
from integrations.services import samples


def command(
    row: Integration, *, definition: IntegrationSpec, values: Mapping[str, str], environment: Mapping[str, str]
) -> str:
    """Write the request that the definition makes of the sample values; raises RequestNotBuilt.

    What the credential adds stands there as a placeholder: it is not decrypted for this.
    """
    scope = samples.scope_for(definition, values=values, environment=environment, facts={})
    built = call.build(definition, scope)
    outgoing = wire.Outgoing(built.method, built.url, built.headers, built.body)
    shown = masking.request(_with_credential(outgoing, row), ())
    return curl.copy(
        SentRequest(shown.method, shown.url, shown.headers, (shown.body or b"").decode("utf-8", "replace"))
    )


def _with_credential(request: wire.Outgoing, row: Integration) -> wire.Outgoing:
    credential = row.credential
    kind = kinds.named(credential.kind) if credential else None
    return kind.marked(request, credential.public) if credential and kind else request


def typed(command_line: str) -> tuple[dict[str, Any], list[str]]:
    """Read a command as values of the form, with a sentence for all that was not taken over; raises NotCurl."""
    parsed = curl.parse(command_line)
    values: dict[str, Any] = {
        "method": parsed.method,
        "url": parsed.url,
        "body": parsed.body,
        "headers": _rows(parsed.headers),
        "parameters": _rows(parsed.parameters),
        "follow_redirects": parsed.follow_redirects,
        "use_default_headers": False,
    }
    if parsed.timeout_seconds is not None:
        values["timeout_seconds"] = parsed.timeout_seconds
    if parsed.retries is not None:
        values["retries"] = parsed.retries
    return values, _left_out(parsed)


def _left_out(parsed: curl.ParsedCurl) -> list[str]:
    sentences = []
    if parsed.secrets:
        names = ", ".join(parsed.secrets)
        sentences.append(f"Secrets were left out ({names}): choose a credential, or ask an administrator for one.")
    if parsed.ignored:
        sentences.append(f"Not taken over: {'; '.join(parsed.ignored)}.")
    return sentences


def _rows(rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]
