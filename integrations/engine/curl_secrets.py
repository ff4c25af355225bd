"""The secrets of a cURL command as what a credential is made of: its type, and the values of its fields.

Pure. Their `repr` holds no value, so none reaches a log by accident.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """label: what was found, without its value. kind: the credential type. values: of the type's fields."""

    label: str
    kind: str
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)


CERTIFICATE = Secret("a client certificate or key", "mutual_tls")


def header(name: str, value: str) -> Secret:
    """Return what a header with a secret amounts to."""
    label = f"the header {name}"
    if name.lower() != "authorization":
        return Secret(label, "api_key", (("name", name), ("value", value), ("place", "header")))
    scheme, _, rest = value.partition(" ")
    if scheme.lower() == "basic" and (pair := _pair(rest.strip())):
        return Secret(label, "basic", (("user_name", pair[0]), ("password", pair[1])))
    token, kind = (rest.strip(), scheme) if rest.strip() else (value, "")
    return Secret(label, "access_token", (("access_token", token), ("token_type", kind)))


def _pair(encoded: str) -> tuple[str, str] | None:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, mark, password = text.partition(":")
    return (name, password) if mark else None


def user(value: str, *, named: str = "") -> Secret:
    """Return `name:password` as what it amounts to."""
    name, _, password = value.partition(":")
    return Secret(f"a user name and a password{named}", "basic", (("user_name", name), ("password", password)))


def parameter(name: str, value: str) -> Secret:
    return Secret(f"the parameter {name}", "api_key", (("name", name), ("value", value), ("place", "query")))
