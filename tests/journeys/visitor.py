"""Somebody with a browser, without one: logs in, follows links, sends forms, and keeps all that was answered."""

from __future__ import annotations

import html
import re
from typing import Any

import requests

from tests.product import Product

HTMX = {"HX-Request": "true"}


class Visitor:
    """`seen` is everything that the product answered: place, and status, headers and body together."""

    def __init__(self, product: Product, seen: list[tuple[str, bytes]]) -> None:
        self.product, self.seen = product, seen
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.hooks["response"].append(self._keep)

    def _keep(self, response: requests.Response, *args: Any, **options: Any) -> None:
        head = "".join(f"{name}: {value}\n" for name, value in response.headers.items())
        place = f"{response.request.method} {response.request.path_url} ({response.status_code})"
        self.seen.append((place, head.encode() + b"\n" + response.content))

    def log_in(self, name: str, password: str) -> Visitor:
        self.get("/login/")
        self.post("/login/", {"username": name, "password": password})
        return self

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.product.url + path, timeout=60, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> requests.Response:
        headers = {"X-CSRFToken": self.session.cookies.get("csrftoken", ""), **options.pop("headers", {})}
        return self.session.post(self.product.url + path, data=data, timeout=60, headers=headers, **options)


def link(page: str, *, beginning: str) -> str:
    """Return the first address in a page's links that begins so."""
    found = re.search(rf'href="({re.escape(html.escape(beginning))}[^"]*)"', page)
    assert found, f"no link to {beginning}"
    return html.unescape(found[1])
