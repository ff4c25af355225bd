"""Times pages of the product as a signed-in person loads them."""

from __future__ import annotations

import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from bench import seed_names
from bench.plant import Failed, Plant


def seconds(running: Plant, path: str, *, times: int) -> list[float]:
    """Log in, then return the seconds that the page took, so many times."""
    cookies = CookieJar()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies))
    opener.open(f"{running.url}/login/", timeout=30).read()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"username": seed_names.USER, "password": seed_names.PASSWORD, "csrfmiddlewaretoken": token}
    opener.open(f"{running.url}/login/", urllib.parse.urlencode(form).encode(), timeout=30).read()
    return [_load(opener, running.url, path) for _ in range(times)]


def _load(opener: urllib.request.OpenerDirector, url: str, path: str) -> float:
    began = time.perf_counter()
    answer = opener.open(url + path, timeout=60)
    answer.read()
    took = time.perf_counter() - began
    if urllib.parse.urlsplit(answer.url).path != path.partition("?")[0]:
        raise Failed(f"{path} led to {answer.url}.")
    return took
