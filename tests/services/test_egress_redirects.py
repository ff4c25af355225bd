"""Redirects: each hop is checked again, and what is private stays with its host."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from credentials import egress, wire
from credentials.net import redirects
from tests.services.egress_calls import SECRET, TokenSigner
from tests.services.egress_servers import Exchange, RawServer


@dataclass
class Site:
    """A server whose paths redirect as told; everything else answers 200."""

    server: RawServer
    routes: dict[str, tuple[int, str]] = field(default_factory=dict)

    def answer(self, exchange: Exchange) -> None:
        path = self.server.requests[-1].split(b" ")[1].decode()
        if path not in self.routes:
            exchange.answer(b"arrived")
            return
        status, to = self.routes[path]
        exchange.answer(b"x" * 10, f"{status} Moved", Location=to, Set_Cookie="sid=1")


def make_site() -> Site:
    server = RawServer(lambda exchange: site.answer(exchange))
    site = Site(server)
    return site


@pytest.fixture
def site() -> Iterator[Site]:
    made = make_site()
    yield made
    made.server.close()


@pytest.fixture
def other() -> Iterator[Site]:
    made = make_site()
    yield made
    made.server.close()


def send(
    request: wire.Outgoing,
    *,
    signer: wire.Signer | None = None,
    policy: wire.Policy | None = None,
    door: egress.Door | None = None,
    **options: object,
) -> wire.Incoming:
    given = wire.SendOptions(deadline=time.monotonic() + 5, **options)
    return (door or egress.Door()).send(request, policy or wire.Policy(loopback=True), signer, given)


def host_of(site: Site) -> str:
    return f"127.0.0.1:{site.server.port}"


def last_head(site: Site) -> str:
    return site.server.requests[-1].decode("latin-1")


def test_a_redirect_is_followed_and_both_hops_are_recorded(site: Site) -> None:
    site.routes["/a"] = (302, "b?x=1#part")

    answer = send(wire.Outgoing("GET", f"{site.server.url}/a"))

    assert answer.body == b"arrived"
    assert [(hop.status, hop.redirected_to) for hop in answer.hops] == [(302, "b?x=1#part"), (200, "")]
    assert answer.sent.url == f"{site.server.url}/b?x=1"


def test_a_redirect_is_the_answer_when_none_shall_be_followed(site: Site) -> None:
    site.routes["/a"] = (302, "/b")

    answer = send(wire.Outgoing("GET", f"{site.server.url}/a"), follow_redirects=False)

    assert (answer.status, answer.body, len(answer.hops)) == (302, b"x" * 10, 1)


METHODS = [
    (301, "POST", "GET", False),
    (302, "POST", "GET", False),
    (303, "POST", "GET", False),
    (303, "PUT", "GET", False),
    (301, "PUT", "PUT", True),
    (302, "DELETE", "DELETE", True),
    (307, "POST", "POST", True),
    (308, "PATCH", "PATCH", True),
    (303, "HEAD", "HEAD", True),
    (302, "GET", "GET", True),
]


@pytest.mark.parametrize(("status", "before", "after", "body_kept"), METHODS)
def test_the_method_and_body_of_the_next_hop(status: int, before: str, after: str, body_kept: bool) -> None:
    request = wire.Outgoing(before, "https://a.test/x", (("Content-Type", "text/plain"), ("X-A", "1")), b"body")

    moved = redirects.follow(request, status=status, to="/y")

    assert moved.method == after
    assert (moved.body == b"body") is body_kept
    assert (("Content-Type", "text/plain") in moved.headers) is body_kept
    assert ("X-A", "1") in moved.headers


PRIVATE = (
    ("Authorization", "Basic x"),
    ("Cookie", "a=b"),
    ("X-Api-Key", "k"),
    ("X-Auth-Token", "t"),
    ("Accept", "*/*"),
)


@pytest.mark.parametrize("to", ["https://b.test/y", "http://a.test/y", "https://a.test:8443/y", "//b.test/y"])
def test_private_headers_stay_when_scheme_host_or_port_change(to: str) -> None:
    moved = redirects.follow(wire.Outgoing("GET", "https://a.test/x", PRIVATE), status=302, to=to)

    assert moved.headers == (("Accept", "*/*"),)


@pytest.mark.parametrize("to", ["/y", "https://a.test/y", "https://A.test:443/y", "?q"])
def test_private_headers_go_along_within_one_origin(to: str) -> None:
    moved = redirects.follow(wire.Outgoing("GET", "https://a.test/x", PRIVATE), status=302, to=to)

    assert moved.headers == PRIVATE


def test_the_credential_goes_along_to_hosts_that_it_names(site: Site, other: Site) -> None:
    site.routes["/a"] = (302, f"{other.server.url}/b")

    send(wire.Outgoing("GET", f"{site.server.url}/a"), signer=TokenSigner((host_of(site), host_of(other))))

    assert f"Authorization: Bearer {SECRET}" in last_head(other)


def test_the_credential_stays_when_the_redirect_leads_elsewhere(site: Site, other: Site) -> None:
    site.routes["/a"] = (307, f"{other.server.url}/b")

    answer = send(wire.Outgoing("POST", f"{site.server.url}/a", (), b"data"), signer=TokenSigner((host_of(site),)))

    assert answer.body == b"arrived"
    assert SECRET in last_head(site)
    assert "uthorization" not in last_head(other)


def test_a_secret_in_the_location_is_masked_in_the_record(site: Site) -> None:
    site.routes["/a"] = (302, f"/b?token={SECRET}")

    answer = send(wire.Outgoing("GET", f"{site.server.url}/a"), signer=TokenSigner((host_of(site),)))

    assert SECRET not in repr(answer.hops) + repr(answer.sent)


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://0x7f.1/",
        "file:///etc/passwd",
        "ftp://a.test/",
        "http://u:p@a.test/",
        "http://[::1",
        "http://10.0.0.5/",
    ],
)
def test_a_redirect_to_a_forbidden_destination_is_refused(site: Site, to: str) -> None:
    site.routes["/a"] = (302, to)

    with pytest.raises(wire.CallError) as caught:
        send(wire.Outgoing("GET", f"{site.server.url}/a"))

    assert caught.value.kind == "egress"
    assert caught.value.hops[0].status == 302


def test_a_redirect_to_a_name_is_resolved_and_checked(site: Site) -> None:
    site.routes["/a"] = (302, "http://inner.example.test/")
    door = egress.Door(ask=lambda host, port: [(socket.AF_INET, ("192.168.1.1", port))])

    with pytest.raises(wire.CallError) as caught:
        send(wire.Outgoing("GET", f"{site.server.url}/a"), door=door)

    assert "inner.example.test resolves to 192.168.1.1" in caught.value.message


def test_five_redirects_are_followed_and_a_sixth_is_not(site: Site) -> None:
    for number in range(6):
        site.routes[f"/{number}"] = (302, f"/{number + 1}")

    assert send(wire.Outgoing("GET", f"{site.server.url}/1")).body == b"arrived"
    with pytest.raises(wire.CallError) as caught:
        send(wire.Outgoing("GET", f"{site.server.url}/0"))

    assert caught.value.kind == "network"
    assert "more than 5 times" in caught.value.message
    assert len(caught.value.hops) == 6


def test_a_redirect_without_a_location_is_the_answer(site: Site) -> None:
    site.routes["/a"] = (302, "")

    assert send(wire.Outgoing("GET", f"{site.server.url}/a")).status == 302


def test_a_redirect_with_an_endless_body_is_followed_without_reading_it() -> None:
    def handler(exchange: Exchange) -> None:
        if b"GET /end" in exchange.server.requests[-1]:
            exchange.answer(b"arrived")
            return
        exchange.send(b"HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 99999999\r\n\r\n")

    server = RawServer(handler)

    answer = send(wire.Outgoing("GET", server.url))

    server.close()
    assert answer.body == b"arrived"


def test_a_credential_is_not_sent_in_clear_after_an_encrypted_hop() -> None:
    journey = egress._Journey(egress.Door(), wire.Policy(), TokenSigner(("a.test",)), wire.SendOptions(deadline=0))
    journey.hops.append(wire.Hop("GET", "https://a.test/"))
    journey._was_secure = True

    assert journey._signer_for(egress.urls.parse("http://a.test/")) is None
    assert journey._signer_for(egress.urls.parse("https://a.test/")) is not None
