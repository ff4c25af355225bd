"""Reads Java's old key stores (JKS, the default until Java 8). Bytes in, keys and certificates out; writes none.

Why it is our own: docs/decisions/dependencies.md. The format is frozen: numbers with the high byte first, texts and
blobs behind their length, and a digest over all at the end. Keys are hidden by a stream of SHA-1 digests.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

MAGIC = b"\xfe\xed\xfe\xed"
_KEY, _CERTIFICATE = 1, 2
_DIGEST = 20
_WHITENER = b"Mighty Aphrodite"  # the format's own constant
_PROTECTION = bytes.fromhex("060a2b060104012a02110101")  # the object identifier 1.3.6.1.4.1.42.2.17.1.1
_SEQUENCE, _OCTETS = 0x30, 0x04


class Damaged(ValueError):
    """The file is no key store of this format, or it breaks off."""


class WrongPassword(Exception):
    """The password does not open the store, or (`of_key`) not the private key in it."""

    def __init__(self, *, of_key: bool = False) -> None:
        super().__init__("wrong password")
        self.of_key = of_key


@dataclass(frozen=True, slots=True)
class Entry:
    """A private key (PKCS#8, still hidden) with its chain, or no key and one certificate; certificates are DER."""

    hidden: bytes = field(repr=False)
    certificates: tuple[bytes, ...]


def entries(data: bytes, *, password: str) -> list[Entry]:
    """Return what the store holds; without a password its digest is not checked. Raises Damaged or WrongPassword."""
    if password:
        digest = hashlib.sha1(_bytes(password) + _WHITENER + data[:-_DIGEST], usedforsecurity=False).digest()
        if not hmac.compare_digest(digest, data[-_DIGEST:]):
            raise WrongPassword
    reader = _Reader(data[:-_DIGEST])
    if reader.take(4) != MAGIC:
        raise Damaged("no JKS file")
    version, number = reader.number(), reader.number()
    if version not in (1, 2):
        raise Damaged(f"version {version}")
    return [_entry(reader, version) for _ in range(number)]


def key(entry: Entry, *, password: str) -> bytes:
    """Return the entry's private key as DER (PKCS#8); raises Damaged or WrongPassword."""
    hidden = _protected(entry.hidden)
    salt, middle, check = hidden[:_DIGEST], hidden[_DIGEST:-_DIGEST], hidden[-_DIGEST:]
    given = _bytes(password)
    plain = bytes(one ^ other for one, other in zip(middle, _stream(given, salt), strict=False))
    if not hmac.compare_digest(hashlib.sha1(given + plain, usedforsecurity=False).digest(), check):
        raise WrongPassword(of_key=True)
    return plain


class _Reader:
    """Takes one thing after the other; whatever breaks off is Damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise Damaged("breaks off")
        self._at += size
        return taken

    def rest(self) -> bytes:
        return self._data[self._at :]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def blob(self) -> bytes:
        return self.take(self.number())

    def text(self) -> bytes:
        return self.take(struct.unpack(">H", self.take(2))[0])


def _entry(reader: _Reader, version: int) -> Entry:
    tag = reader.number()
    reader.text()  # the alias
    reader.take(8)  # when it was made
    if tag == _CERTIFICATE:
        return Entry(b"", (_certificate(reader, version),))
    if tag != _KEY:
        raise Damaged(f"entry of type {tag}")
    hidden = reader.blob()
    return Entry(hidden, tuple(_certificate(reader, version) for _ in range(reader.number())))


def _certificate(reader: _Reader, version: int) -> bytes:
    if version == 2 and reader.text() != b"X.509":
        raise Damaged("a certificate that is not X.509")
    return reader.blob()


def _protected(info: bytes) -> bytes:
    """The octets of an EncryptedPrivateKeyInfo: a sequence of the algorithm and of what it hides."""
    algorithm, rest = _element(_element(info, _SEQUENCE)[0], _SEQUENCE)
    if not algorithm.startswith(_PROTECTION):
        raise Damaged("hidden in another way")
    octets, _ = _element(rest, _OCTETS)
    if len(octets) <= 2 * _DIGEST:
        raise Damaged("breaks off")
    return octets


def _element(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it."""
    reader = _Reader(der)
    found, first = reader.take(2)
    size = int.from_bytes(reader.take(first & 0x7F), "big") if first & 0x80 else first
    if found != tag:
        raise Damaged("not what it says")
    return reader.take(size), reader.rest()


def _stream(password: bytes, salt: bytes) -> Iterator[int]:
    block = salt
    while True:
        block = hashlib.sha1(password + block, usedforsecurity=False).digest()
        yield from block


def _bytes(password: str) -> bytes:
    """Java's characters, two bytes each."""
    return password.encode("utf-16-be", "surrogatepass")
