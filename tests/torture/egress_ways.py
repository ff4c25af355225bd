"""Ways around the egress policy other than spelling: redirects, changing names, proxies, variables."""

from __future__ import annotations

import os
from functools import partial

import pytest

from credentials import wire
from tests.services.egress_calls import Start
from tests.services.egress_servers import Exchange, RawServer
from tests.torture.case import Case, expect
from tests.torture.doors import STRICT, Ways, answering

ARRIVED = "arrived"


def only(server: RawServer, *, host: str = "127.0.0.1") -> wire.Policy:
    """A policy whose one rule opens one server."""
    return wire.Policy(allowed=(wire.Destination(host, server.port),))


def redirecting(start: Start, location: str, *, status: int = 302, steps: int = 1) -> RawServer:
    """A server that leads to the location after so many steps of its own."""

    def handler(exchange: Exchange) -> None:
        number = len(server.requests)
        to = location.encode().decode("latin-1") if number >= steps else f"/step/{number}"
        exchange.answer(b"", f"{status} Moved", Location=to)

    server = start(handler)
    return server


def blocks_redirect(start: Start, canary: RawServer, *, to: str, status: int, method: str, steps: int = 1) -> None:
    before = canary.connections
    site = redirecting(start, to.replace("PORT", str(canary.port)), status=status, steps=steps)
    ways = Ways(policy=only(site))
    body = b"data" if method == "POST" else None

    ended = [ways.by_door(site.url, method=method, body=body)]

    site.requests.clear()
    ended.append(ways.by_call(site.url, method=method, body="data" if body else ""))
    for one in ended:
        expect(one.kind and one.message.endswith("."), f"{one.way} ended as {one.kind} {one.message} {one.body[:80]}")
    expect("root:" not in ended[0].body + ended[1].body, "A file of the machine was read.")
    expect(canary.connections == before, "The redirect was followed.")


LOCATIONS = {
    "to loopback": "http://127.0.0.1:PORT/",
    "to loopback in hexadecimal": "http://0x7f.1:PORT/",
    "to loopback by IPv6": "http://[::ffff:127.0.0.1]:PORT/",
    "to a name that leads to loopback": "http://inner.example.test:PORT/",
    "without a scheme": "//127.0.0.1:PORT/",
    "with a user name": "http://example.test@127.0.0.1:PORT/",
    "with a backslash": "/\\127.0.0.1:PORT/",
    "with two backslashes": "\\\\127.0.0.1:PORT/",
    "to metadata": "http://169.254.169.254/latest/meta-data/",
    "to a file": "file:///etc/passwd",
    "to file transfer": "ftp://127.0.0.1:PORT/",
    "to gopher": "gopher://127.0.0.1:PORT/_x",
    "to a script": "javascript:alert(1)",
    "to data": "data:text/plain,hello",
    "to a broken address": "http://[::1",
    "to full-width digits": "http://１２７.０.０.１:PORT/",
}


