"""The door out against real servers on loopback: what leaves, what comes back, who shares a connection."""

from __future__ import annotations

import gzip
import logging
import socket
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from credentials import egress, wire
from credentials.net import connections
from tests.services.egress_calls import (
    LOOPBACK,
    SECRET,
    Start,
    TokenSigner,
    failure,
    get,
    options,
    raw,
    running_servers,  # noqa: F401
)


def test_a_request_arrives_as_it_was_given(start: Start) -> None:
    server = start()
    request = wire.Outgoing("POST", f"{server.url}/a%2Fb?x=1&x=2", (("X-One", "1"), ("X-One", "zwei ü")), b"body")

    egress.Door().send(request, LOOPBACK, None, options())

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%2Fb?x=1&x=2 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}".encode() in head
    assert b"X-One: 1\r\nX-One: zwei \xc3\xbc" in head
    assert b"Content-Length: 4" in head
    assert body == b"body"


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade"])
def test_the_headers_of_the_connection_are_ours(start: Start, name: str) -> None:
    server = start()

    egress.Door().send(wire.Outgoing("GET", server.url, ((name, "evil"),)), LOOPBACK, None, options())

    assert b"evil" not in server.requests[0]


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\x00b", "a\rb"])
def test_a_header_cannot_smuggle_another(start: Start, value: str) -> None:
    server = start()

    with pytest.raises(wire.CallError) as caught:
        egress.Door().send(wire.Outgoing("GET", server.url, (("X-A", value),)), LOOPBACK, None, options())

    assert "control character" in caught.value.message
    assert not server.requests


def test_the_environment_is_ignored(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password from-netrc\n")
    server, proxy = start(), start()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "")

    get(server.url)

    assert not proxy.requests
    assert b"uthorization" not in server.requests[0]


def test_cookies_are_not_kept(start: Start) -> None:
    server = start(lambda exchange: exchange.answer(Set_Cookie="sid=1; Path=/"))
    door = egress.Door()

    get(server.url, door=door)
    get(server.url, door=door)

    assert b"cookie" not in server.requests[1].lower()


def test_an_answer_has_status_headers_body_and_times(start: Start) -> None:
    server = start(lambda exchange: exchange.answer(b'{"a": 1}', "404 Not Found", X_Id="7"))

    answer = get(server.url)

    hop = answer.hops[0]
    assert (answer.status, answer.body) == (404, b'{"a": 1}')
    assert ("X-Id", "7") in answer.headers
    assert (hop.address, hop.connected, hop.dns_ms, hop.tls_ms) == ("127.0.0.1", True, None, None)
    assert hop.connect_ms is not None
    assert hop.first_byte_ms is not None
    assert hop.total_ms >= hop.first_byte_ms


def test_a_name_is_connected_to_the_address_that_was_checked(start: Start) -> None:
    server = start()
    asked = []

    def ask(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        asked.append(host)
        return [(socket.AF_INET, ("127.0.0.1", port))]

    answer = get(f"http://api.example.test:{server.port}/", door=egress.Door(ask=ask))

    assert asked == ["api.example.test"]
    assert f"Host: api.example.test:{server.port}".encode() in server.requests[0]
    assert answer.hops[0].dns_ms is not None


def test_a_name_that_changes_between_calls_is_checked_again(start: Start) -> None:
    server = start(lambda exchange: exchange.answer(Connection="close"))
    answers = iter(["127.0.0.1", "169.254.169.254"])
    door = egress.Door(ask=lambda host, port: [(socket.AF_INET, (next(answers), port))])

    get(f"http://rebind.example.test:{server.port}/", door=door)
    second = failure(f"http://rebind.example.test:{server.port}/", door=door)

    assert second.kind == "egress"
    assert len(server.requests) == 1


def test_a_policy_without_the_permission_does_not_reuse_a_connection_that_had_it(start: Start) -> None:
    server = start()
    door = egress.Door()
    get(server.url, door=door)

    with pytest.raises(wire.CallError) as caught:
        door.send(wire.Outgoing("GET", server.url), wire.Policy(), None, options())

    assert caught.value.kind == "egress"
    assert not caught.value.connected


def test_the_second_address_is_tried_when_the_first_refuses(start: Start) -> None:
    server = start()
    ask = lambda host, port: [(socket.AF_INET, ("127.0.0.9", port)), (socket.AF_INET, ("127.0.0.1", port))]  # noqa: E731

    assert get(f"http://two.example.test:{server.port}/", door=egress.Door(ask=ask)).status == 200


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"hello " * 100)),
        ("deflate", zlib.compress(b"hello " * 100)),
        ("deflate", zlib.compress(b"hello " * 100)[2:-4]),
        ("gzip", gzip.compress(b"hello " * 50) + gzip.compress(b"hello " * 50)),
    ],
)
def test_compressed_answers_are_read(start: Start, coding: str, body: bytes) -> None:
    server = start(lambda exchange: exchange.answer(body, Content_Encoding=coding))

    assert get(server.url).body == b"hello " * 100


