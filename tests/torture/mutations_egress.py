"""What the egress policy guarantees, each taken away once."""

from __future__ import annotations

from tests.torture.case import Mutation

_ADDRESSES, _URLS, _CONNECTIONS = (f"credentials/net/{name}.py" for name in ("addresses", "urls", "connections"))

MUTATIONS = [
    Mutation(
        "Every address is judged before it is called",
        _CONNECTIONS,
        "    if refused:\n",
        "    if False:\n",
        ("egress: loopback, spelled with plain", "egress: redirect to loopback"),
    ),
    Mutation(
        "One closed address among several closes them all",
        _ADDRESSES,
        'addresses: Sequence[Address]) -> str:\n    """Say why the host may not be called, or "". One',
        'addresses: Sequence[Address]) -> str:\n    addresses = addresses[:1]\n    """Say why. One',
        ("egress: name with the addresses 127.0.0.1, 127.0.0.2",),
    ),
    Mutation(
        "An IPv4 address inside an IPv6 one is judged as what it is",
        _ADDRESSES,
        "    if carried is not None:\n",
        "    if False:\n",
        ("egress: metadata address ::ffff:169.254.169.254, where a rule opens everything",),
    ),
    Mutation(
        "Metadata services and link-local addresses are never opened",
        _ADDRESSES,
        'if distance == "closed":',
        "if False:",
        ("egress: rule 0.0.0.0/0 port of the server, call of 0.0.0.0",),
    ),
    Mutation(
        "Addresses are called in their plain spelling only",
        _URLS,
        "if _NUMERIC_END.fullmatch(name):",
        "if False:",
        ("egress: octal spelling of an open host",),
    ),
    Mutation(
        "A URL holds no user name",
        _URLS,
        'if "@" in authority:',
        'if "@" in authority and not (authority := authority.rpartition("@")[2]):',
        ("egress: user name before an open host",),
    ),
    Mutation(
        "A URL holds no backslash before its query",
        _URLS,
        'if "\\\\" in authority or "\\\\" in path:',
        "if False:",
        ("egress: backslash before an open host's path",),
    ),
    Mutation(
        "A rule opens its port only",
        _ADDRESSES,
        "return port in WEB_PORTS if allowed is None else port == allowed",
        "return True",
        ("egress: rule 127.0.0.1 port 1, call of 127.0.0.1",),
    ),
    Mutation(
        "Other ports than the web's are closed",
        _ADDRESSES,
        "    if port not in WEB_PORTS:\n",
        "    if False:\n",
        ("egress: a port that public hosts do not open",),
    ),
    Mutation(
        "A name off an allow-list is not even looked up",
        _CONNECTIONS,
        "    if early:\n",
        "    if False:\n",
        ("egress: name off an allow-list: http://stolen-data.evil.test/",),
    ),
    Mutation(
        "An allow-list closes everything else",
        _ADDRESSES,
        "    if policy.allow_list_only:\n        return _not_listed(host, port)\n    if distance",
        "    if distance",
        ("egress: host that an allow-list of networks does not have",),
    ),
    Mutation(
        "The address that was checked is the one that is called",
        _CONNECTIONS,
        "sock = _connect(now, self.host, self.port, _candidates(now, self.host, self.port))",
        "_candidates(now, self.host, self.port)\n"
        "        sock = _connect(now, self.host, self.port, now.ask(self.host, self.port))",
        ("egress: name that changes between check and connect",),
    ),
    Mutation(
        "Connections are kept for one policy only",
        "credentials/egress.py",
        'key = (signer.pool if signer else "", policy)',
        'key = (signer.pool if signer else "", wire.Policy())',
        ("egress: connection that another policy opened",),
    ),
    Mutation(
        "A redirect is judged like a call of its own",
        "credentials/egress.py",
        "request = redirects.follow(request, status=answer.status, to=to)",
        "request = redirects.follow(request, status=answer.status, to=to)\n"
        "            self._policy = replace(self._policy, loopback=True)",
        ("egress: redirect to loopback", "egress: redirect 307 of a POST to loopback"),
    ),
    Mutation(
        "Proxies of the environment are ignored",
        _CONNECTIONS,
        "            return _PlainConnection(target.host, target.port)\n",
        "            import os\n"
        "            proxy = urls.parse(os.environ['http_proxy'])\n"
        "            return _PlainConnection(proxy.host, proxy.port)\n",
        ("egress: proxies of the environment",),
    ),
    Mutation(
        "A rule opens its destination for its own organization only",
        "credentials/services/policies.py",
        "EgressRule.objects.filter(Q(organization=organization_id) | Q(organization=None))",
        "EgressRule.objects.all()",
        ("egress: rule of another organization",),
    ),
    Mutation(
        "What stands in the host of a URL is letters, digits, dots and hyphens",
        "integrations/engine/positions.py",
        'if not re.fullmatch(r"[A-Za-z0-9.\\-]*", text):',
        "if False:",
        ("egress: variable that leaves its host",),
    ),
    Mutation(
        "A Token URL goes through the same door, in the same spelling",
        "credentials/net/oauth.py",
        "    return target.url\n",
        "    return client.token_url\n",
        ("egress: loopback, spelled with full-width digits",),
    ),
]
