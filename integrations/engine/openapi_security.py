"""The security schemes of an OpenAPI document as credential types of Parley. Pure; secrets do not occur in it."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.engine.json_values import Json
from integrations.engine.openapi_refs import Document, mapping, objects, text

_FLOWS = (("clientCredentials", "oauth_client"), ("authorizationCode", "oauth_code"))


@dataclass(frozen=True, slots=True)
class Need:
    """A credential that an operation asks for. kind: the type's name here; empty where there is none, `why` says it.

    facts: what the document says of it, for the administrator who makes it: label and value.
    """

    scheme: str
    kind: str
    why: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def needs(document: Document, *, operation: dict[str, Json]) -> tuple[Need, ...]:
    """Return one need for each alternative that the operation names; none where it also works without."""
    given = operation["security"] if "security" in operation else document.root.get("security")
    alternatives = objects(given)
    if any(not each for each in alternatives):
        document.note("The operation also works without a credential.")
    schemes = mapping(mapping(document.root.get("components")).get("securitySchemes"))
    found: list[Need] = []
    for alternative in alternatives:
        if len(alternative) > 1:
            document.note(f"{' and '.join(alternative)} are needed together; an integration has one credential.")
        found += [_need(document, name, schemes.get(name)) for name in alternative]
    return tuple(dict.fromkeys(found))


def _need(document: Document, name: str, given: Json) -> Need:
    scheme = document.object(given)
    kind = text(scheme.get("type"))
    if not scheme:
        return Need(name, "", "the document does not describe it")
    return _KINDS.get(kind, _unknown)(name, scheme)


def _http(name: str, scheme: dict[str, Json]) -> Need:
    way = text(scheme.get("scheme")).lower()
    kind = {"basic": "basic", "bearer": "access_token"}.get(way, "")
    return Need(name, kind, "" if kind else f"HTTP authentication {way[:40] or 'without a scheme'} is not supported")


def _api_key(name: str, scheme: dict[str, Json]) -> Need:
    place, key = text(scheme.get("in")), text(scheme.get("name"), limit=200)
    if place not in ("header", "query"):
        return Need(name, "", f"an API key in a {place[:20] or 'place'} that is neither header nor query")
    return Need(name, "api_key", facts=(("Name", key), ("Place", place)))


def _oauth(name: str, scheme: dict[str, Json]) -> Need:
    flows = mapping(scheme.get("flows"))
    for flow, kind in _FLOWS:
        if flow in flows:
            given = mapping(flows[flow])
            labels = (("Auth URL", "authorizationUrl"), ("Token URL", "tokenUrl"), ("Refresh URL", "refreshUrl"))
            facts = [(label, text(given.get(key))) for label, key in labels if given.get(key)]
            scopes = " ".join(mapping(given.get("scopes")))
            return Need(name, kind, facts=(*facts, *([("Scope", scopes[:300])] if scopes else [])))
    return Need(name, "", f"the OAuth flow {', '.join(flows)[:60] or 'without a name'} is not supported")


def _openid(name: str, scheme: dict[str, Json]) -> Need:
    return Need(name, "oauth_code", facts=(("Discovery document", text(scheme.get("openIdConnectUrl"))),))


def _mutual(name: str, scheme: dict[str, Json]) -> Need:
    return Need(name, "mutual_tls")


def _unknown(name: str, scheme: dict[str, Json]) -> Need:
    return Need(name, "", f"the type {text(scheme.get('type'), limit=40) or 'without a name'} is not known")


_KINDS = {"http": _http, "apiKey": _api_key, "oauth2": _oauth, "openIdConnect": _openid, "mutualTLS": _mutual}
