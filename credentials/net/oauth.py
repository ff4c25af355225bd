"""Asks an authorization server for tokens: requests-oauthlib speaks, our one door carries. Keeps nothing.

The library's automatic refresh is not used: it races, posts the API call's own data to the token endpoint, and stores
after use. Its sessions live for one question.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, quote_plus, urlencode

import requests
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error, WebApplicationClient
from requests.adapters import BaseAdapter
from requests_oauthlib import OAuth2Session

from credentials import masking, wire
from credentials.net import urls

SECONDS = 10.0
LIMITS = wire.Limits(body_bytes=256 * 1024)
LONGEST_TOKEN = 16_384
LONGEST_DESCRIPTION = 300

# temporary: the same question may be answered later. settings: an administrator must change something first.
# grant: the authorization itself has ended.
Kind = Literal["temporary", "settings", "grant"]

_ADVICE: dict[str, tuple[Kind, str]] = {
    "invalid_client": ("settings", "Check Client ID, Client Secret and how the client authenticates."),
    "unauthorized_client": ("settings", "Check at the server whether this client may use this grant."),
    "unsupported_grant_type": ("settings", "Check the type of the credential and the Token URL."),
    "invalid_scope": ("settings", "Check Scope."),
    "invalid_target": ("settings", "Check Audience and the extra parameters."),
    "invalid_grant": ("grant", "The authorization has ended, was withdrawn or was used already. Reauthorize."),
    "access_denied": ("settings", "Somebody declined, or may not consent. Try again with another account."),
    "server_error": ("temporary", "Try again later."),
    "temporarily_unavailable": ("temporary", "Try again later."),
    "slow_down": ("temporary", "Try again later."),
}


class Refused(Exception):
    """No token came. The message is a sentence without any secret."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Client:
    """What Parley is at an authorization server, and the way there."""

    client_id: str
    client_secret: str = field(repr=False)
    token_url: str
    in_body: bool
    policy: wire.Policy
    pool: str
    send: wire.Send = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """Fresh tokens. `lasts` in seconds, None when the server does not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    lasts: float | None
    asked_at: float


def by_itself(client: Client, *, scope: str, parameters: Mapping[str, str]) -> Answer:
    """Fetch a token for the client itself (client credentials); raises Refused."""
    url = _endpoint(client)
    session = _session(client, BackendApplicationClient(client.client_id, scope=scope or None), ())
    body = urlencode(parameters)
    return _asked(client, (), lambda: session.fetch_token(url, body=body, **_authenticated(client)))


def for_code(client: Client, *, code: str, redirect_uri: str, verifier: str) -> Answer:
    """Change an authorization code into tokens; raises Refused."""
    url = _endpoint(client)
    session = _session(client, WebApplicationClient(client.client_id), (code, verifier), redirect_uri=redirect_uri)
    return _asked(
        client,
        (code, verifier),
        lambda: session.fetch_token(url, code=code, code_verifier=verifier, **_authenticated(client)),
    )


def refreshed(client: Client, *, refresh_token: str) -> Answer:
    """Change a refresh token into new tokens; an answer without a refresh token keeps this one. Raises Refused."""
    url = _endpoint(client)
    session = _session(client, WebApplicationClient(client.client_id), (refresh_token,))
    given = _authenticated(client)
    body = {"client_id": client.client_id, "client_secret": client.client_secret} if client.in_body else {}
    return _asked(
        client,
        (refresh_token,),
        lambda: session.refresh_token(url, refresh_token=refresh_token, auth=given["auth"], **body),
    )


def authorization_url(
    url: str, *, client_id: str, redirect_uri: str, scope: str, state: str, verifier: str, parameters: Mapping[str, str]
) -> str:
    """Return where the administrator consents, with state and PKCE (S256)."""
    client = WebApplicationClient(client_id)
    challenge = client.create_code_challenge(verifier, "S256")
    session = OAuth2Session(client=client, redirect_uri=redirect_uri, scope=scope or None)
    wider = add_params_to_uri(url, list(parameters.items()))
    found, _ = session.authorization_url(wider, state=state, code_challenge=challenge, code_challenge_method="S256")
    return str(found)


def complaint(error: str, description: str, *, secrets: tuple[str, ...] = ()) -> Refused:
    """Return the server's error in plain words."""
    code = "".join(sign for sign in error if sign.isalnum() or sign in "_-.")[:60] or "an error"
    said = masking.text(" ".join(description.split())[:LONGEST_DESCRIPTION].rstrip("."), secrets)
    kind, advice = _ADVICE.get(code, ("settings", "Ask whoever runs the server what it means."))
    return Refused(kind, f"The authorization server answered {code}{f': {said}' if said else ''}. {advice}")


