"""OAuth 1.0a: every request is signed with two keys and two secrets (RFC 5849). requests-oauthlib does the signing."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from oauthlib import oauth1
from requests_oauthlib import OAuth1

from credentials import wire
from credentials.kinds import declaration

RSA, PLAINTEXT = oauth1.SIGNATURE_RSA_SHA1, oauth1.SIGNATURE_PLAINTEXT
METHODS = (oauth1.SIGNATURE_HMAC_SHA1, oauth1.SIGNATURE_HMAC_SHA256, RSA, PLAINTEXT)
_SECRETS = ("client_secret", "token", "token_secret")


def _rsa_sha1(base: str, client: oauth1.Client) -> str:
    """What oauthlib leaves to a package that Parley does without."""
    key = _private_key(str(client.rsa_key))
    signature = key.sign(base.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the standard's own choice
    return base64.b64encode(signature).decode()


class _Client(oauth1.Client):  # type: ignore[misc]
    SIGNATURE_METHODS = {**oauth1.Client.SIGNATURE_METHODS, RSA: _rsa_sha1}


def _sign(request: wire.Outgoing, values: declaration.Values) -> wire.Outgoing:
    if values["signature_method"] == PLAINTEXT and not request.url.startswith("https://"):
        raise wire.CallError("credential", "PLAINTEXT sends the secrets themselves: the URL must begin with https.")
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url = request.method, request.url
    prepared.headers = requests.structures.CaseInsensitiveDict(_content_type(request))
    prepared.body = (request.body or b"").decode("utf-8", "surrogateescape")
    try:
        signed = _auth(values)(prepared)
    except ValueError as error:
        raise wire.CallError(
            "request", "The request cannot be signed: its query or its form holds a character that must be encoded."
        ) from error
    return declaration.with_header(request, "Authorization", _text(signed.headers["Authorization"]))


def _auth(values: declaration.Values) -> OAuth1:
    return OAuth1(
        values["client_key"],
        client_secret=values.get("client_secret") or None,
        resource_owner_key=values.get("token") or None,
        resource_owner_secret=values.get("token_secret") or None,
        signature_method=values["signature_method"],
        realm=values.get("realm") or None,
        rsa_key=values.get("private_key") or None,
        client_class=_Client,
    )


def _masked(values: declaration.Values) -> tuple[str, ...]:
    """A PLAINTEXT signature holds both secrets, encoded by themselves, and is encoded once more in the header."""
    if values["signature_method"] != PLAINTEXT:
        return ()
    pair = (values.get("client_secret", ""), values.get("token_secret", ""))
    signature = "&".join(quote(secret, safe="~") for secret in pair)
    return (
        signature,
        quote(signature, safe="~"),
        *(quote(quote(secret, safe="~"), safe="~") for secret in pair if secret),
    )


def _content_type(request: wire.Outgoing) -> dict[str, str]:
    """Only a form's fields are part of the signature, and only where the header says that it is one."""
    found = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    return {"Content-Type": found or "application/octet-stream"}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _private_key(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _check(values: declaration.Values) -> None:
    declaration.refuse_control_characters(values, "client_key", "realm", *_SECRETS)
    if values["signature_method"] != RSA:
        if not values.get("client_secret"):
            raise declaration.BadValue("client_secret", "This signature method needs it.")
        return
    try:
        _private_key(values.get("private_key", ""))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise declaration.BadValue(
            "private_key", "RSA-SHA1 needs an RSA private key in PEM form, without a password of its own."
        ) from error


KIND = declaration.Kind(
    name="oauth1",
    label="OAuth 1.0a",
    when="The API's documentation speaks of signed requests, a consumer key and a token, such as oauth_signature.",
    effect="Signs each request: `Authorization: OAuth oauth_signature=…`. PLAINTEXT over https only.",
    fields=(
        declaration.Field("client_key", "Client Key", max_length=1_000, help="Also called consumer key."),
        declaration.Field(
            "client_secret",
            "Client Secret",
            secret=True,
            required=False,
            help="Also called consumer secret. Needed for all methods but RSA-SHA1.",
        ),
        declaration.Field(
            "token", "Token", secret=True, required=False, help="Empty where the API wants the client's signature only."
        ),
        declaration.Field("token_secret", "Token Secret", secret=True, required=False),
        declaration.Field(
            "signature_method",
            "Signature method",
            default=METHODS[0],
            choices=tuple((name, name) for name in METHODS),
            help="As the API's documentation has it; HMAC-SHA1 is the usual one.",
        ),
        declaration.Field(
            "private_key",
            "Private Key",
            secret=True,
            required=False,
            lines=True,
            max_length=20_000,
            help="For RSA-SHA1 only: begins with -----BEGIN.",
        ),
        declaration.Field("realm", "Realm", required=False, max_length=400, help="Only where the API asks for it."),
    ),
    sign=_sign,
    masked=_masked,
    check=_check,
)
