"""Key stores in the forms that administrators have them, and a TLS server that demands a client certificate."""

from __future__ import annotations

import base64
import datetime
import ssl

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

PASSWORD = "p4ssword-of-the-store"


def day(days: float) -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)


def parts(leaf: trustme.LeafCert) -> tuple[object, x509.Certificate, list[x509.Certificate]]:
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    first, *rest = [x509.load_pem_x509_certificate(each.bytes()) for each in leaf.cert_chain_pems]
    return key, first, rest


def p12(leaf: trustme.LeafCert, *, password: str = PASSWORD) -> bytes:
    key, certificate, chain = parts(leaf)
    how = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"parley", key, certificate, chain, how)


def pem(leaf: trustme.LeafCert, *, password: str = "", form: serialization.PrivateFormat | None = None) -> bytes:
    key, certificate, chain = parts(leaf)
    how = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, form or serialization.PrivateFormat.PKCS8, how)
    return text + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in (certificate, *chain))


def der(authority: trustme.CA) -> bytes:
    certificate = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    return certificate.public_bytes(serialization.Encoding.DER)


def text(data: bytes) -> str:
    """As a form hands a file on."""
    return base64.b64encode(data).decode()


def demanding(
    leaf: trustme.LeafCert, *, clients: trustme.CA, versions: tuple[ssl.TLSVersion, ssl.TLSVersion] | None = None
) -> ssl.SSLContext:
    """A server's context that takes only clients with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if versions:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = versions
    leaf.configure_cert(context)
    clients.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
