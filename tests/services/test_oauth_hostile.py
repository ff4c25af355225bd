"""Token endpoints that drip, flood, hang up or never end, over TLS: each is bounded, and costs no token."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Callable

import pytest
import trustme

from credentials.net import oauth
from credentials.services import health
from tests.services.egress_calls import CHUNKED, OK, Start, drip, raw, running_servers  # noqa: F401
from tests.services.egress_servers import Exchange, RawServer
from tests.services.oauth_credentials import Office, again, held
from tests.services.test_egress_hostile import SLOW

BOMB = gzip.compress(b'{"access_token": "' + b"a" * 50_000_000)
FAULTS: dict[str, tuple[Callable[[Exchange], None], str]] = {
    "hangs up": (lambda exchange: exchange.sock.close(), "closed the connection"),
    "breaks off": (raw(OK + b'Content-Length: 400\r\n\r\n{"access_token": "half'), "breaks off"),
    "no HTTP": (raw(b"220 mail.example.test ESMTP\r\n"), "not valid HTTP"),
    "bad chunk": (raw(CHUNKED + b"zz\r\nx\r\n"), "not valid HTTP"),
    "endless header": (drip(OK + b"X-A: ", b"x" * 30_000), "headers"),
    "endless headers": (drip(OK, b"X-A: " + b"x" * 8_000 + b"\r\n"), "headers"),
    "endless body": (drip(OK + b"\r\n", b'{"a": "' + b"x" * 60_000), "larger than"),
    "gzip bomb": (
        raw(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB),
        "larger than",
    ),
}


@pytest.fixture
def hostile(start: Start, authority: trustme.CA) -> Callable[[Callable[[Exchange], None]], RawServer]:
    """Start a token endpoint that answers as the test says, behind the authority that the office trusts."""

    def run(handler: Callable[[Exchange], None]) -> RawServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        return start(handler, context=context)

    return run


@pytest.mark.parametrize("kind", SLOW)
def test_no_token_endpoint_outlasts_its_seconds(
    office: Office, hostile: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(oauth, "SECONDS", 0.4)
    server = hostile(SLOW[kind])
    credential = office.authorized(left=-1, token_url=f"{server.url}/token")

    outcome = office.call(credential)

    assert outcome.kind == "credential"
    assert "took too long" in outcome.message
    assert server.gone.wait(5)
    assert held(credential).refresh_token == "r3fresh-1-t0ken"
    assert health.of(again(credential)).text == "Refreshing failed: tried again soon"


@pytest.mark.parametrize("kind", FAULTS)
def test_a_broken_token_endpoint_is_a_sentence_and_keeps_the_tokens(
    office: Office, hostile: Callable[..., RawServer], kind: str
) -> None:
    handler, words = FAULTS[kind]
    server = hostile(handler)
    credential = office.authorized(left=-1, token_url=f"{server.url}/token")

    outcome = office.call(credential)

    assert (outcome.kind, words in outcome.message) == ("credential", True), outcome.message
    assert held(credential).refresh_token == "r3fresh-1-t0ken"


def test_while_the_old_token_counts_a_broken_endpoint_costs_nothing(
    office: Office, hostile: Callable[..., RawServer]
) -> None:
    server = hostile(FAULTS["endless body"][0])
    credential = office.authorized(left=30, token_url=f"{server.url}/token")

    outcomes = [office.call(credential) for _ in range(5)]

    assert [outcome.ok for outcome in outcomes] == [True] * 5
    assert server.connections == 1  # then it has its rest


def test_an_expired_refresh_token_and_a_revoked_grant_end_in_the_same_plain_request(office: Office) -> None:
    credential = office.authorized(left=-1)
    office.server.refresh_tokens.clear()

    outcome = office.call(credential)

    assert "invalid_grant" in outcome.message
    assert outcome.message.endswith("Reauthorize.")
    assert health.of(again(credential)).remedy == "authorize"


def test_a_token_that_was_revoked_before_its_time_is_noticed_by_the_api_and_renewed(office: Office) -> None:
    credential = office.authorized(age=600, left=3000)
    office.server.revoke()

    assert office.call(credential).ok
    assert held(credential).obtained_at > time.time() - 60
