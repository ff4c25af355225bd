"""Replaces secrets by ••••, wherever and in whatever spelling they turn up. Keeps none of them."""

from __future__ import annotations

import base64
import json
import logging
import re
import string
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_plus

from credentials import wire

MASK = wire.MASK
HEX_FROM = 6  # bytes; the digits of fewer stand in other numbers by chance
SHORTEST = 3  # shorter ones would mask every second word and still be guessed

_NAMES = re.compile(
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|x-api-key|api-?key|x-auth-token|x-access-token|x-csrf-token|"
    r"x-amz-security-token|www-authenticate|proxy-authenticate|authentication-info",
    re.IGNORECASE,
)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_URL_SAFE = str.maketrans("+/", "-_")
_USER = re.compile(r"^([a-z]+://)[^/?#]*@")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,30}) +\S")


class Prepared(tuple[str, ...]):
    """Secrets whose spellings are worked out once, for a call that masks several texts. Lives no longer than it."""

    forms: list[str]


def prepared(secrets: Sequence[str]) -> Prepared:
    """Return the secrets with their spellings."""
    if isinstance(secrets, Prepared):
        return secrets
    made = Prepared(secrets)
    made.forms = _forms(secrets)
    return made


def text(value: str, secrets: Sequence[str]) -> str:
    """Return the text with each secret masked, also in its base64, percent-encoded, hex and JSON spellings."""
    for form in _forms(secrets):
        if "%" in form and "%" in value:
            value = _replaced_in_any_case(value, form)
        elif form in value:
            value = value.replace(form, MASK)
    return value


def _replaced_in_any_case(value: str, form: str) -> str:
    """%c3 and %C3 are one. Not with `re`, whose cache would keep the secret."""
    lowered, wanted = value.translate(_LOWER), form.translate(_LOWER)
    pieces, start = [], 0
    while (found := lowered.find(wanted, start)) >= 0:
        pieces += [value[start:found], MASK]
        start = found + len(wanted)
    return "".join([*pieces, value[start:]])


def data(value: bytes, secrets: Sequence[str]) -> bytes:
    """Return the bytes with each secret masked."""
    if not secrets:
        return value
    return text(value.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")


def headers(rows: tuple[tuple[str, str], ...], secrets: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the headers, masked by value, and whole where the name says that it holds a secret."""
    values = "\n".join([value for _, value in rows])
    if text(values, secrets) == values:  # as most are: then none is looked at by itself
        return tuple([(name, _header(name, value)) for name, value in rows])
    return tuple([(name, _header(name, text(value, secrets))) for name, value in rows])


def _header(name: str, value: str) -> str:
    if not _NAMES.fullmatch(name) or not value:
        return value
    scheme = _SCHEME.match(value) if name.lower().endswith("authorization") else None
    return f"{scheme.group(1)} {MASK}" if scheme else MASK


def url(value: str, secrets: Sequence[str]) -> str:
    """Return the URL with secrets and any user information masked."""
    return _USER.sub(rf"\1{MASK}@", text(value, secrets))


def without_query(value: str) -> str:
    """Return the URL as logs may hold it: the names of its query, not the values."""
    return re.sub(r"=[^&#]*", f"={MASK}", value.partition("#")[0])


def request(sent: wire.Outgoing, secrets: Sequence[str]) -> wire.Outgoing:
    """Return the request as it may be shown."""
    body = data(sent.body, secrets) if sent.body else sent.body
    return wire.Outgoing(sent.method, url(sent.url, secrets), headers(sent.headers, secrets), body)


def _forms(secrets: Sequence[str]) -> list[str]:
    if isinstance(secrets, Prepared):
        return secrets.forms
    if not secrets:
        return []
    forms = {form for secret in secrets for form in _spellings(secret) if len(form) >= SHORTEST}
    return sorted(forms, key=len, reverse=True)


def _spellings(secret: str) -> Iterator[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    if len(secret) < SHORTEST:
        return
    yield secret
    if not _PLAIN.fullmatch(secret):  # else percent-encoding and JSON change nothing
        yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
        yield json.dumps(secret)[1:-1]
        yield json.dumps(secret, ensure_ascii=False)[1:-1]
    if len(raw) >= HEX_FROM:
        yield from (raw.hex(), raw.hex().upper())
    yield from _base64(raw)


def _base64(raw: bytes) -> list[str]:
    """The base64 of the secret alone, and what is fixed of it when other bytes stand around it; with both alphabets."""
    whole = base64.b64encode(raw).decode()
    bare = whole.rstrip("=")
    forms = [whole, bare]
    if len(raw) >= 6:
        shifted = [base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")[shift + 1 : -1] for shift in (1, 2)]
        forms += [*shifted, bare[:-1]]
    return [*forms, *(form.translate(_URL_SAFE) for form in forms if "+" in form or "/" in form)]


# The secrets of the calls that run in this process at this moment, for the log filter only.
_live: dict[object, Sequence[str]] = {}


class KeptOutOfLogs:
    """While the block runs, SecretFilter masks these texts in whatever is logged."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets

    def __enter__(self) -> None:
        _live[self] = self._secrets

    def __exit__(self, *error: object) -> None:
        del _live[self]


class SecretFilter(logging.Filter):
    """For log handlers: masks the secrets of running calls in messages and tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        secrets = list({secret: None for of_call in list(_live.values()) for secret in of_call})
        if not secrets:
            return True
        record.msg, record.args = text(record.getMessage(), secrets), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = text(record.exc_text, secrets)
        return True


class AtLeast(logging.Filter):
    """For loggers of HTTP libraries, which write URLs and headers below this level: no setting can lower it."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self.level = level

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= self.level


def cap(*prefixes: str) -> None:
    """Cap all loggers that exist under these names: a filter counts for its own logger only, not for those below."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(prefixes):
            logging.getLogger(name).addFilter(AtLeast(logging.WARNING))


def quiet_libraries() -> None:
    """Cap the loggers of the HTTP libraries. urllib3 warns with whole URLs when headers are odd: errors only there."""
    for name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(AtLeast(logging.ERROR))
    for name in (
        "urllib3",
        "urllib3.poolmanager",
        "requests",
        "requests_oauthlib",
        "oauthlib",
        "requests_oauthlib.oauth2_session",
    ):
        logging.getLogger(name).addFilter(AtLeast(logging.WARNING))
