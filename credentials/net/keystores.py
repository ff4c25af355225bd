"""Opens key stores and trust certificates as administrators have them. Bytes in, objects out; touches no file."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from credentials.net import jks

_JCEKS = b"\xce\xce\xce\xce"
_PEM_KEY = re.compile(rb"-----BEGIN ((?:\w+ )?PRIVATE KEY)-----.+?-----END \1-----", re.DOTALL)
_PEM_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


class Unusable(Exception):
    """The file cannot be used. The sentence says why and what to do; `password` when that is what is wrong."""

    def __init__(self, message: str, *, password: bool = False) -> None:
        super().__init__(message)
        self.password = password


@dataclass(frozen=True, slots=True)
class KeyStore:
    """A private key, the certificate that belongs to it, and the intermediate ones."""

    key: Any = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def ends_at(self) -> datetime.datetime:
        return self.certificate.not_valid_after_utc


def key_store(data: bytes, *, password: str) -> KeyStore:
    """Open a .p12 or .pfx file, a .jks file old or new, or a PEM with key and certificate; raises Unusable."""
    _refuse_jceks(data)
    store = _reader(data)(data, password)
    if _public(store.key) != _public(store.certificate):
        raise Unusable("The certificate in this file does not belong to its private key.")
    return store


def trusted(data: bytes, *, password: str) -> tuple[x509.Certificate, ...]:
    """Open a trust certificate: PEM (one or more), DER, or a .p12 or .jks trust store; raises Unusable."""
    _refuse_jceks(data)
    if data.startswith(jks.MAGIC):
        return _trusted_jks(data, password)
    if _PEM_CERTIFICATE in data:
        return _pem_certificates(data)
    try:
        return (x509.load_der_x509_certificate(data),)
    except ValueError:
        found = _opened(data, password)
    certificates = tuple(each.certificate for each in found.additional_certs)
    if not certificates:
        raise Unusable("This file holds no certificate to trust.")
    return certificates


def _reader(data: bytes) -> Callable[[bytes, str], KeyStore]:
    if data.startswith(jks.MAGIC):
        return _from_jks
    return _from_pem if b"-----BEGIN" in data else _from_pkcs12


def _refuse_jceks(data: bytes) -> None:
    if data.startswith(_JCEKS):
        raise Unusable(
            "This is a key store of Java's type JCEKS. Convert it: keytool -importkeystore -srckeystore keys.jks "
            "-srcstoretype jceks -destkeystore keys.p12 -deststoretype pkcs12. Then upload keys.p12."
        )


def _from_jks(data: bytes, password: str) -> KeyStore:
    if not password:
        raise Unusable("This key store has a password. Enter it.", password=True)
    held = [entry for entry in _entries(data, password) if entry.hidden]
    if len(held) != 1:
        raise Unusable(
            f"This key store holds {len(held) or 'no'} private keys. Upload one that holds only the key that is meant."
        )
    try:
        key = serialization.load_der_private_key(jks.key(held[0], password=password), None)
        own, *chain = [x509.load_der_x509_certificate(each) for each in held[0].certificates]
    except jks.WrongPassword as error:
        raise Unusable(
            "The private key in this store has another password than the store. Give it the same one: keytool "
            "-keypasswd -alias NAME -keystore keys.jks. Then upload it again.",
            password=True,
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Unusable("This key store is damaged, or holds a key of a type that cannot be used here.") from error
    return KeyStore(key, own, tuple(chain))


def _trusted_jks(data: bytes, password: str) -> tuple[x509.Certificate, ...]:
    found = [each for entry in _entries(data, password) if not entry.hidden for each in entry.certificates]
    if not found:
        raise Unusable("This file holds no certificate to trust.")
    try:
        return tuple(x509.load_der_x509_certificate(each) for each in found)
    except ValueError as error:
        raise Unusable("This file holds no certificate that can be read.") from error


def _entries(data: bytes, password: str) -> list[jks.Entry]:
    try:
        return jks.entries(data, password=password)
    except jks.WrongPassword as error:
        raise Unusable("The file does not open: its password is wrong, or it is damaged.", password=True) from error
    except jks.Damaged as error:
        raise Unusable("This key store is damaged: it breaks off, or holds what no such file holds.") from error


def _from_pkcs12(data: bytes, password: str) -> KeyStore:
    found = _opened(data, password)
    if found.key is None:
        raise Unusable("This file holds no private key. Upload the one with the key in it.")
    if found.cert is None:
        raise Unusable("This file holds no certificate for its private key.")
    return KeyStore(found.key, found.cert.certificate, tuple(each.certificate for each in found.additional_certs))


def _opened(data: bytes, password: str) -> pkcs12.PKCS12KeyAndCertificates:
    try:
        return pkcs12.load_pkcs12(data, password.encode() if password else None)
    except UnsupportedAlgorithm as error:
        raise Unusable(
            "This file is encrypted in a way that is no longer safe. Export it again with AES encryption."
        ) from error
    except (ValueError, TypeError) as error:
        raise Unusable(
            "The file does not open: its password is wrong, it is no .p12, .pfx, .jks or PEM file, or it is damaged.",
            password=True,
        ) from error


def _from_pem(data: bytes, password: str) -> KeyStore:
    block = _PEM_KEY.search(data)
    if block is None:
        raise Unusable("This PEM file holds no private key. Put key and certificate into one file.")
    key = _pem_key(block.group(), password)
    certificates = _pem_certificates(data)
    own = [each for each in certificates if _public(each) == _public(key)]
    if not own:
        raise Unusable("No certificate in this file belongs to its private key.")
    return KeyStore(key, own[0], tuple(each for each in certificates if each is not own[0]))


def _pem_key(block: bytes, password: str) -> Any:
    encrypted = b"ENCRYPTED" in block
    if encrypted and not password:
        raise Unusable("The private key in this file has a password. Enter it.", password=True)
    try:
        return serialization.load_pem_private_key(block, password.encode() if encrypted else None)
    except UnsupportedAlgorithm as error:
        raise Unusable("This private key is of a type that cannot be used here. Use RSA or EC.") from error
    except (ValueError, TypeError) as error:
        wrong = "The private key does not open: its password is wrong, or the file is damaged."
        raise Unusable(wrong, password=encrypted) from error


def _pem_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(data))
    except ValueError as error:
        raise Unusable("This file holds no certificate that can be read.") from error


def _public(holder: Any) -> bytes:
    key = holder.public_key()
    return bytes(key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
