"""Takes a URL apart strictly, so that no two readers of it can see different hosts. Knows nothing of addresses."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote

import idna

from credentials import wire

DEFAULT_PORTS = {"http": 80, "https": 443}

_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)")
_KEPT = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `host` is lower case, without brackets or a final dot; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def root(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        return self.root + self.path


def parse(url: str) -> Target:
    """Return the parts of an absolute http(s) URL; raises CallError of kind request for anything ambiguous."""
    if _CONTROL.search(url):
        raise _refusal("it holds a line break, a tab or another control character")
    match = _PARTS.fullmatch(url)
    if match is None:
        raise _refusal("it is not an absolute address such as https://api.example.com/path")
    scheme, authority, path, query = match.group(1).lower(), match.group(2), match.group(3), match.group(4) or ""
    if scheme not in DEFAULT_PORTS:
        raise _refusal("only http and https are allowed")
    if "\\" in authority or "\\" in path:
        raise _refusal("it holds a backslash before its query; write %5C")
    if "@" in authority:
        raise _refusal("it holds a user name or password before the host; use a credential instead")
    name, port = _place(authority)
    return Target(
        scheme=scheme,
        host=name,
        port=port or DEFAULT_PORTS[scheme],
        path=quote((path or "/") + query, safe=_KEPT),
    )


def host(text: str) -> str:
    """Return the one spelling of a host name or address; raises CallError of kind request."""
    if text.startswith("[") and text.endswith("]"):
        return _ipv6(text[1:-1])
    name = text.lower() if text.isascii() else _ascii(text)
    name = name.removesuffix(".")
    if _NUMERIC_END.fullmatch(name):
        return _ipv4(name)
    if len(name) > 253 or not name or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise _refusal("its host is not a valid name")
    return name


@functools.lru_cache(1_024)
def _place(authority: str) -> tuple[str, int | None]:
    name, port = _split_port(authority)
    return host(name), port


def _split_port(authority: str) -> tuple[str, int | None]:
    name, colon, digits = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        return authority, None
    if not digits:
        return name, None
    if not re.fullmatch(r"[0-9]{1,5}", digits) or not 1 <= int(digits) <= 65_535:
        raise _refusal("its port is not a number from 1 to 65535")
    return name, int(digits)


def _ascii(text: str) -> str:
    try:
        return idna.encode(text, uts46=True, std3_rules=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise _refusal("its host is not a valid international name") from error


def _ipv4(name: str) -> str:
    # 0x7f.1, 2130706433, 0177.0.0.1 and 127.1 are all one address to the system; only the plain spelling is taken.
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError as error:
        raise _refusal(f"{name} is no plain address; write it as four decimal numbers") from error


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError as error:
        raise _refusal("its host is not a valid IPv6 address") from error
    if address.scope_id is not None:
        raise _refusal("its address names a network zone")
    return str(address)


def _refusal(why: str) -> wire.CallError:
    return wire.CallError("request", f"The URL cannot be called: {why}.")
