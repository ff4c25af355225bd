"""Encrypted connections: which servers are trusted, and what a fault says."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from credentials import egress
from tests.services.egress_calls import (
    Start,
    failure,
    get,
    raw,
    running_servers,  # noqa: F401
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> egress.Door:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return egress.Door(ask=lambda host, port: [(socket.AF_INET, ("127.0.0.1", port))], trust=lambda: context)


def test_a_certificate_is_checked_against_the_name_in_the_url(start: Start, authority: trustme.CA) -> None:
    server = start(context=server_context(authority, "api.example.test"))
    door = trusting(authority)

    good = [get(f"https://api.example.test.:{server.port}/", door=door) for _ in range(2)]
    bad = failure(f"https://other.example.test:{server.port}/", door=door)

    assert good[0].hops[0].tls_ms is not None
    assert good[1].hops[0].tls_ms is None
    assert "its certificate is for another host name" in bad.message


def test_an_unknown_authority_is_refused(start: Start, authority: trustme.CA) -> None:
    server = start(context=server_context(authority, "127.0.0.1"))

    error = failure(server.url)

    assert (error.kind, error.permanent) == ("network", True)
    assert "cannot be trusted" in error.message
    assert not error.connected


def test_plain_http_behind_https_says_what_to_check(start: Start) -> None:
    server = start(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", stay=True), speaks_first=True)

    error = failure(server.url.replace("http:", "https:"))

    assert error.kind == "network"
    assert "does not speak TLS on this port" in error.message


def test_the_ca_bundle_of_the_environment_is_not_trusted(
    start: Start, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "ca.pem"))
    server = start(context=server_context(authority, "127.0.0.1"))

    assert "cannot be trusted" in failure(server.url).message
