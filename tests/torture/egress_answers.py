"""Odd answers of name servers, answers that hint at another address, headers that would change where a call goes."""

from __future__ import annotations

import socket
import time
from functools import partial
from pathlib import Path

import pytest

from credentials import wire
from credentials.net import resolving
from integrations.engine.spec import Row
from tests.services.egress_calls import Start
from tests.services.egress_servers import RawServer
from tests.torture.case import Case, expect
from tests.torture.doors import Ways, answering
from tests.torture.egress_ways import only


def _fails(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    raise UnicodeError("label too long")


def _hangs(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    time.sleep(8)
    return []


LOOKUPS: dict[str, resolving.Lookup] = {
    "nothing": lambda host, port: [],
    "an address with a zone": lambda host, port: [(socket.AF_INET6, ("fe80::1%lo", port))],
    "loopback in IPv6": answering("::ffff:127.0.0.1"),
    "an IPv4 address as an IPv6 one": lambda host, port: [(socket.AF_INET6, ("127.0.0.1", port))],
    "what is no address": answering("not an address"),
    "an octal address": answering("0177.0.0.1"),
    "loopback behind ten thousand others": answering(*["93.184.216.34"] * 10_000, "127.0.0.1"),
    "an error that is none of its own": _fails,
    "nothing for a long time": _hangs,
}


def fails_by_name(*, ask: resolving.Lookup) -> None:
    ended = Ways(ask=ask, seconds=1.0).by_call("http://api.example.test/")
    expect(ended.kind in ("egress", "network", "timeout"), f"It ended as {ended}")
    expect(ended.message.endswith("."), f"It says {ended.message}")


HINTS = {
    "300 with a Location": "300 Multiple\r\nLocation: http://127.0.0.1:PORT/",
    "304 with a Location": "304 Not Modified\r\nLocation: http://127.0.0.1:PORT/",
    "305, which names a proxy": "305 Use Proxy\r\nLocation: http://127.0.0.1:PORT/",
    "201 with a Location": "201 Created\r\nLocation: http://127.0.0.1:PORT/",
    "401 with a Location": "401 Unauthorized\r\nLocation: http://127.0.0.1:PORT/",
    "407, which asks for a proxy's password": "407 X\r\nProxy-Authenticate: Basic\r\nLocation: http://127.0.0.1:PORT/",
    "a Refresh header": "200 OK\r\nRefresh: 0; url=http://127.0.0.1:PORT/",
    "another service": '200 OK\r\nAlt-Svc: http/1.1="127.0.0.1:PORT"; ma=3600',
    "a second Location": "302 X\r\nLocation: /next\r\nLocation: http://127.0.0.1:PORT/",
    "a second Location before it": "302 X\r\nLocation: http://127.0.0.1:PORT/\r\nLocation: /next",
    "a Location with a tab in its scheme": "302 X\r\nLocation: ht\ttp://127.0.0.1:PORT/",
    "a Location folded over lines": "302 X\r\nLocation:\r\n http://127.0.0.1:PORT/",
    "a Location with a zero byte": "302 X\r\nLocation: http://127.0.0.1:PORT/\0",
    "a Location without a slash": "302 X\r\nLocation: http:127.0.0.1:PORT/",
    "a Location of three slashes": "302 X\r\nLocation: ///127.0.0.1:PORT/",
    "a Location with percent signs": "302 X\r\nLocation: //127%2e0%2e0%2e1:PORT/",
    "a Location in a zone": "302 X\r\nLocation: http://[::1%25lo]:PORT/",
}


def is_not_led_away(start: Start, canary: RawServer, *, hint: str) -> None:
    before, answer = canary.connections, f"HTTP/1.1 {hint}\r\nContent-Length: 0\r\n\r\n"
    site = start(lambda exchange: exchange.send(answer.replace("PORT", str(canary.port)).encode()))
    ways = Ways(policy=only(site))
    for ended in (ways.by_door(site.url), ways.by_call(site.url), ways.by_door(site.url)):
        expect(not ended.kind or ended.message.endswith("."), f"It says {ended.message}")
    expect(canary.connections == before, "The hint was followed.")


FRAMING = (
    *("Host", "Content-Length", "Transfer-Encoding", "transfer-encoding ", "Connection", "Upgrade", "Expect", "TE"),
    *("Proxy-Authorization", "Proxy-Connection", "Trailer", "Keep-Alive", "\u212aeep-Alive"),
    *("X A", "X:A", "X\nHost", "Host:", "H\x00st", ""),
)


def sends_no_framing(start: Start, *, name: str) -> None:
    """The author's row must not choose the virtual host, nor where the request ends."""
    server = start()
    ended = Ways(policy=only(server)).by_call(server.url, headers=(Row(name, "evil"),), method="POST", body="{}")
    expect(ended.kind == "request" or not name, f"It ended as {ended}")
    expect(not any(b"evil" in request for request in server.requests), "The header was sent.")


def reads_no_password_file(start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("default login operator password s3cret\n")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server = start()
    Ways(policy=only(server)).by_call(server.url)
    expect(server.requests and b"uthorization" not in server.requests[0], f"It sent {server.requests}")


def keeps_to_the_address_of_its_policy(start: Start) -> None:
    """A connection that is kept open serves its own host only, although the other name leads to the same machine."""
    server = start()
    ways = Ways(policy=wire.Policy((wire.Destination("open.example.test", server.port),)))
    first = ways.by_door(f"http://open.example.test:{server.port}/")
    second = ways.by_door(f"http://closed.example.test:{server.port}/")
    expect(first.kind == "" and second.kind == "egress", f"They ended as {first} and {second}")


CASES = [
    *(
        Case(
            f"name servers that answer {name}",
            "The call fails with a sentence, within its time.",
            partial(fails_by_name, ask=ask),
            seconds=20,
        )
        for name, ask in LOOKUPS.items()
    ),
    *(
        Case(f"answer that hints at loopback by {name}", "It is not followed.", partial(is_not_led_away, hint=hint))
        for name, hint in HINTS.items()
    ),
    *(
        Case(
            f"request header {name!r} of an author",
            "It is refused with a sentence; an empty row is left out.",
            partial(sends_no_framing, name=name),
        )
        for name in FRAMING
    ),
    Case("passwords in the operator's .netrc", "They are not read.", reads_no_password_file),
    Case("a kept connection and another name", "It is not used for it.", keeps_to_the_address_of_its_policy),
]
