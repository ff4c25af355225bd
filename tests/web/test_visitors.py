"""Whether a request came over TLS: a proxy that the operator named may say so, and nobody else."""

from __future__ import annotations

import ipaddress

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from config import visitors


@pytest.mark.parametrize(
    ("proxies", "other_end", "secure"),
    [
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "203.0.113.9", False),
        (["10.0.0.0/8"], "", True),  # a Unix socket
        ([], "10.1.2.3", False),
        ([], "127.0.0.1", False),
        ([], "", False),
    ],
)
def test_the_scheme_is_believed_from_a_named_proxy_only(
    settings: Settings, proxies: list[str], other_end: str, secure: bool
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = (visitors.SCHEME, "https")
    settings.TRUSTED_PROXIES = tuple(ipaddress.ip_network(proxy) for proxy in proxies)
    request = RequestFactory().get("/", REMOTE_ADDR=other_end, HTTP_X_FORWARDED_PROTO="https")

    def seen(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.is_secure()))

    assert visitors.BelievedScheme(seen)(request).content.decode() == str(secure)


def test_it_is_asked_before_everything_else(settings: Settings) -> None:
    assert settings.MIDDLEWARE[0] == "config.visitors.BelievedScheme"
