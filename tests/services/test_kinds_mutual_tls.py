"""Mutual TLS against real servers that demand a client certificate: what works, and what each failure says."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from django.contrib.auth.models import User

from credentials import egress, kinds, wire
from credentials.models import Credential, Organization
from credentials.net import keystores
from credentials.services import health, trial, use, vault
from tests.certificates import KEYTOOL_JKS, PASSWORD, day, demanding, der, jks, jks_trust, p12, parts, pem, text
from tests.services.egress_calls import LOOPBACK, Start, options, running_servers  # noqa: F401
from tests.services.egress_servers import RawServer

SERVERS, CLIENTS, OTHERS = trustme.CA(), trustme.CA(), trustme.CA()
INTERMEDIATE = CLIENTS.create_child_ca()
LEAF = CLIENTS.issue_cert("parley@acme.test", common_name="parley")
AT_HOME = SERVERS.issue_cert("127.0.0.1")
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

Make = Callable[..., Credential]


@pytest.fixture
def make(organization: Organization, owner: User) -> Make:
    """Store a credential; the host is that of a server."""

    def run(server: RawServer | None = None, **values: str) -> Credential:
        given = {"key_store": text(p12(LEAF)), "key_store_password": PASSWORD, "trust": text(SERVERS.cert_pem.bytes())}
        made = vault.create(
            organization,
            actor=owner,
            name="Bank",
            kind=kinds.ALL["mutual_tls"],
            values=given | values,
            allowed_hosts=[f"127.0.0.1:{server.port}" if server else "bank.test"],
        )
        use.forget()
        return made

    return run


def call(credential: Credential, url: str) -> wire.Incoming:
    signer = use.signer_for(str(credential.key), organization_id=credential.organization_id)
    return egress.Door().send(wire.Outgoing("GET", url), LOOPBACK, signer, options())


def failure(credential: Credential, url: str) -> wire.CallError:
    with pytest.raises(wire.CallError) as caught:
        call(credential, url)
    return caught.value


STORES: dict[str, dict[str, Any]] = {
    "p12": {},
    "p12 without a password": {"key_store": text(p12(LEAF, password="")), "key_store_password": ""},
    "pem": {"key_store": text(pem(LEAF)), "key_store_password": ""},
    "encrypted pem": {"key_store": text(pem(LEAF, password=PASSWORD))},
    "encrypted pem of old": {
        "key_store": text(pem(LEAF, password=PASSWORD, form=serialization.PrivateFormat.TraditionalOpenSSL))
    },
    "plain pem with a needless password": {"key_store": text(pem(LEAF))},
    "through an intermediate": {"key_store": text(p12(INTERMEDIATE.issue_cert("parley@acme.test")))},
    "jks of old": {"key_store": text(jks(LEAF))},
    "jks through an intermediate": {"key_store": text(jks(INTERMEDIATE.issue_cert("parley@acme.test")))},
    "trust as jks": {"trust": text(jks_trust(SERVERS)), "trust_password": PASSWORD},
    "trust as jks without its password": {"trust": text(jks_trust(SERVERS))},
    "trust as der": {"trust": text(der(SERVERS))},
    "tls 1.2": {"protocols": "1.2"},
    "tls 1.3": {"protocols": "1.3"},
}


@pytest.mark.parametrize("values", STORES.values(), ids=STORES)
def test_a_server_that_demands_a_certificate_gets_it(make: Make, start: Start, values: dict[str, str]) -> None:
    server = start(context=demanding(AT_HOME, clients=CLIENTS))

    assert call(make(server, **values), server.url).body == b"ok"


def test_a_key_store_that_javas_own_tool_wrote_is_taken(make: Make, start: Start) -> None:
    context = demanding(AT_HOME, clients=CLIENTS)
    context.load_verify_locations(cadata=_pem_of(KEYTOOL_JKS))
    server = start(context=context)

    credential = make(server, key_store=text(KEYTOOL_JKS), key_store_password="changeit")

    assert credential.public["certificate_of"] == "CN=parley"
    assert call(credential, server.url).body == b"ok"


def test_a_trust_store_with_a_password_is_taken(make: Make, start: Start) -> None:
    from_pkcs12 = serialization.pkcs12
    _, certificate, _ = parts(SERVERS.issue_cert("unused.test"))
    authority = from_pkcs12.serialize_key_and_certificates(
        None, None, None, [_certificate(SERVERS), certificate], serialization.BestAvailableEncryption(b"changeit")
    )
    server = start(context=demanding(AT_HOME, clients=CLIENTS))

    assert call(make(server, trust=text(authority), trust_password="changeit"), server.url).status == 200


def _pem_of(store: bytes) -> str:
    certificate = keystores.key_store(store, password="changeit").certificate
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _certificate(authority: trustme.CA) -> Any:
    leaf = authority.cert_pem.bytes()
    return serialization.pkcs12.x509.load_pem_x509_certificate(leaf)


def test_the_certificate_is_shown_to_the_named_hosts_only(make: Make, start: Start) -> None:
    server = start(context=demanding(AT_HOME, clients=CLIENTS))
    credential = make(None)

    error = failure(credential, server.url)

    assert (error.kind, server.connections) == ("credential", 0)


def test_connections_with_a_certificate_are_not_shared_with_calls_without(make: Make, start: Start) -> None:
    context = demanding(AT_HOME, clients=CLIENTS)
    server = start(context=context)
    credential = make(server)
    door = egress.Door(trust=lambda: _trusting(SERVERS))
    signer = use.signer_for(str(credential.key), organization_id=credential.organization_id)
    request = wire.Outgoing("GET", server.url)

    first = [door.send(request, LOOPBACK, signer, options()) for _ in range(2)]
    with pytest.raises(wire.CallError, match=r"asks? for a client certificate"):
        door.send(request, LOOPBACK, None, options())

    assert [answer.hops[0].tls_ms is None for answer in first] == [False, True]


def _trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_a_certificate_of_another_authority_is_a_sentence(make: Make, start: Start) -> None:
    server = start(context=demanding(AT_HOME, clients=OTHERS))

    error = failure(make(server), server.url)

    # Under TLS 1.3 the refusal may be lost when the server hangs up at once.
    assert re.search("does not trust the certificate that Parley showed|If it asks for a client cert", error.message)


def test_a_client_certificate_that_has_ended_is_not_even_shown(make: Make, start: Start) -> None:
    server = start(context=demanding(AT_HOME, clients=CLIENTS))
    ended = CLIENTS.issue_cert("parley@acme.test", not_after=day(-1))
    credential = make(server, key_store=text(p12(ended)))

    error = failure(credential, server.url)

    assert (error.kind, server.connections) == ("credential", 0)
    assert "The client certificate ended on" in error.message
    assert health.of(credential).text.startswith("Certificate ended on")


def test_a_trust_certificate_that_has_ended_is_told_before_the_server_is_blamed(make: Make, start: Start) -> None:
    server = start(context=demanding(AT_HOME, clients=CLIENTS))
    ended = SERVERS.issue_cert("old.test", not_after=day(-2)).cert_chain_pems[0].bytes()
    credential = make(server, trust=text(ended))

    assert "The trust certificate ended on" in failure(credential, server.url).message
    assert health.of(credential).text.startswith("Trust certificate ended on")
    assert server.connections == 0


def no_intermediate() -> trustme.LeafCert:
    leaf = SERVERS.create_child_ca().issue_cert("127.0.0.1")
    del leaf.cert_chain_pems[1:]
    leaf.private_key_and_cert_chain_pem._data = leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes()
    return leaf


SERVER_FAULTS: list[tuple[str, Callable[[], trustme.LeafCert], dict[str, str]]] = [
    ("its certificate has expired", lambda: SERVERS.issue_cert("127.0.0.1", not_after=day(-1)), {}),
    ("its certificate is for another", lambda: SERVERS.issue_cert("10.1.1.1"), {}),
    ("or the server leaves out the intermediate one", no_intermediate, {}),
    ("authority that is not trusted here", lambda: OTHERS.issue_cert("127.0.0.1"), {}),
    ("authority that is not trusted here", lambda: AT_HOME, {"trust": ""}),
]


@pytest.mark.parametrize(("sentence", "leaf", "values"), SERVER_FAULTS)
def test_a_server_that_cannot_be_trusted_is_a_sentence(
    make: Make, start: Start, sentence: str, leaf: Callable[[], trustme.LeafCert], values: dict[str, str]
) -> None:
    server = start(context=demanding(leaf(), clients=CLIENTS))

    error = failure(make(server, **values), server.url)

    assert sentence in error.message
    assert (error.kind, error.permanent, server.requests) == ("network", True, [])


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize(
    ("offered", "allowed"),
    [(ssl.TLSVersion.TLSv1_1, ""), (TLS12, "1.3"), (TLS13, "1.2")],
)
def test_no_version_in_common_is_a_sentence(make: Make, start: Start, offered: ssl.TLSVersion, allowed: str) -> None:
    server = start(context=demanding(AT_HOME, clients=CLIENTS, versions=(offered, offered)))

    error = failure(make(server, protocols=allowed), server.url)

    assert "offers no TLS version that is safe to use (1.2 or newer) and that the credential allows" in error.message
    assert error.permanent


def test_a_certificate_is_not_asked_of_an_open_connection(make: Make, start: Start) -> None:
    server = start()

    assert "needs an encrypted connection" in failure(make(server), server.url).message


REFUSED: list[tuple[dict[str, str], str, str]] = [
    ({"key_store_password": "wrong"}, "key_store_password", "does not open"),
    ({"key_store": text(pem(LEAF, password=PASSWORD)), "key_store_password": ""}, "key_store_password", "Enter it"),
    ({"key_store": text(pem(LEAF, password=PASSWORD)), "key_store_password": "no"}, "key_store_password", "wrong"),
    ({"key_store": text(LEAF.cert_chain_pems[0].bytes())}, "key_store", "no private key"),
    ({"key_store": text(LEAF.private_key_pem.bytes())}, "key_store", "no certificate"),
    ({"key_store": text(LEAF.private_key_pem.bytes() + AT_HOME.cert_chain_pems[0].bytes())}, "key_store", "belongs"),
    ({"key_store": text(b"\xfe\xed\xfe\xed\0\0\0\2")}, "key_store_password", "does not open"),
    ({"key_store": text(b"\xce\xce\xce\xce\0\0\0\2")}, "key_store", "keytool -importkeystore"),
    ({"key_store": text(jks(LEAF)), "key_store_password": "wrong"}, "key_store_password", "does not open"),
    ({"key_store": text(jks(LEAF)), "key_store_password": ""}, "key_store_password", "Enter it"),
    ({"key_store": text(jks(LEAF, key_password="other"))}, "key_store_password", "keytool -keypasswd"),
    ({"key_store": text(jks(LEAF, keys=2))}, "key_store", "holds 2 private keys"),
    ({"key_store": text(jks_trust(SERVERS))}, "key_store", "holds no private keys"),
    ({"trust": text(jks(LEAF)), "trust_password": PASSWORD}, "trust", "no certificate to trust"),
    ({"trust": text(jks_trust(SERVERS)), "trust_password": "wrong"}, "trust_password", "does not open"),
    ({"key_store": text(b"hello")}, "key_store_password", "no .p12, .pfx, .jks or PEM file"),
    ({"key_store": ""}, "key_store", "needed"),
    ({"trust": text(b"hello")}, "trust_password", "does not open"),
    ({"trust": text(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----")}, "trust", "can be read"),
    ({"protocols": "1.1"}, "protocols", "Choose one"),
]


@pytest.mark.parametrize(("values", "field", "words"), REFUSED)
def test_files_that_cannot_be_used_are_refused_when_uploaded(
    make: Make, values: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(kinds.BadValue) as caught:
        make(**values)

    assert (caught.value.field, words in caught.value.message) == (field, True), caught.value.message


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (200, "ok", "Ready, certificate ends on"),
        (29, "warn", "Certificate ends on"),
        (-1, "bad", "Certificate ended on"),
    ],
)
def test_the_end_of_a_certificate_is_shown_and_warned_of(make: Make, days: float, level: str, words: str) -> None:
    leaf = CLIENTS.issue_cert("parley@acme.test", not_after=day(days))

    found = health.of(make(key_store=text(p12(leaf))))

    assert (found.level, found.text.startswith(words)) == (level, True)


def test_the_test_opens_the_key_store(make: Make, owner: User) -> None:
    found = trial.key_store(make(), actor=owner)

    assert found.ok
    assert "The key store opens. The certificate of CN=parley," in found.message


def test_a_trust_certificate_can_be_taken_out_again(make: Make, owner: User) -> None:
    credential = make()
    same = {"actor": owner, "name": "Bank", "allowed_hosts": []}

    after = vault.change(credential, values={}, removed=["trust"], **same)

    assert set(after.secrets_set_at) == {"key_store", "key_store_password"}
    assert "trust_ends_at" not in after.public
    assert vault.change(after, values={}, **same).public == after.public
