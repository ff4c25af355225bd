"""Mutual Authentication: Parley shows a certificate of its own when the connection is made."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime

from cryptography import x509

from credentials import wire
from credentials.kinds import declaration
from credentials.net import keystores, mutual

_BOTH = ""


def _sign(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    if not request.url.startswith("https://"):
        raise wire.CallError("credential", "A client certificate needs an encrypted connection: use a URL with https.")
    return request


def _store(values: declaration.Values) -> keystores.KeyStore:
    return keystores.key_store(_bytes(values["key_store"]), password=values.get("key_store_password", ""))


def _trust(values: declaration.Values) -> tuple[x509.Certificate, ...]:
    if not values.get("trust"):
        return ()
    return keystores.trusted(_bytes(values["trust"]), password=values.get("trust_password", ""))


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _context(values: declaration.Values) -> ssl.SSLContext:
    try:
        store, trust = _store(values), _trust(values)
        _refuse_ended("client", store.ends_at)
        if trust:
            _refuse_ended("trust", max(each.not_valid_after_utc for each in trust))
        return mutual.context(store, trust=trust, versions=values.get("protocols", _BOTH))
    except (keystores.Unusable, ssl.SSLError) as error:
        said = str(error) if isinstance(error, keystores.Unusable) else "The system's TLS library does not take it."
        raise wire.CallError(
            "credential", f"The client certificate cannot be used. An administrator must act: {said}", permanent=True
        ) from error


def _refuse_ended(which: str, ends_at: datetime) -> None:
    if ends_at <= datetime.now(UTC):
        raise wire.CallError(
            "credential",
            f"The {which} certificate ended on {_day(ends_at)}. An administrator must upload a new one.",
            permanent=True,
        )


def _check(values: declaration.Values) -> None:
    for name, opens in (("key_store", _store), ("trust", _trust)):
        try:
            opens(values)
        except keystores.Unusable as error:
            raise declaration.BadValue(f"{name}_password" if error.password else name, str(error)) from error
        except ValueError as error:
            raise declaration.BadValue(name, "This file cannot be read. Upload it again.") from error


def _facts(values: declaration.Values) -> dict[str, str]:
    """What may be shown of the files: whose certificate it is, who issued it, and when it ends."""
    store = _store(values)
    facts = {
        "certificate_of": store.certificate.subject.rfc4514_string(),
        "certificate_by": store.certificate.issuer.rfc4514_string(),
        "certificate_ends_at": store.ends_at.isoformat(),
    }
    trust = _trust(values)
    if trust:
        facts["trust_ends_at"] = min(each.not_valid_after_utc for each in trust).isoformat()
    return facts


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


KIND = declaration.Kind(
    name="mutual_tls",
    label="Mutual Authentication",
    when="The API asks for a client certificate (mutual TLS); somebody gave you a .p12, .pfx, .jks or PEM file.",
    effect="Shows a certificate when the connection is made; https only.",
    fields=(
        declaration.Field(
            "key_store",
            "Keys Certificate",
            secret=True,
            file=True,
            help="A .p12 or .pfx file, a .jks file, or a PEM with certificate and private key. At most 256 KB. It is "
            "kept encrypted and never written to disk in clear.",
        ),
        declaration.Field(
            "key_store_password", "Password of the Keys Certificate", secret=True, required=False, strip=False
        ),
        declaration.Field(
            "trust",
            "Trust Certificate",
            secret=True,
            required=False,
            file=True,
            help="The authority that the server's certificate comes from: .pem, .crt, .cer or a .p12 or .jks trust "
            "store. Empty: those that the system trusts.",
        ),
        declaration.Field(
            "trust_password",
            "Password of the Trust Certificate",
            secret=True,
            required=False,
            strip=False,
            help="Only a .p12 or .jks trust store has one.",
        ),
        declaration.Field(
            "protocols",
            "Cryptographic Protocols",
            required=False,
            choices=((_BOTH, "TLS 1.2 and TLS 1.3"), ("1.2", "TLS 1.2 only"), ("1.3", "TLS 1.3 only")),
        ),
    ),
    sign=_sign,
    marked=lambda request, values: request,
    check=_check,
    context=_context,
    facts=_facts,
)
