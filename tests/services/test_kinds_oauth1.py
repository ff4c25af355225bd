"""OAuth 1.0a: signatures as the standard's examples have them, as servers verify them, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.contrib.auth.models import User

from credentials import kinds, wire
from credentials.models import Organization
from credentials.services import trial, use, vault
from tests.services.egress_calls import Start, running_servers  # noqa: F401
from tests.services.egress_servers import Exchange

VALUES = {
    "client_key": "9djdj82h48djs9d2",
    "client_secret": "j49sk3j29djd",
    "token": "kkk9d7dh3k39sjv7",
    "token_secret": "dh893hdasih9",
    "signature_method": "HMAC-SHA1",
}
RSA_KEY = rsa.generate_private_key(65537, 2048)
PEM = RSA_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def signed(request: wire.Outgoing, **values: str) -> wire.Outgoing:
    return kinds.ALL["oauth1"].sign(request, VALUES | values)


def parameters(request: wire.Outgoing) -> dict[str, str]:
    (header,) = (value for name, value in request.headers if name == "Authorization")
    assert header.startswith("OAuth ")
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}


def base_string(request: wire.Outgoing, given: dict[str, str]) -> str:
    """RFC 5849, 3.4.1, written down once more, independent of the library."""
    parts = urlsplit(request.url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if FORM[0] in request.headers:
        pairs += parse_qsl((request.body or b"").decode(), keep_blank_values=True)
    pairs += [(name, value) for name, value in given.items() if name not in ("realm", "oauth_signature")]
    encoded = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    url = f"{parts.scheme}://{parts.netloc.lower()}{parts.path}"
    return "&".join(_quoted(part) for part in (request.method, url, normal))


def _quoted(text: str) -> str:
    return quote(text, safe="-._~")


REQUESTS = [
    wire.Outgoing("GET", "https://api.example.test/x"),
    wire.Outgoing("GET", "https://api.example.test:8443/x?b5=%3D%253D&a3=a&c%40=&a2=r%20b&a3=2+q"),
    wire.Outgoing("POST", "https://api.example.test/request?a=1", FORM, b"c2&a3=2+q"),
    wire.Outgoing(
        "POST", "https://api.example.test/json", (("Content-Type", "application/json"),), '{"ü": 1}'.encode()
    ),
    wire.Outgoing("PUT", "https://api.example.test/raw", (), b"\xff\x00 a=b"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.url[24:])
@pytest.mark.parametrize(("method", "digest"), [("HMAC-SHA1", hashlib.sha1), ("HMAC-SHA256", hashlib.sha256)])
def test_a_request_is_signed_so_that_a_server_can_verify_it(
    request_: wire.Outgoing, method: str, digest: object
) -> None:
    made = signed(request_, signature_method=method)

    given = parameters(made)
    expected = hmac.new(b"j49sk3j29djd&dh893hdasih9", base_string(request_, given).encode(), digest).digest()
    assert given["oauth_signature"] == base64.b64encode(expected).decode()
    assert (given["oauth_token"], given["oauth_signature_method"]) == ("kkk9d7dh3k39sjv7", method)
    assert (made.url, made.body) == (request_.url, request_.body)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.url[24:])
def test_a_private_key_signs_too(request_: wire.Outgoing) -> None:
    given = parameters(signed(request_, signature_method="RSA-SHA1", private_key=PEM, client_secret=""))

    RSA_KEY.public_key().verify(
        base64.b64decode(given["oauth_signature"]),
        base_string(request_, given).encode(),
        padding.PKCS1v15(),
        hashes.SHA1(),
    )


def test_plaintext_goes_over_an_encrypted_connection_only() -> None:
    given = parameters(signed(REQUESTS[0], signature_method="PLAINTEXT", client_secret="a&b"))

    assert given["oauth_signature"] == "a%26b&dh893hdasih9"
    with pytest.raises(wire.CallError, match="must begin with https"):
        signed(wire.Outgoing("GET", "http://a.test/"), signature_method="PLAINTEXT")


def test_two_signatures_are_never_the_same() -> None:
    both = [parameters(signed(REQUESTS[0])) for _ in range(2)]

    assert both[0]["oauth_nonce"] != both[1]["oauth_nonce"]


def test_a_query_that_cannot_be_signed_is_a_sentence() -> None:
    with pytest.raises(wire.CallError, match="must be encoded") as caught:
        signed(wire.Outgoing("POST", "https://a.test/", FORM, b"a=\x7f{}"))

    assert caught.value.kind == "request"


def test_what_goes_out_carries_no_secret_and_is_masked(organization: Organization, owner: User, start: Start) -> None:
    server = start(Exchange.answer)
    credential = vault.create(
        organization,
        actor=owner,
        name="Shop",
        kind=kinds.ALL["oauth1"],
        values=VALUES,
        allowed_hosts=[f"127.0.0.1:{server.port}"],
    )

    found = trial.call(credential, actor=owner, url=f"{server.url}/me?q=1")
    signer = use.signer_for(str(credential.key), organization_id=organization.pk)

    sent = server.requests[0].decode()
    assert found.ok
    assert "Authorization: OAuth oauth_nonce=" in sent
    assert "j49sk3j29djd" not in sent
    assert "dh893hdasih9" not in sent
    assert set(signer.secrets) == {"j49sk3j29djd", "kkk9d7dh3k39sjv7", "dh893hdasih9"}
    assert "kkk9d7dh3k39sjv7" not in repr(found)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"client_secret": ""}, "client_secret"),
        ({"signature_method": "RSA-SHA1"}, "private_key"),
        ({"signature_method": "RSA-SHA1", "private_key": "-----BEGIN nonsense"}, "private_key"),
        ({"signature_method": "MD5"}, "signature_method"),
        ({"client_key": "a\nb"}, "client_key"),
        ({"client_key": ""}, "client_key"),
    ],
)
def test_what_cannot_sign_is_refused_when_stored(
    organization: Organization, owner: User, values: dict[str, str], field: str
) -> None:
    with pytest.raises(kinds.BadValue) as caught:
        vault.create(organization, actor=owner, name="Shop", kind=kinds.ALL["oauth1"], values=VALUES | values)

    assert caught.value.field == field
