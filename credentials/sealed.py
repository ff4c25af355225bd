"""The model field that holds a credential's secrets. It never decrypts by itself and takes nothing but envelopes.

The library's field returns what it cannot decrypt as if it were the value, decrypts what is pasted into a form, and
encrypts the text of an SQL expression. Here only `open_envelope` decrypts, and a failure is an error.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from encrypted_model_fields import fields


class Unreadable(Exception):
    """A stored value cannot be decrypted with any of the configured keys."""


class Refused(TypeError):
    """A write, filter or expression that would store or reveal something else than an envelope."""


class Ciphertext(str):
    """What the database holds. Saving it again stores it unchanged."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<Ciphertext>"


class Envelope(str):
    """The plain document that is about to be encrypted; see credentials.services.sealing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<Envelope>"


def open_envelope(value: Ciphertext | str) -> Envelope:
    """Decrypt a stored value; raises Unreadable."""
    try:
        return Envelope(fields.decrypt_str(value))
    except (InvalidToken, UnicodeError) as error:
        raise Unreadable("The stored secrets cannot be decrypted with FIELD_ENCRYPTION_KEYS.") from error


def close_envelope(document: Envelope) -> Ciphertext:
    """Encrypt a document that is kept elsewhere than in a SealedTextField."""
    return Ciphertext(fields.encrypt_str(str(document)).decode())


class SealedTextField(fields.EncryptedTextField):  # type: ignore[misc]
    """Encrypted text that reads as Ciphertext and is written as Envelope, Ciphertext or nothing."""

    def to_python(self, value: Any) -> Any:
        return value

    def from_db_value(self, value: Any, *args: Any) -> Any:
        return Ciphertext(value) if value else ""

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, Envelope):
            return super().get_db_prep_save(str(value), connection)
        if isinstance(value, Ciphertext):
            return str(value)
        if value == "":
            return ""
        raise Refused("Only credentials.services.sealing writes this field.")

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        if hasattr(value, "as_sql"):
            raise Refused("This field takes no expressions: update() and bulk_update() would store their text.")
        return "%s"

    def get_lookup(self, lookup_name: str) -> Any:
        raise Refused("Encrypted values cannot be searched.")

    def value_to_string(self, obj: Any) -> str:
        """Fixtures hold no secrets."""
        return ""