def checks_the_address_it_connects_to(start: Start) -> None:
    """The name leads to the open address when it is asked first and to a closed one ever after."""
    server = start(lambda exchange: exchange.answer(ARRIVED.encode(), Connection="close"))
    asked: list[str] = []

    def ask(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        asked.append(host)
        return answering("127.0.0.1" if len(asked) == 1 else "127.0.0.2")(host, port)

    ways = Ways(policy=only(server), ask=ask)
    first, second = (ways.by_door(f"http://rebind.example.test:{server.port}/") for _ in range(2))
    expect(first.body == ARRIVED, f"The open address was not reached: {first}")
    expect(second.kind == "egress", f"The changed name was not checked again: {second}")
    expect(
        len(asked) == 2, f"The name was asked for {len(asked)} times in two calls: an answer was not the one checked."
    )


def refuses_mixed_answers(start: Start, *, found: tuple[str, ...]) -> None:
    server = start()
    ended = Ways(policy=only(server), ask=answering(*found)).by_door(f"http://mixed.example.test:{server.port}/")
    expect(ended.kind == "egress", f"It ended as {ended}")
    expect(not server.connections, "The open one of the addresses was called.")


def keeps_no_connection_for_another_policy(start: Start) -> None:
    server = start()
    open_ways = Ways(policy=only(server))
    open_ways.by_door(server.url)
    closed = Ways(policy=STRICT)
    closed.door = open_ways.door
    expect(closed.by_door(server.url).kind == "egress", "A kept connection served a policy that forbids it.")


def ignores_the_environment(start: Start, canary: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server, before = start(lambda exchange: exchange.answer(ARRIVED.encode())), canary.connections
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, canary.url)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.delenv("no_proxy", raising=False)
    ways = Ways(policy=only(server))
    ended = [ways.by_door(server.url), ways.by_call(server.url)]
    expect([one.body for one in ended] == [ARRIVED] * 2, f"The call did not go straight to its host: {ended}")
    expect(canary.connections == before, f"The proxy of the environment was asked; {os.environ['http_proxy']}")


INJECTED = {
    "behind the host": ("http://api.example.test{$botContext.v}/x", "@127.0.0.1:PORT"),
    "behind the host, with a dot": ("http://api.example.test{$botContext.v}", ".evil.test/"),
    "behind the host, with a colon": ("http://api.example.test{$botContext.v}/", ":PORT"),
    "behind the host, with a backslash": ("http://api.example.test{$botContext.v}/", "\\@127.0.0.1:PORT"),
    "behind the host, with a number sign": ("http://{$botContext.v}.example.test/", "127.0.0.1:PORT#"),
    "as the host": ("http://{$botContext.v}:PORT/", "127.0.0.1"),
    "as the host, in octal": ("http://{$botContext.v}:PORT/", "0177.0.0.1"),
    "as the host, as a name": ("http://{$botContext.v}:PORT/", "localhost"),
    "as a part of the host": ("http://{$botContext.v}.0.0.1:PORT/", "127"),
    "as the port": ("http://127.0.0.1:{$botContext.v}/", "PORT"),
    "as the port, with a path": ("http://127.0.0.1:{$botContext.v}", "PORT/x"),
    "as the whole address": ("{$botContext.v}", "http://127.0.0.1:PORT/"),
    "as the whole address, by file": ("{$botContext.v}", "file:///etc/passwd"),
    "as the scheme": ("{$botContext.v}://127.0.0.1:PORT/", "http"),
    "as the start": ("{$botContext.v}/x", "http://127.0.0.1:PORT"),
}


def blocks_injected_host(canary: RawServer, *, url: str, value: str) -> None:
    before, port = canary.connections, str(canary.port)
    ended = Ways().by_call(url.replace("PORT", port), variables={"v": value.replace("PORT", port)})
    expect(ended.kind in ("egress", "request") and ended.message.endswith("."), f"It ended as {ended}")
    expect(canary.connections == before, "The call arrived.")


def reads_one_host(start: Start, *, url: str, through: bool) -> None:
    """The server is open: what is refused here is refused for its spelling alone."""
    server = start(lambda exchange: exchange.answer(ARRIVED.encode()))
    ended = Ways(policy=only(server)).by_door(url.replace("PORT", str(server.port)))
    expect((ended.body == ARRIVED) is through, f"It ended as {ended}")
    expect(through or not server.connections, "Something arrived at the server.")


def keeps_a_variable_in_its_host(start: Start) -> None:
    """The host behind the variable is open; only the sign that ends the host early is in the way."""
    server = start(lambda exchange: exchange.answer(ARRIVED.encode()))
    ways = Ways(policy=only(server))
    ended = ways.by_call("http://{$botContext.v}.example.test/", variables={"v": f"127.0.0.1:{server.port}/?"})
    expect(ended.kind == "request" and not server.connections, f"It ended as {ended}")


CASES = [
    *(
        Case(
            name,
            "It arrives." if through else "It is refused, though the host itself is open.",
            partial(reads_one_host, url=url, through=through),
        )
        for name, url, through in (
            ("full-width digits are read as one host", "http://１２７.０.０.１:PORT/", True),
            ("user name before an open host", "http://user@127.0.0.1:PORT/", False),
            ("backslash before an open host's path", "http://127.0.0.1:PORT/\\\\x", False),
            ("octal spelling of an open host", "http://0177.0.0.1:PORT/", False),
        )
    ),
    Case("variable that leaves its host", "The call is not made.", keeps_a_variable_in_its_host),
    *(
        Case(
            f"redirect {name}",
            "It is not followed, and the call fails with a sentence.",
            partial(blocks_redirect, to=to, status=302, method="GET"),
        )
        for name, to in LOCATIONS.items()
    ),
    *(
        Case(
            f"redirect {status} of a POST to loopback",
            "Neither body nor request follows it.",
            partial(blocks_redirect, to="http://127.0.0.1:PORT/", status=status, method="POST"),
        )
        for status in (301, 302, 303, 307, 308)
    ),
    Case(
        "redirects in a chain that ends at loopback",
        "The last one is not followed.",
        partial(blocks_redirect, to="http://127.0.0.1:PORT/", status=307, method="GET", steps=4),
    ),
    Case(
        "name that changes between check and connect",
        "The address that was checked is the one that is called.",
        checks_the_address_it_connects_to,
    ),
    *(
        Case(
            f"name with the addresses {', '.join(found)}",
            "One closed address closes them all.",
            partial(refuses_mixed_answers, found=found),
        )
        for found in (
            ("127.0.0.1", "127.0.0.2"),
            ("127.0.0.1", "10.0.0.1"),
            ("127.0.0.1", "169.254.169.254"),
            ("127.0.0.1", "::1"),
        )
    ),
    Case("connection that another policy opened", "It is not used.", keeps_no_connection_for_another_policy),
    Case("proxies of the environment", "They are ignored.", ignores_the_environment),
    *(
        Case(f"variable {name}", "The call fails with a sentence.", partial(blocks_injected_host, url=url, value=value))
        for name, (url, value) in INJECTED.items()
    ),
]
