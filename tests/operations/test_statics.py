"""Static files: packed for browsers that unpack, kept for ever under a hashed name, never in a wrong encoding."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from config.statics import Static

STYLE = ".a { color: red }\n" * 200
HASHED = "/static/page.0123456789ab.css"


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


@dataclass(frozen=True)
class Browser:
    """Asks the ASGI application itself, as the server does."""

    static: Static

    def get(self, path: str, **headers: str) -> Answer:
        given = {"accept-encoding": "gzip, deflate, br", **headers}
        return asyncio.run(self._get(path, [(name.encode(), value.encode()) for name, value in given.items()]))

    async def _get(self, path: str, headers: list[tuple[bytes, bytes]]) -> Answer:
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        asgi = {"spec_version": "2.4"}  # the server tells of a lost client by an error, not a message
        scope = {
            "type": "http",
            "asgi": asgi,
            "method": "GET",
            "path": path,
            "root_path": "/static",
            "headers": headers,
        }
        await self.static(scope, receive, send)
        body = b"".join(each.get("body", b"") for each in said[1:])
        return Answer(said[0]["status"], Headers(raw=said[0]["headers"]), body)


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    for name in ("page.0123456789ab.css", "page.css"):
        (tmp_path / name).write_text(STYLE)
    (tmp_path / "small.css").write_text(".a{}")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" * 500)
    return Browser(Static(directory=tmp_path))


def test_text_comes_packed_and_says_so(browser: Browser) -> None:
    answer = browser.get(HASHED)

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < len(STYLE) / 10
    assert answer.text == STYLE


def test_who_does_not_unpack_gets_it_plain(browser: Browser) -> None:
    answer = browser.get(HASHED, **{"accept-encoding": "identity"})

    assert "content-encoding" not in answer.headers
    assert answer.text == STYLE


def test_a_hashed_name_is_kept_for_ever_and_a_plain_one_is_asked_for_again(browser: Browser) -> None:
    assert browser.get(HASHED).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert browser.get("/static/page.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/picture.png", "/static/small.css"])
def test_what_packing_does_not_make_smaller_stays_as_it_is(browser: Browser, path: str) -> None:
    assert "content-encoding" not in browser.get(path).headers


def test_a_changed_file_comes_as_it_is_now(browser: Browser, tmp_path: Path) -> None:
    browser.get("/static/page.css")
    (tmp_path / "page.css").write_text(STYLE + ".b { color: blue }\n")

    assert browser.get("/static/page.css").text.endswith(".b { color: blue }\n")


def test_an_unchanged_file_is_not_sent_again(browser: Browser) -> None:
    first = browser.get("/static/page.css")

    again = browser.get("/static/page.css", **{"if-none-match": first.headers["etag"]})

    assert again.status_code == 304


def test_a_part_of_a_file_is_never_packed(browser: Browser) -> None:
    answer = browser.get(HASHED, range="bytes=0-3")

    assert answer.status_code == 206
    assert answer.body == b".a {"
    assert "content-encoding" not in answer.headers
