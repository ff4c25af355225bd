"""Key stores in the forms that administrators have them, and a TLS server that demands a client certificate."""

from __future__ import annotations

import base64
import datetime
import hashlib
import ssl
import struct

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


# Written by Java's own keytool: one EC key named parley, self-signed for a hundred years, password "changeit".
KEYTOOL_JKS = base64.b64decode(
    "/u3+7QAAAAIAAAABAAAAAQAGcGFybGV5AAABoh5N43MAAAB/MH0wDgYKKwYBBAEqAhEBAQUABGuWMH6c1kQtUSyzoKFmzmDY5Sdt"
    "z0HYjfsW7JdKS0TVdch8JesFHUOcOPreBAiUB6kq4UoB0ZWyq1jzk/l/hToNXvUDqXTHXX11Nd+Amdfy5t0NNA7nUiNYgm5+YjG8"
    "9qhvwzCxopEGDwImSwAAAAEABVguNTA5AAABPzCCATswgeGgAwIBAgIIDktkguhm5nUwCgYIKoZIzj0EAwIwETEPMA0GA1UEAxMG"
    "cGFybGV5MCAXDTI2MTEyNzE4MzkxMFoYDzIxMjYxMTAzMTgzOTEwWjARMQ8wDQYDVQQDEwZwYXJsZXkwWTATBgcqhkjOPQIBBggq"
    "hkjOPQMBBwNCAAQwi3uIEYpcINi+DzqDuetsm5aicN5RUEOIgDoU/u9O8TT+Gsty4WrQ0eHK0DETpU6iA+tlpbW0Cn2c7rYdTAM4"
    "oyEwHzAdBgNVHQ4EFgQUhPO+wBRxUSUyO8mDXWh/DvawJZkwCgYIKoZIzj0EAwIDSQAwRgIhAOxZSO3rrvWm8qcD1hvyNVqya5H+"
    "M4AqdXnrjY7STC/tAiEArkCaAWLMo3eSIiAsxSFsOqSWzeT9Y7jQ8hIGmaZoFxgvXxm8ulFRlC7N+mkOeoqOfaPirg=="
)


def jks(leaf: trustme.LeafCert, *, password: str = PASSWORD, key_password: str = "", keys: int = 1) -> bytes:
    """A key store in Java's old format."""
    entries = b"".join(_jks_key(leaf, f"key{number}", key_password or password) for number in range(keys))
    return _jks_closed(struct.pack(">LLL", 0xFEEDFEED, 2, keys) + entries, password)


def jks_trust(authority: trustme.CA, *, password: str = PASSWORD) -> bytes:
    """A trust store in Java's old format."""
    entry = struct.pack(">L", 2) + _jks_text("ca") + bytes(8) + _jks_certificate(der(authority))
    return _jks_closed(struct.pack(">LLL", 0xFEEDFEED, 2, 1) + entry, password)


def _jks_key(leaf: trustme.LeafCert, alias: str, password: str) -> bytes:
    key, certificate, chain = parts(leaf)
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    given, block, stream = password.encode("utf-16-be"), bytes(range(20)), b""
    while len(stream) < len(plain):
        block = hashlib.sha1(given + block).digest()
        stream += block
    hidden = bytes(range(20)) + bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    hidden += hashlib.sha1(given + plain).digest()
    info = _tlv(0x30, JKS_ALGORITHM + _tlv(0x04, hidden))
    certificates = [each.public_bytes(serialization.Encoding.DER) for each in (certificate, *chain)]
    return (
        struct.pack(">L", 1) + _jks_text(alias) + bytes(8) + struct.pack(">L", len(info)) + info
        + struct.pack(">L", len(certificates)) + b"".join(map(_jks_certificate, certificates))
    )  # fmt: skip


JKS_ALGORITHM = bytes.fromhex("300e060a2b060104012a021101010500")


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x82" + struct.pack(">H", size)) + content


def _jks_text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()


def _jks_certificate(certificate: bytes) -> bytes:
    return _jks_text("X.509") + struct.pack(">L", len(certificate)) + certificate


def _jks_closed(data: bytes, password: str) -> bytes:
    return data + hashlib.sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + data).digest()
