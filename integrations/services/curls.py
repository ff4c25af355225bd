"""A definition as a cURL command, and a cURL command as typed values of the form. Decrypts nothing, sends nothing.

The secrets of a pasted command reach nothing but the vault, and that only when an administrator says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from credentials import kinds, masking, wire
from credentials.models import Credential
from credentials.services import hosts, vault
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


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that was found, for a new credential or one that exists. It holds no value.

    number: its place among the secrets. name, kind: for the new one; kind is empty where that takes more.
    """

    number: int
    label: str
    name: str
    kind: str
    kind_label: str
    existing: tuple[Credential, ...] = ()


@dataclass(frozen=True, slots=True)
class Pasted:
    """A command as values of the form, sentences for what was not taken over, and offers for its secrets."""

    values: dict[str, Any]
    notes: tuple[str, ...]
    offers: tuple[Offer, ...]


def typed(bot: Any, *, command_line: str) -> Pasted:
    """Read a command as values of the form; raises NotCurl. Its secrets are nowhere in the result."""
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
    notes = (f"Not taken over: {'; '.join(parsed.ignored)}.",) if parsed.ignored else ()
    offers = tuple(_offer(bot, parsed, number) for number in range(len(parsed.secrets)))
    return Pasted(values, notes, offers)


def _offer(bot: Any, parsed: curl.ParsedCurl, number: int) -> Offer:
    secret = parsed.secrets[number]
    kind = kinds.ALL[secret.kind]
    host = hosts.of_url(parsed.url)
    rows = Credential.objects.filter(organization=bot.organization_id, kind=secret.kind).defer("sealed", "tokens")
    existing = tuple(row for row in rows if host and host in hosts.effective(row))
    name = f"{host or bot.name} ({kind.label})"[:100]
    makeable = bool(secret.values)
    return Offer(number, secret.label, name, secret.kind if makeable else "", kind.label, existing)


def make_credential(bot: Any, *, actor: Any, command_line: str, number: int, name: str) -> Credential:
    """Put a secret of the command into the vault, for the command's host only; raises what vault.create raises.

    Raises curl.NotCurl for a command without that secret. Who may make credentials, the caller has asked.
    """
    parsed = curl.parse(command_line)
    if not 0 <= number < len(parsed.secrets) or not parsed.secrets[number].values:
        raise curl.NotCurl("The command does not hold this secret any more. Paste it again.")
    secret = parsed.secrets[number]
    host = hosts.of_url(parsed.url)
    return vault.create(
        bot.organization,
        actor=actor,
        name=name,
        kind=kinds.ALL[secret.kind],
        values=dict(secret.values),
        allowed_hosts=[host] if host else [],
    )


def _rows(rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]
