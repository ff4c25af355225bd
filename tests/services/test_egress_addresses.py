"""Every spelling of every forbidden destination, as tables. No network."""

from __future__ import annotations

import ipaddress

import pytest

from credentials import wire
from credentials.net import addresses, urls

STRICT = wire.Policy()


def refusal(policy: wire.Policy, host: str, port: int, *found: str) -> str:
    return addresses.refusal(policy, host=host, port=port, addresses=[ipaddress.ip_address(one) for one in found])


FORBIDDEN = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.5", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *("169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("::", "::1", "::7f00:1", "::10.0.0.5", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.5", "::ffff:a9fe:a9fe"),
    *("::ffff:0:10.0.0.5", "64:ff9b::10.0.0.5", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:5", "2002:a00:5::1"),
    *("2002:808:808::1", "2001:0:53aa:64c:0:0:f5ff:fffa", "2001:db8::1", "2001:10::1", "2001:2::1", "3fff::1"),
    *("fc00::1", "fd12:3456::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "4000::1"),
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    reason = refusal(STRICT, "api.internal", 443, address)

    assert reason.startswith("Blocked by the egress policy: api.internal resolves to ")


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_a_public_address_is_allowed(address: str) -> None:
    assert refusal(STRICT, "api.example.com", 443, address) == ""


def test_the_refusal_reads_as_promised() -> None:
    assert refusal(STRICT, "api.internal", 443, "10.0.0.5") == (
        "Blocked by the egress policy: api.internal resolves to 10.0.0.5. Ask an administrator to allow it."
    )


def test_one_forbidden_address_among_public_ones_refuses_them_all() -> None:
    assert "10.0.0.5" in refusal(STRICT, "mixed.example", 443, "93.184.216.34", "10.0.0.5")


@pytest.mark.parametrize("port", [22, 25, 6379, 8080, 1, 65_535])
def test_other_ports_of_public_hosts_are_closed(port: int) -> None:
    assert f"port {port}" in refusal(STRICT, "api.example.com", port, "93.184.216.34")


CLOSED = [
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "0.0.0.0",
    "ff02::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_no_rule_and_no_development_set_up_opens_metadata(address: str) -> None:
    everything = wire.Policy(
        allowed=(
            wire.Destination("metadata.example"),
            wire.Destination("169.254.0.0/16"),
            wire.Destination("::/0"),
            wire.Destination("0.0.0.0/0"),
        ),
        loopback=True,
    )

    assert "never opened" in refusal(everything, "metadata.example", 80, address)


RULES = [
    ("10.0.0.5", None, "x.internal", 443, True),
    ("10.0.0.5", None, "x.internal", 8080, False),
    ("10.0.0.5", 8080, "x.internal", 8080, True),
    ("10.0.0.5", 8080, "x.internal", 443, False),
    ("10.0.0.0/16", 8080, "x.internal", 8080, True),
    ("10.1.0.0/16", None, "x.internal", 443, False),
    ("x.internal", None, "x.internal", 443, True),
    ("X.Internal.", None, "x.internal", 80, True),
    ("x.internal", 9000, "x.internal", 9000, True),
    ("internal", None, "x.internal", 443, False),
    ("x.internal", None, "y.x.internal", 443, False),
]


@pytest.mark.parametrize(("destination", "rule_port", "host", "port", "allowed"), RULES)
def test_a_rule_opens_its_destination_on_its_port_only(
    destination: str, rule_port: int | None, host: str, port: int, allowed: bool
) -> None:
    policy = wire.Policy(allowed=(wire.Destination(destination, rule_port),))

    assert (refusal(policy, host, port, "10.0.0.5") == "") is allowed


def test_a_rule_for_an_ipv4_network_covers_its_mapped_form() -> None:
    policy = wire.Policy(allowed=(wire.Destination("10.0.0.0/8"),))

    assert refusal(policy, "[::ffff:a00:5]", 443, "::ffff:10.0.0.5") == ""


def test_an_allow_list_refuses_public_hosts_and_loopback_too() -> None:
    policy = wire.Policy(allowed=(wire.Destination("api.example.com"),), allow_list_only=True, loopback=True)

    assert refusal(policy, "api.example.com", 443, "93.184.216.34") == ""
    assert "allow-list" in refusal(policy, "other.example.com", 443, "93.184.216.34")
    assert "allow-list" in refusal(policy, "localhost", 80, "127.0.0.1")


def test_a_name_off_the_allow_list_is_not_even_looked_up() -> None:
    policy = wire.Policy(allowed=(wire.Destination("api.example.com"),), allow_list_only=True)

    assert addresses.refusal_before_lookup(policy, host="data.evil.example", port=443)
    assert not addresses.refusal_before_lookup(policy, host="api.example.com", port=443)


def test_loopback_is_open_on_any_port_in_the_development_set_up_only() -> None:
    assert refusal(wire.Policy(loopback=True), "localhost", 9999, "127.0.0.1", "::1") == ""
    assert refusal(STRICT, "localhost", 80, "127.0.0.1")


SPELLINGS = [
    *("http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"),
    *("http://127.0.1/", "http://0/", "http://127.0.0.01/", "http://0x7f.0x0.0x0.0x1/", "http://017700000001/"),
    *("http://①②⑦.⓪.⓪.①:x/", "http://[::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[::1/", "http://::1/"),
    *("http://256.1.1.1/", "http://1.2.3.4.5/", "http://127.0.0.1../", "http:///path", "http://", "http:/x/"),
    *("http://user@api.test/", "http://user:pass@api.test/", "http://api.test@127.0.0.1/", "http://@api.test/"),
    *("http://api.test\\@127.0.0.1/", "http://127.0.0.1\\.api.test/", "http:\\\\127.0.0.1/", "http://api.test/\\x"),
    *("http://api.test\t/", "http://127.0.0.1\n.api.test/", "http://api.test/\r\nX: y", "http://api.test/\x00"),
    *(" http://api.test/", "http://api.test /", "http://api .test/", "http://a..test/", "http://-a.test/"),
    *("ftp://api.test/", "file:///etc/passwd", "gopher://127.0.0.1/", "javascript:alert(1)", "//api.test/", "api.test"),
    *(
        "http://api.test:0/",
        "http://api.test:65536/",
        "http://api.test:-1/",
        "http://api.test:８０/",
        "http://api.test:80x/",
    ),
    *(
        "http://%31%32%37.0.0.1/",
        "http://api%2etest/",
        "http://" + "a" * 64 + ".test/",
        "http://" + "a." * 130 + "test/",
    ),
    *("http://[127.0.0.1]/", "http://[::1]x/", "unix:///var/run/docker.sock"),
]


@pytest.mark.parametrize("url", SPELLINGS)
def test_an_ambiguous_url_is_refused_before_anything_else(url: str) -> None:
    with pytest.raises(wire.CallError) as caught:
        urls.parse(url)

    assert caught.value.kind == "request"
    assert "pass" not in caught.value.message.replace("password", "")


SAME = [
    ("http://API.Example.Test/x", "http://api.example.test/x"),
    ("https://api.example.test.:443/x", "https://api.example.test/x"),
    ("http://１２７.０.０.１/", "http://127.0.0.1/"),
    ("http://127。0。0。1/", "http://127.0.0.1/"),
    ("http://bücher.example/ä?q=ö#x", "http://xn--bcher-kva.example/%C3%A4?q=%C3%B6"),
    ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080/"),
    ("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
    ("http://my_service:8080/a b", "http://my_service:8080/a%20b"),
    ("http://api.test?x=1", "http://api.test/?x=1"),
    ("http://api.test:/x", "http://api.test/x"),
    ("http://api.test/a%2Fb/../c?x=%20", "http://api.test/a%2Fb/../c?x=%20"),
]


@pytest.mark.parametrize(("url", "one"), SAME)
def test_a_url_has_one_spelling(url: str, one: str) -> None:
    assert urls.parse(url).url == one