def test_chunked_answers_are_read_and_the_connection_is_kept(start: Start) -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nTrailer: t\r\n\r\n"
    server = start(lambda exchange: exchange.send(data))
    door = egress.Door()

    bodies = [get(server.url, door=door).body for _ in range(2)]

    assert bodies == [b"hello!", b"hello!"]
    assert server.connections == 1


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]
)
def test_interim_answers_are_skipped(start: Start, interim: bytes) -> None:
    server = start(raw(interim + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))

    assert get(server.url).body == b"ok"


def test_a_head_request_has_no_body_and_keeps_the_connection(start: Start) -> None:
    server = start(lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n"))
    door = egress.Door()

    for _ in range(2):
        answer = door.send(wire.Outgoing("HEAD", server.url), LOOPBACK, None, options())
        assert (answer.status, answer.body) == (200, b"")
    assert server.connections == 1


def test_connections_are_kept_but_never_shared_between_credentials(start: Start) -> None:
    server = start()
    door = egress.Door()
    hosts = (f"127.0.0.1:{server.port}",)

    for signer in (TokenSigner(hosts, "a"), TokenSigner(hosts, "a"), TokenSigner(hosts, "b"), None, None):
        get(server.url, door=door, signer=signer)

    assert server.connections == 3


@pytest.mark.parametrize("hosts", [(), ("api.example.test",), ("127.0.0.1",), ("127.0.0.1:1",)])
def test_a_credential_is_sent_only_where_it_may_go(start: Start, hosts: tuple[str, ...]) -> None:
    server = start()

    error = failure(server.url, signer=TokenSigner(hosts))

    assert error.kind == "credential"
    assert not server.connections


def test_a_secret_is_in_no_error_no_log_and_no_record(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.connection", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    server = start(
        raw(
            b"HTTP/1.1 302 Found\r\nLocation: http://["
            + SECRET.encode()
            + b"\r\nBad header "
            + SECRET.encode()
            + b"\r\n\r\n"
        )
    )
    signer = TokenSigner((f"127.0.0.1:{server.port}",))

    error = failure(f"{server.url}/x?key={SECRET}", signer=signer)

    shown = repr((error, error.message, error.hops, error.sent, error.__cause__)) + caplog.text
    assert error.sent is not None
    assert SECRET not in shown
    assert "••••" in repr(error.sent)


def test_the_libraries_log_nothing_at_debug(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    for name in (
        "",
        "urllib3",
        "urllib3.connectionpool",
        "urllib3.connection",
        "requests",
        "requests_oauthlib",
        "oauthlib",
    ):
        caplog.set_level(logging.DEBUG, logger=name or None)
    fine = start(raw(b"HTTP/1.1 200 OK\r\nX-Odd: a\r\n b\r\nContent-Length: 0\r\n\r\n"))
    odd = start(raw(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"))

    get(f"{fine.url}/private?token=abc")
    failure(f"{odd.url}/private?token=abc")

    assert "private" not in caplog.text
    assert "token" not in caplog.text


def test_an_ipv6_address_is_called_with_its_brackets(start: Start) -> None:
    server = start(host="::1")
    signer = TokenSigner((f"[::1]:{server.port}",))

    answer = get(f"http://[0:0:0:0:0:0:0:1]:{server.port}/", signer=signer)

    assert answer.hops[0].address == "::1"
    assert f"Host: [::1]:{server.port}".encode() in server.requests[0]


@pytest.mark.parametrize("limit", ["IDLE_SECONDS", "LIFE_SECONDS"])
def test_a_connection_that_is_idle_or_old_is_not_used_again(
    start: Start, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    server = start()
    door = egress.Door()
    get(server.url, door=door)

    monkeypatch.setattr(connections, limit, -1.0)
    get(server.url, door=door)

    assert server.connections == 2


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(start: Start) -> None:
    server = start(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    door = egress.Door()

    get(server.url, door=door)
    server.gone.wait(5)

    assert get(server.url, door=door).body == b"ok"


def test_many_threads_share_the_door(start: Start) -> None:
    server = start()
    door = egress.Door()

    with ThreadPoolExecutor(16) as threads:
        bodies = list(threads.map(lambda number: get(f"{server.url}/{number}", door=door).body, range(200)))

    assert bodies == [b"ok"] * 200
    assert server.connections <= 16
