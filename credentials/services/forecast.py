"""What the egress policy would say of a URL that is not called yet: by its spelling alone, nothing is looked up."""

from __future__ import annotations

import ipaddress
import re

from credentials import wire
from credentials.net import addresses, urls
from credentials.services import policies

_HOST = re.compile(r"https?://[^/?#\s]+(?=[/?#]|\Z)", re.IGNORECASE)


def refusal(template: str, *, organization_id: int) -> str:
    """Return why calls of a URL template would be blocked, or nothing where its spelling does not tell."""
    found = _HOST.match(template)
    if found is None or "{" in found.group():
        return ""
    try:
        target = urls.parse(found.group())
    except wire.CallError as error:
        return error.message
    policy = policies.policy_for(organization_id)
    literal = addresses.as_address(target.host)
    if literal is None and (target.host == "localhost" or target.host.endswith(".localhost")):
        literal = ipaddress.ip_address("127.0.0.1")
    if literal is None:
        return addresses.refusal_before_lookup(policy, host=target.host, port=target.port)
    return addresses.refusal(policy, host=target.host, port=target.port, addresses=[literal])
