"""Makes the TLS context that shows a client certificate.

The standard library takes keys from files only. Ours is an anonymous one in memory, and what stands in it is encrypted
with a password that exists for this moment; where the system has no such files, a temporary one holds the same.
"""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from credentials.net import connections, keystores

VERSIONS = {
    "": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    "1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
    "1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
}


def context(store: keystores.KeyStore, *, trust: Sequence[x509.Certificate], versions: str) -> ssl.SSLContext:
    """Return a context that shows the store's certificate and trusts the given ones, else what the system trusts."""
    made = _trusting(trust) if trust else connections.system_trust()
    made.minimum_version, made.maximum_version = VERSIONS[versions]
    password = secrets.token_urlsafe(32)
    _load(made, _pem(store, password), password)
    return made


def _trusting(certificates: Sequence[x509.Certificate]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # what an administrator names is trusted, root or not
    made.load_verify_locations(cadata="".join(_text(each) for each in certificates))
    return made


def _pem(store: keystores.KeyStore, password: str) -> bytes:
    key: bytes = store.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password.encode()),
    )
    return key + "".join(_text(each) for each in (store.certificate, *store.chain)).encode()


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _load(made: ssl.SSLContext, pem: bytes, password: str) -> None:
    if not hasattr(os, "memfd_create"):
        with tempfile.NamedTemporaryFile() as file:
            file.write(pem)
            file.flush()
            made.load_cert_chain(file.name, password=password)
        return
    with os.fdopen(os.memfd_create("parley", os.MFD_CLOEXEC), "wb") as file:
        file.write(pem)
        file.flush()
        made.load_cert_chain(f"/proc/self/fd/{file.fileno()}", password=password)
