"""Build the address of a request: each variable escaped for its part, then the whole parsed and checked.

Pure. Whether an address may be reached is the egress policy's business.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from integrations.engine import lookup, positions, template
from integrations.engine.errors import RequestNotBuilt, UnsafeValue
from integrations.engine.spec import Row

MAX_LENGTH = 16_384
_LEGAL = "!$&'()*+,;=:@/?%-._~"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH = re.compile(r"(?:[^/?#]*://)?[^/?#]*([^?#]*)")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_])?\.?")
_PLACE_NAMES = {template.Position.URL_HOST: "the host or port of the URL"}


def build(text: str, *, parameters: Iterable[Row], reader: lookup.Reader, unknown: Callable[[str], None]) -> str:
    """Return the absolute URL with the Request Parameters appended; raises RequestNotBuilt."""
    filled = _fill(text.strip(), reader, unknown)
    address, query = _checked(filled) if "{" in text else _remembered(filled)
    pairs = [_parameter(row, reader, unknown) for row in parameters if row.enabled and row.key.strip()]
    if pairs:
        query = "&".join(filter(None, [query, *pairs]))
    built = f"{address}?{query}" if query else address
    if len(built) > MAX_LENGTH:
        raise RequestNotBuilt(f"The URL has {len(built)} characters once filled in, {MAX_LENGTH} are allowed.")
    return built


def _checked(filled: str) -> tuple[str, str]:
    """Return the address as it is sent, up to its query, and the query; raises RequestNotBuilt."""
    parts = _parsed(filled)
    _check_path(parts.path)
    place = (parts.scheme.lower(), _network_location(parts), _legal(parts.path) or "/", "", "")
    return urlunsplit(place), _legal(parts.query).rstrip("&")


_remembered = lru_cache(maxsize=1024)(_checked)  # addresses without variables: what consumers say is not kept


def empty_part(text: str, *, built: str) -> bool:
    """Tell whether the values left an empty part (`//`, or a `/` at the end) in a path whose template has none."""
    if "{" not in text:
        return False
    whole, at = "", 0
    for placeholder in template.names(text):
        whole += text[at : placeholder.start] + "x"
        at = placeholder.end
    return _empty_parts(built) > _empty_parts(whole + text[at:])


def _empty_parts(url: str) -> int:
    path = _PATH.match(url.strip())
    return len(re.findall("/(?=/|$)", (path[1] if path else "") or "/"))


def _fill(text: str, reader: lookup.Reader, unknown: Callable[[str], None]) -> str:
    """Fill the template in from left to right; what stands to the left decides how a value is escaped."""
    built, at = "", 0
    for placeholder in template.names(text):
        built += _literal(text[at : placeholder.start])
        at = placeholder.end
        built += _value(placeholder, _position(built), reader, unknown)
    built += _literal(text[at:])
    if positions.CONTROL.search(built):
        raise RequestNotBuilt("The URL holds a line break or another control character. Remove it.")
    return built


def _value(
    placeholder: template.Placeholder,
    position: template.Position,
    reader: lookup.Reader,
    unknown: Callable[[str], None],
) -> str:
    if position is template.Position.URL_START:
        _check_start(placeholder, reader)
    try:
        value = template.written(placeholder, reader, position=position, unknown=unknown)
    except UnsafeValue as error:
        raise RequestNotBuilt(
            f"{error.message}, which may not stand in {_PLACE_NAMES[position]}. Set another value or move the variable."
        ) from error
    return value.strip() if position is template.Position.URL_START else value


def _check_start(placeholder: template.Placeholder, reader: lookup.Reader) -> None:
    if placeholder.kind in ("system", "slot") or reader.find(placeholder).consumer:
        raise RequestNotBuilt(
            f"The URL begins with {{{placeholder.source}}}, which the consumer can choose. "
            "Begin it with https:// and a host, or with an environment variable."
        )


def _position(built: str) -> template.Position:
    """Tell in which part of a URL the text ends."""
    if not built:
        return template.Position.URL_START
    scheme, mark, rest = built.partition("://")
    if not mark or re.search(r"[/?#\\]", scheme):
        raise RequestNotBuilt("The URL has to begin with http:// or https:// and a host, before any other variable.")
    if not re.search(r"[/?#\\]", rest):
        return template.Position.URL_HOST
    return template.Position.URL_QUERY if re.search(r"[?#]", rest) else template.Position.URL_PATH


def _literal(text: str) -> str:
    """A percent sign that encodes nothing is itself encoded, lest it join with the value behind it."""
    if "%" not in text:
        return text
    return _STRAY_PERCENT.sub("%25", text)


def _legal(text: str) -> str:
    return quote(_literal(text), safe=_LEGAL, errors="replace")


def _parameter(row: Row, reader: lookup.Reader, unknown: Callable[[str], None]) -> str:
    value = template.fill(row.value, reader, position=template.Position.RAW, unknown=unknown)
    return f"{positions.encode(row.key.strip())}={positions.encode(value)}"


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RequestNotBuilt("The URL is not valid: its host or port cannot be read.") from error
    if parts.scheme not in ("http", "https") or not url[len(parts.scheme) :].startswith("://"):
        raise RequestNotBuilt(
            "The URL has to begin with http:// or https:// once its variables are filled in. "
            "If it begins with a variable, check that the variable has a value."
        )
    if "@" in parts.netloc:
        raise RequestNotBuilt("The URL holds a user name or a password. Use a credential of type Basic instead.")
    if not parts.hostname or port == 0:
        raise RequestNotBuilt("The URL names no host, or no valid port. Check the variables in it.")
    return parts


def _network_location(parts: SplitResult) -> str:
    host = _host(parts.hostname or "")
    return host if parts.port is None else f"{host}:{parts.port}"


def _host(host: str) -> str:
    if ":" in host:
        return f"[{_address(host)}]"
    try:
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name) or ".." in name:
        raise RequestNotBuilt("The host of the URL is not valid. Check its spelling and the variables in it.")
    return name.lower()


def _address(host: str) -> str:
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError as error:
        raise RequestNotBuilt("The host of the URL is not a valid IPv6 address.") from error


def _check_path(path: str) -> None:
    """Servers walk up at `..`, also when its dots are encoded."""
    if any(unquote(segment) in (".", "..") for segment in re.split(r"[/\\]|%2[fF]|%5[cC]", path)):
        raise RequestNotBuilt(
            "The path of the URL has a part that is only . or .. once its variables are filled in; "
            "such a part leads to another address. Check the values of the variables in the path."
        )
