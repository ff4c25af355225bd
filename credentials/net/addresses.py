"""Decides whether a policy lets a call reach an address. Pure: knows neither names nor sockets."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from credentials import wire

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Reach = Literal["public", "loopback", "inner", "closed"]

WEB_PORTS = (80, 443)


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# No rule opens these: link-local, multicast, "this host", broadcast, and the metadata services of cloud machines.
_CLOSED = _networks(
    *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32"),
    *("100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32"),
    *("::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::/32", "fd20:ce::254/128"),
)
_LOOPBACK = _networks("127.0.0.0/8", "::1/128")
_INNER_4 = _networks(
    *("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"),
    *("192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4"),
)
# IPv6 is public only inside 2000::/3, less the blocks that are reserved, documentation, Teredo or 6to4.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_INNER_6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")


@dataclass(frozen=True, slots=True)
class _Rules:
    names: frozenset[tuple[str, int | None]]
    networks: tuple[tuple[Network, int | None], ...]

    def name_allows(self, host: str, port: int) -> bool:
        return (host, port) in self.names or (port in WEB_PORTS and (host, None) in self.names)

    def network_allows(self, address: Address, port: int) -> bool:
        return any(_port_fits(allowed, port) and address in network for network, allowed in self.networks)


def _port_fits(allowed: int | None, port: int) -> bool:
    return port in WEB_PORTS if allowed is None else port == allowed


@lru_cache(maxsize=256)
def _rules(policy: wire.Policy) -> _Rules:
    names, networks = set(), []
    for rule in policy.allowed:
        network = as_network(rule.destination)
        if network is None:
            names.add((rule.destination.lower().removesuffix("."), rule.port))
        else:
            networks.append((network, rule.port))
    return _Rules(frozenset(names), tuple(networks))


def as_network(text: str) -> Network | None:
    """Return the network that a rule's destination writes down, or None for a name."""
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def as_address(text: str) -> Address | None:
    """Return the address that a host writes down, or None for a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def reach(address: Address) -> Reach:
    """Say how far an address lies, looking through the IPv6 forms that carry an IPv4 address."""
    carried = _carried(address)
    if carried is not None:
        inside = reach(carried)
        if inside == "closed" or address in _NAT64 or _mapped(address) is not None:
            return inside
        return "inner"
    if any(address in network for network in _CLOSED):
        return "closed"
    if any(address in network for network in _LOOPBACK):
        return "loopback"
    return "public" if _is_public(address) else "inner"


def is_closed(network: Network) -> bool:
    """Say whether a whole network is one that no rule opens."""
    return any(network.version == closed.version and network.subnet_of(closed) for closed in _CLOSED)  # type: ignore[arg-type]


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _INNER_4)
    return address in _PUBLIC_6 and not any(address in network for network in _INNER_6)


def _mapped(address: Address) -> ipaddress.IPv4Address | None:
    return address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a mapped, compatible, translated, NAT64, 6to4 or Teredo address."""
    if isinstance(address, ipaddress.IPv4Address) or int(address) <= 1:
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in (_NAT64, _COMPATIBLE, _TRANSLATED)):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def refusal_before_lookup(policy: wire.Policy, *, host: str, port: int) -> str:
    """Say why a name may not even be looked up, or "". A lookup alone carries data out."""
    rules = _rules(policy)
    if policy.allow_list_only and not rules.networks and not rules.name_allows(host, port):
        return _not_listed(host, port)
    return ""


def refusal(policy: wire.Policy, *, host: str, port: int, addresses: Sequence[Address]) -> str:
    """Say why the host may not be called, or "". One forbidden address among several refuses them all."""
    reasons = (_refusal(policy, host, port, address) for address in addresses)
    return next((reason for reason in reasons if reason), "")


def _refusal(policy: wire.Policy, host: str, port: int, address: Address) -> str:
    where = f"{host} is" if as_address(host) is not None else f"{host} resolves to {address}, which is"
    distance = reach(address)
    if distance == "closed":
        return f"Blocked by the egress policy: {where} an address that is never opened. Call another host."
    rules = _rules(policy)
    if rules.name_allows(host, port) or rules.network_allows(_mapped(address) or address, port):
        return ""
    if policy.allow_list_only:
        return _not_listed(host, port)
    if distance == "loopback" and policy.loopback:
        return ""
    if distance != "public":
        resolved = (
            f"{host} is not a public address" if where.endswith(f"{host} is") else f"{host} resolves to {address}"
        )
        return f"Blocked by the egress policy: {resolved}. Ask an administrator to allow it."
    if port not in WEB_PORTS:
        return f"Blocked by the egress policy: port {port} of {host} is not open. Ask an administrator to allow it."
    return ""


def _not_listed(host: str, port: int) -> str:
    return (
        f"Blocked by the egress policy: {host} port {port} is not on the organization's allow-list. "
        "Ask an administrator to allow it."
    )
