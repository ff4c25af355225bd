"""What the rules of an administrator open, and that they open nothing else."""

from __future__ import annotations

import socket
from functools import partial

from pytest_django import Settings

from credentials import wire
from credentials.models import EgressRule, Organization
from credentials.services import policies
from tests import factories
from tests.services.egress_calls import Start
from tests.torture.case import Case, expect
from tests.torture.doors import Ways, answering

ARRIVED = "arrived"
PORTS = {0: "of the server", None: "of the web"}
RULES = [  # rule, its port (None: 80 and 443; 0: the server's), the host that is called, goes through
    ("127.0.0.1", 0, "127.0.0.1", True),
    ("127.0.0.1", 1, "127.0.0.1", False),
    ("127.0.0.1", None, "127.0.0.1", False),
    ("127.0.0.0/8", 0, "127.0.0.1", True),
    ("127.0.0.0/8", 0, "[::ffff:127.0.0.1]", True),
    ("127.0.0.0/8", 0, "inner.example.test", True),
    ("127.0.0.2/32", 0, "127.0.0.1", False),
    ("10.0.0.0/8", 0, "127.0.0.1", False),
    ("inner.example.test", 0, "inner.example.test", True),
    ("INNER.example.test.", 0, "inner.example.test", True),
    ("inner.example.test", 0, "other.example.test", False),
    ("inner.example.test", 0, "a.inner.example.test", False),
    ("example.test", 0, "inner.example.test", False),
    ("inner.example.test", 1, "inner.example.test", False),
    ("inner.example.test", 0, "127.0.0.1", False),
    ("0.0.0.0/0", 0, "0.0.0.0", False),
    ("::/0", 0, "127.0.0.1", False),
]


def keeps_to_rule(start: Start, *, rule: str, port: int | None, host: str, through: bool, strict: bool) -> None:
    server = start(lambda exchange: exchange.answer(ARRIVED.encode()))
    allowed = (wire.Destination(rule, server.port if port == 0 else port),)
    ended = Ways(policy=wire.Policy(allowed, strict)).by_door(f"http://{host}:{server.port}/")
    expect((ended.body == ARRIVED) is through, f"It ended as {ended}")
    expect(through or (ended.kind == "egress" and "Ask an administrator" in ended.message) or "never" in ended.message,
           f"The reason is {ended.message}")  # fmt: skip


def asks_no_name_server(*, url: str) -> None:
    asked: list[str] = []

    def ask(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "x")

    policy = wire.Policy((wire.Destination("api.example.test"),), allow_list_only=True)
    ended = Ways(policy=policy, ask=ask).by_door(url)
    expect(ended.kind == "egress" and "allow-list" in ended.message, f"It ended as {ended}")
    expect(asked == [], "The name was looked up, which carries data out.")


def keeps_organizations_apart(start: Start, settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = False
    server = start(lambda exchange: exchange.answer(ARRIVED.encode()))
    ours, theirs = factories.make_organization(name="Ours"), factories.make_organization(name="Theirs")
    EgressRule.objects.create(organization=ours, destination="127.0.0.1", port=server.port)
    policies.forget()
    bodies = [Ways(policy=policies.policy_for(one.pk)).by_door(server.url).body for one in (ours, theirs)]
    gone = policies.policy_for(Organization.objects.order_by("pk").last().pk + 1)  # type: ignore[union-attr]
    expect(bodies == [ARRIVED, ""], f"With a rule of the first organization only: {bodies}")
    expect(Ways(policy=gone, ask=answering("93.184.216.34")).by_door("http://a.test/").kind == "egress", "It was open.")


def closes_other_ports(start: Start) -> None:
    """A rule for one port of an address that counts as public; the call goes to another."""
    for ended in Ways(ask=answering("93.184.216.34")).all("http://api.example.test:8123/"):
        expect("port 8123 of api.example.test is not open" in ended.message, f"{ended.way} says: {ended.message}")


def closes_what_is_not_listed() -> None:
    policy = wire.Policy((wire.Destination("10.0.0.0/8"),), allow_list_only=True)
    ended = Ways(policy=policy, ask=answering("93.184.216.34")).by_door("http://api.example.test/")
    expect(ended.kind == "egress" and "allow-list" in ended.message, f"It ended as {ended}")


def stays_closed(*, address: str) -> None:
    everything = (wire.Destination("0.0.0.0/0"), wire.Destination("::/0"), wire.Destination("api.example.test"))
    ways = Ways(policy=wire.Policy(everything, loopback=True), ask=answering(address))
    for ended in ways.all("http://api.example.test/"):
        expect("an address that is never opened" in ended.message, f"{ended.way} says: {ended.message}")


METADATA = [
    *(
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
    ),
    *("::ffff:169.254.169.254", "::169.254.169.254", "::ffff:0:169.254.169.254", "64:ff9b::169.254.169.254"),
    *(
        "2002:a9fe:a9fe::1",
        "2001:0:53aa:64c:0:0:5601:5601",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "ff02::1",
        "::",
    ),
]

CASES = [
    *(
        Case(
            f"metadata address {address}, where a rule opens everything",
            "It stays closed.",
            partial(stays_closed, address=address),
        )
        for address in METADATA
    ),
    *(
        Case(
            f"rule {rule} port {PORTS.get(port, port)}, call of {host}{', allow-list' if strict else ''}",
            "It goes through." if through else "It is refused, and the sentence says who can open it.",
            partial(keeps_to_rule, rule=rule, port=port, host=host, through=through, strict=strict),
        )
        for rule, port, host, through in RULES
        for strict in (False, True)
    ),
    *(
        Case(f"name off an allow-list: {url}", "It is not even looked up.", partial(asks_no_name_server, url=url))
        for url in (
            "http://stolen-data.evil.test/",
            "http://api.example.test.evil.test/",
            "http://api.example.test:8080/",
        )
    ),
    Case("a port that public hosts do not open", "It is not called.", closes_other_ports),
    Case("host that an allow-list of networks does not have", "It is refused.", closes_what_is_not_listed),
    Case("rule of another organization", "It opens nothing.", keeps_organizations_apart, database=True),
]
