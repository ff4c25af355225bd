"""The door out against real servers on loopback: connecting, answers, limits, pools, secrets."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import trustme

from credentials import egress, wire
from tests.services.egress_servers import Exchange, Handler, RawServer

LOOPBACK = wire.Policy(loopback=True)
SECRET = "t0ken-that-nobody-sees"
Start = Callable[..., RawServer]


@dataclass(frozen=True)
class TokenSigner:
    hosts: tuple[str, ...]
    pool: str = "token"
    secrets: tuple[str, ...] = (SECRET,)

    def sign(self, request: wire.Outgoing) -> wire.Outgoing:
        return wire.Outgoing(
            request.method, request.url, (*request.headers, ("Authorization", f"Bearer {SECRET}")), request.body
        )


@pytest.fixture
def start() -> Iterator[Start]:
    servers: list[RawServer] = []

    def run(handler: Handler = Exchange.answer, **options: object) -> RawServer:
        servers.append(RawServer(handler, **options))
        return servers[-1]

    yield run
    for server in servers:
        server.close()


def options(seconds: float = 5.0, **values: object) -> wire.SendOptions:
    return wire.SendOptions(deadline=time.monotonic() + seconds, **values)


def get(
    url: str, *, door: egress.Door | None = None, signer: wire.Signer | None = None, **values: object
) -> wire.Incoming:
    request = wire.Outgoing("GET", url)
    return (door or egress.Door()).send(request, LOOPBACK, signer, values.pop("options", None) or options(**values))


def failure(url: str, **values: object) -> wire.CallError:
    with pytest.raises(wire.CallError) as caught:
        get(url, **values)
    return caught.value


def raw(data: bytes, *, stay: bool = False) -> Handler:
    def handler(exchange: Exchange) -> None:
        exchange.send(data)
        if stay:
            exchange.until_gone()
        else:
            exchange.sock.close()

    return handler


# What goes out


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


# What comes back


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


# Misbehaving servers


def drip(data: bytes, then: bytes) -> Handler:
    def handler(exchange: Exchange) -> None:
        exchange.send(data)
        while not exchange.server.gone.wait(0.02):
            exchange.send(then)

    return handler


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = {
    "silence": Exchange.until_gone,
    "slow headers": drip(OK, b"X-A: b\r\n"[:1]),
    "slow status line": drip(b"", b"H"),
    "slow body": drip(OK + b"Content-Length: 100000\r\n\r\n", b"x"),
    "slow chunks": drip(CHUNKED, b"1\r\nx\r\n"),
    "slow chunk size": drip(CHUNKED, b"0"),
    "slow trailers": drip(CHUNKED + b"0\r\n", b"T: x\r\n"),
    "endless 100 Continue": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "until closed": drip(OK + b"\r\n", b"x"),
}


@pytest.mark.parametrize("kind", SLOW)
def test_no_answer_outlasts_the_deadline(start: Start, kind: str) -> None:
    server = start(SLOW[kind])

    error = failure(server.url, seconds=0.4)

    assert error.kind == "timeout"
    assert error.connected
    assert "took too long" in error.message
    assert server.gone.wait(5)


def test_a_server_that_never_finishes_the_handshake_is_given_up(start: Start) -> None:
    server = start(Exchange.until_gone, speaks_first=True)

    error = failure(server.url.replace("http:", "https:"), seconds=0.4)

    assert error.kind == "timeout"
    assert not error.connected


def test_a_lookup_that_hangs_is_given_up() -> None:
    release = threading.Event()

    error = failure(
        "http://slow.example.test/", door=egress.Door(ask=lambda host, port: release.wait(10) and []), seconds=0.3
    )

    release.set()
    assert error.kind == "timeout"
    assert "looking up slow.example.test" in error.message


def test_a_cancelled_call_lets_go(start: Start) -> None:
    cancelled = threading.Event()

    def handler(exchange: Exchange) -> None:
        cancelled.set()
        exchange.until_gone()

    server = start(handler)

    error = failure(server.url, options=options(30, cancelled=cancelled.is_set))

    assert error.kind == "timeout"
    assert error.message == "The call was cancelled."
    assert server.gone.wait(5)


SMALL = wire.Limits(body_bytes=100_000, header_bytes=20_000)
BOMB = gzip.compress(b"\0" * 50_000_000)
READ_WHOLE = ("gzip bomb", "deflate bomb")
LARGE = {
    "declared length": raw(OK + b"Content-Length: 100001\r\n\r\n", stay=True),
    "endless body": drip(OK + b"\r\n", b"x" * 60_000),
    "endless chunks": drip(CHUNKED, b"fde8\r\n" + b"x" * 65_000 + b"\r\n"),
    "one endless chunk": drip(CHUNKED + b"ffffffff\r\n", b"x" * 60_000),
    "endless trailers": drip(CHUNKED + b"0\r\n", b"T: x\r\n" * 10_000),
    "gzip bomb": lambda exchange: exchange.answer(BOMB, Content_Encoding="gzip"),
    "deflate bomb": lambda exchange: exchange.answer(zlib.compress(b"\0" * 50_000_000), Content_Encoding="deflate"),
    "endless header": drip(OK + b"X-A: ", b"x" * 10_000),
    "endless headers": drip(OK, b"X-A: " + b"x" * 200 + b"\r\n"),
    "large interim answers": drip(b"", b"HTTP/1.1 103 Hi\r\nX-A: " + b"x" * 5_000 + b"\r\n\r\n"),
    "endless status line": drip(b"HTTP/1.1 200 ", b"x" * 10_000),
}


@pytest.mark.parametrize("kind", LARGE)
def test_an_answer_that_is_too_large_is_cut_off(start: Start, kind: str) -> None:
    server = start(LARGE[kind])

    error = failure(server.url, options=options(20, limits=SMALL))

    assert error.kind == "too_large"
    assert kind in READ_WHOLE or server.gone.wait(5)


def test_an_answer_just_within_the_limit_is_read(start: Start) -> None:
    server = start(lambda exchange: exchange.answer(b"x" * 100_000, X_Long="y" * 15_000))

    assert len(get(server.url, options=options(limits=SMALL)).body) == 100_000


BROKEN = {
    "short body": raw(OK + b"Content-Length: 10\r\n\r\nhello"),
    "short chunk": raw(CHUNKED + b"5\r\nhe"),
    "no last chunk": raw(CHUNKED + b"5\r\nhello\r\n"),
    "negative chunk size": raw(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "endless chunk size": drip(CHUNKED, b"0" * 60_000),
    "endless trailer line": drip(CHUNKED + b"0\r\n", b"x" * 60_000),
    "bad chunk size": raw(CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"),
    "closed in the headers": raw(OK + b"Content-Ty"),
    "closed after the status": raw(OK),
    "closed before anything": raw(b""),
    "no HTTP": raw(b"220 mail.example ESMTP\r\n"),
    "switching protocols": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "truncated gzip": lambda exchange: exchange.answer(gzip.compress(b"hello" * 1000)[:-9], Content_Encoding="gzip"),
    "damaged gzip": lambda exchange: exchange.answer(b"\x1f\x8b\x08 not really", Content_Encoding="gzip"),
    "a million empty gzip parts": lambda exchange: exchange.answer(gzip.compress(b"") * 5_000, Content_Encoding="gzip"),
    "unknown encoding": lambda exchange: exchange.answer(b"xxx", Content_Encoding="br"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_answer_is_a_network_error_and_never_a_result(start: Start, kind: str) -> None:
    server = start(BROKEN[kind])

    error = failure(server.url)

    assert error.kind == "network"
    assert error.message.endswith(".")
    assert "Traceback" not in error.message
    assert error.connected


def test_a_refused_connection_says_so_and_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = failure(f"http://127.0.0.1:{port}/")

    assert error.message.startswith(f"127.0.0.1 port {port} refused the connection.")
    assert not error.connected


@pytest.mark.parametrize(("code", "words"), [(socket.EAI_NONAME, "does not exist"), (socket.EAI_AGAIN, "just now")])
def test_an_unknown_name_says_so(code: int, words: str) -> None:
    def ask(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        raise socket.gaierror(code, "x")

    error = failure("http://nowhere.example.test/", door=egress.Door(ask=ask))

    assert error.kind == "network"
    assert words in error.message


# Encryption


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

    assert error.kind == "network"
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


# Connections and credentials


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
    server = start(raw(b"HTTP/1.1 200 OK\r\n: odd\r\nno colon\r\nContent-Length: 0\r\n\r\n"))

    get(f"{server.url}/private?token=abc")

    assert "private" not in caplog.text
    assert "token" not in caplog.text
