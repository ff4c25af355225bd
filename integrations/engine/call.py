"""Turn a definition and the variables into the request that is to be sent.

Pure. Every variable is escaped for where it stands; what cannot be sent safely is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from integrations.engine import lookup, positions, template, url
from integrations.engine.errors import RequestNotBuilt, UnsafeValue
from integrations.engine.outcome import OutgoingRequest
from integrations.engine.scope import Scope
from integrations.engine.spec import IntegrationSpec, Row

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
DEFAULT_TYPE = "application/json;charset=UTF-8"
DEFAULTS = (("Accept", DEFAULT_TYPE), ("Content-Type", DEFAULT_TYPE))
SWITCH = "__standardHeaders__"  # the bot variable that switches the default headers off

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FRAMING = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
     "proxy-connection", "proxy-authorization", "expect"}
)  # fmt: skip
_JSON_TYPE = re.compile(r"\s*(?:application|text)/(?:[\w.+-]*\+)?json\b", re.IGNORECASE)
_FORM_TYPE = re.compile(r"\s*application/x-www-form-urlencoded\b", re.IGNORECASE)

Headers = tuple[tuple[str, str], ...]
Unknown = Callable[[str], None]


def build(spec: IntegrationSpec, scope: Scope, *, unknown: Unknown = lambda name: None) -> OutgoingRequest:
    """Return the request, before a credential is applied; raises RequestNotBuilt.

    unknown: told once for every variable that is not there, as the author wrote it.
    """
    reader = lookup.Reader(scope)
    missing: dict[str, None] = {}
    method = _method(spec.method)
    headers = _headers(spec, scope, reader, missing.setdefault)
    request = OutgoingRequest(
        method=method,
        url=url.build(spec.url, parameters=spec.parameters, reader=reader, unknown=missing.setdefault),
        headers=headers,
        body=_body(spec.body, headers, reader, missing.setdefault) if method in WITH_BODY else None,
    )
    for name in missing:
        unknown(name)
    return request


def placeholders(spec: IntegrationSpec) -> list[template.Placeholder]:
    """List the variables that the request is built from, each once, in the order of the form."""
    rows = [row for row in (*spec.headers, *spec.parameters) if row.enabled]
    body = [spec.body] if spec.method.upper() in WITH_BODY else []
    found = [p for text in (spec.url, *(row.value for row in rows), *body) for p in template.names(text)]
    return list({placeholder.source: placeholder for placeholder in found}.values())


def header(headers: Headers, *, name: str) -> str:
    """Return the first value of a header, "" when it is not there."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), "")


def _method(method: str) -> str:
    upper = method.strip().upper()
    if upper not in METHODS:
        raise RequestNotBuilt(f"The method {method!r} is not known. Choose one of {', '.join(METHODS)}.")
    return upper


def _headers(spec: IntegrationSpec, scope: Scope, reader: lookup.Reader, unknown: Unknown) -> Headers:
    own = tuple(_header(row, reader, unknown) for row in spec.headers if row.enabled and row.key.strip())
    if not spec.use_default_headers or scope.text(SWITCH).strip().lower() == "off":
        return own
    named = {key.lower() for key, _ in own}
    return tuple([pair for pair in DEFAULTS if pair[0].lower() not in named]) + own


def _header(row: Row, reader: lookup.Reader, unknown: Unknown) -> tuple[str, str]:
    name = row.key.strip()
    if not _TOKEN.fullmatch(name):
        raise RequestNotBuilt(
            f"The request header {name[:60]!r} is no valid name. Names have letters, digits and hyphens, no blanks."
        )
    if name.lower() in _FRAMING:
        raise RequestNotBuilt(f"Remove the request header {name}: it is set for you when the call is made.")
    try:
        value = template.fill(row.value, reader, position=template.Position.HEADER, unknown=unknown).strip(" \t")
    except UnsafeValue as error:
        raise RequestNotBuilt(f"{error.message}, which may not stand in the request header {name}.") from error
    if positions.CONTROL.search(value):
        raise RequestNotBuilt(f"The request header {name} holds a line break or another control character. Remove it.")
    return name, value


def _body(text: str, headers: Headers, reader: lookup.Reader, unknown: Unknown) -> bytes | None:
    if not text.strip():
        return None
    position = body_position(header(headers, name="Content-Type"), text)
    return template.fill(text, reader, position=position, unknown=unknown).encode("utf-8", "replace")


def body_position(content_type: str, text: str) -> template.Position:
    """Tell how values are written into a post body of this type; without a type, its text decides."""
    if _FORM_TYPE.match(content_type):
        return template.Position.FORM
    looks_like_json = not content_type and text.lstrip()[:1] in ("{", "[") and not text.lstrip().startswith("{$")
    if _JSON_TYPE.match(content_type) or looks_like_json:
        return template.Position.JSON
    return template.Position.RAW