def _asked(client: Client, secrets: tuple[str, ...], ask: Callable[[], Any]) -> Answer:
    asked_at = time.time()
    try:
        token = ask()
    except wire.CallError as error:
        kind: Kind = "settings" if error.permanent or error.kind in ("egress", "request") else "temporary"
        raise Refused(kind, f"The authorization server could not be asked. {error.message}") from None
    except OAuth2Error as error:
        raise complaint(
            str(error.error), str(error.description or ""), secrets=(client.client_secret, *secrets)
        ) from None
    access = str(token["access_token"])
    return Answer(access, str(token.get("refresh_token") or ""), token.get("expires_in"), asked_at)


def _endpoint(client: Client) -> str:
    """Return the Token URL in the one spelling that the library and our door read alike."""
    try:
        target = urls.parse(client.token_url)
    except wire.CallError as error:
        raise Refused("settings", f"The authorization server could not be asked. {error.message}") from None
    if target.scheme != "https":
        raise Refused("settings", "The authorization server was not asked: its Token URL has to begin with https://.")
    return target.url


def _session(client: Client, protocol: Any, secrets: tuple[str, ...], **values: Any) -> OAuth2Session:
    session = OAuth2Session(client=protocol, **values)
    session.trust_env = False
    session.headers.clear()
    session.adapters.clear()
    session.mount("https://", _Door(client, secrets))
    return session


def _authenticated(client: Client) -> dict[str, Any]:
    if client.in_body:
        return {"auth": _Nothing(), "include_client_id": True, "client_secret": client.client_secret}
    return {"auth": _Basic(client)}


class _Nothing(requests.auth.AuthBase):
    """Keeps the library from adding a header of its own."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Basic(requests.auth.AuthBase):
    """RFC 6749, 2.3.1: both parts are form-encoded first. The library's own takes Latin-1 only and leaves that out."""

    def __init__(self, client: Client) -> None:
        self._value = _basic(client)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Basic {self._value}"
        return request


def _basic(client: Client) -> str:
    return base64.b64encode(f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}".encode()).decode()


@dataclass(frozen=True, slots=True)
class _Signer:
    """Tells the door which texts to mask, and that they go to the token endpoint only."""

    pool: str
    hosts: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return request


class _Door(BaseAdapter):
    """A transport for requests that goes through our door, once, and hands on only what a token answer may hold."""

    def __init__(self, client: Client, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._client = client
        target = urls.parse(client.token_url)
        hosts = (f"[{target.host}]:{target.port}" if ":" in target.host else f"{target.host}:{target.port}",)
        self._signer = _Signer(client.pool, hosts, (client.client_secret, _basic(client), *secrets))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = tuple((str(name), str(value)) for name, value in request.headers.items())
        outgoing = wire.Outgoing(str(request.method), str(request.url), headers, body)
        options = wire.SendOptions(time.monotonic() + SECONDS, follow_redirects=False, limits=LIMITS)
        incoming = self._client.send(outgoing, self._client.policy, self._signer, options)
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, str(request.url)
        response.encoding = "utf-8"
        response._content = json.dumps(_understood(incoming)).encode()
        return response

    def close(self) -> None:
        """Connections are the door's."""


def _understood(answer: wire.Incoming) -> dict[str, Any]:
    """Return what counts of a token answer, in forms that the library can take; raises Refused."""
    if answer.status == 429 or answer.status >= 500:
        raise Refused("temporary", f"The authorization server answered {answer.status}. Try again later.")
    if 300 <= answer.status < 400:
        raise Refused("settings", "The Token URL redirects to another address. Enter the one where it ends.")
    given = _members(answer.body)
    if given.get("error"):
        error = given["error"]
        return {"error": str(error), "error_description": str(given.get("error_description") or "")}
    if not 200 <= answer.status < 300:
        raise Refused("settings", f"The authorization server answered {answer.status} at the Token URL. Check it.")
    token = given.get("access_token")
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN or not token.isprintable():
        raise Refused("settings", "What the Token URL answered holds no access token. Check the URL and the scope.")
    understood = {"access_token": token, "token_type": "Bearer"}
    lasts = _seconds(given.get("expires_in"))
    refresh = given.get("refresh_token")
    return (
        understood
        | ({"expires_in": lasts} if lasts else {})
        | ({"refresh_token": refresh} if isinstance(refresh, str) and refresh else {})
    )


def _members(body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        return dict(parse_qsl(text))
    return found if isinstance(found, dict) else {}


def _seconds(value: object) -> int | None:
    """The life of a token; servers write numbers, texts, and now and then nonsense."""
    try:
        seconds = int(float(str(value)))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 10**9 else None


masking.cap("requests_oauthlib", "oauthlib")
