"""What a credential kind declares: its fields, its explanation, and how it signs. Forms and storage follow from it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote_plus

from credentials import wire

Values = Mapping[str, str]
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class BadValue(Exception):
    """A field's value cannot work. `field` names it; the message says what to write instead."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name
        self.message = message


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the administrator fills in. Secret ones are encrypted and never shown again.

    choices: (value, label) pairs, when it is one of a few. lines: it takes more than one line. file: it is uploaded,
    and its value is the base64 of what the file holds.
    """

    name: str
    label: str
    secret: bool = False
    required: bool = True
    default: str = ""
    help: str = ""
    max_length: int = 4_000
    strip: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    lines: bool = False
    file: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A kind that signs with tokens from an authorization server; its fields are those of `kinds.oauth_fields`.

    interactive: an administrator authorizes it in the browser; otherwise Parley fetches tokens by itself.
    bound: the fields whose change makes the tokens that are held those of somebody else.
    """

    interactive: bool
    bound: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of credential. `values` given to its functions holds the public and the secret fields together.

    effect: what it does to a request, in a few words, for the wizard and the documentation.
    masked: further texts to mask beside the secret fields' values, such as a header made of two of them.
    check: raises BadValue for values that cannot be sent.
    grant: where it signs with tokens; then the values hold `access_token`, too.
    marked: what stands in the place of the credential where a request is copied: of public values only, with wire.MASK.
    context: where it authenticates in the TLS handshake; raises wire.CallError.
    facts: what may be shown of the values, under names that are no field's; called after `check`.
    """

    name: str
    label: str
    when: str
    effect: str
    fields: tuple[Field, ...]
    sign: Callable[[wire.Outgoing, Values], wire.Outgoing]
    masked: Callable[[Values], tuple[str, ...]] = field(default=lambda values: ())
    check: Callable[[Values], None] = field(default=lambda values: None)
    grant: Grant | None = None
    marked: Callable[[wire.Outgoing, Values], wire.Outgoing] = field(
        default=lambda request, values: with_header(request, "Authorization", wire.MASK)
    )
    context: Callable[[Values], ssl.SSLContext] | None = None
    facts: Callable[[Values], dict[str, str]] = field(default=lambda values: {})

    @property
    def shows_certificate(self) -> bool:
        return self.context is not None

    @property
    def secret_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields if one.secret)


def with_header(request: wire.Outgoing, name: str, value: str) -> wire.Outgoing:
    """Return the request with this header instead of any that the author set by the same name."""
    others = tuple(row for row in request.headers if row[0].lower() != name.lower())
    return wire.Outgoing(request.method, request.url, (*others, (name, value)), request.body)


def with_parameter(request: wire.Outgoing, name: str, value: str) -> wire.Outgoing:
    """Return the request with this query parameter instead of any that the author set by the same name."""
    base, mark, query = request.url.partition("?")
    others = (
        [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) != name] if mark else []
    )
    return replace(request, url=f"{base}?{'&'.join([*others, pair(name, value)])}")


def pair(name: str, value: str) -> str:
    """Return `name=value` as it stands in a query."""
    return f"{quote(name, safe='')}={quote(value, safe='')}"


def refuse_unknown_choices(fields: tuple[Field, ...], values: Values) -> None:
    """Raise BadValue for a value that is not among its field's choices."""
    for one in fields:
        if one.choices and values.get(one.name, "") not in {value for value, _ in one.choices}:
            raise BadValue(one.name, "Choose one of the list.")


def refuse_control_characters(values: Values, *names: str) -> None:
    """Raise BadValue when a value that becomes part of a header would break out of it."""
    for name in names:
        if _UNSAFE.search(values.get(name, "")):
            raise BadValue(name, "This holds a line break or another control character. Paste it again without.")
