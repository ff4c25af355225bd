"""Bodies that are too large, sent to the running server: refused as soon as that can be known."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from bots.services import uploads
from tests import product

pytestmark = pytest.mark.journey
MEGABYTE = 1024 * 1024


@pytest.fixture
def author(served: product.Product) -> Iterator[requests.Session]:
    """Somebody who is logged in."""
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(served.url + "/login/", timeout=20)
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        login = {"username": product.USER, "password": product.PASSWORD, "csrfmiddlewaretoken": token[1]}
        session.post(served.url + "/login/", data=login, timeout=20)
        yield session


def announce(served: product.Product, path: str, *, length: int, cookie: str = "") -> tuple[int, str]:
    """Send the head of a request, never its body; the answer therefore comes from the head alone."""
    connection = http.client.HTTPConnection("localhost", urlsplit(served.url).port, timeout=20)
    connection.putrequest("POST", path)
    connection.putheader("Content-Type", "multipart/form-data; boundary=x")
    connection.putheader("Content-Length", str(length))
    if cookie:
        connection.putheader("Cookie", f"sessionid={cookie}")
    connection.endheaders()
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(served: product.Product) -> None:
    status, text = announce(served, "/login/", length=5 * MEGABYTE)

    assert status == 413
    assert text.startswith("That is too much to send at once: at most 4 MB are taken here.")


def test_a_program_is_told_in_the_form_of_the_api(served: product.Product) -> None:
    status, text = announce(served, "/api/v1/bots/1/conversations", length=5 * MEGABYTE)

    assert status == 413
    assert '"detail": "The body is larger than 4 MB."' in text


def test_a_body_in_chunks_is_refused_when_it_has_grown_too_large(served: product.Product) -> None:
    chunks = (b"x" * 64 * 1024 for _ in range(80))

    answer = served.post("/login/", data=chunks, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.status_code == 413
    assert "at most 4 MB" in answer.text


def test_an_export_file_over_its_limit_is_refused_on_the_import_page_before_it_is_sent(
    served: product.Product, author: requests.Session
) -> None:
    cookie = author.cookies["sessionid"]

    status, text = announce(served, "/bots/import/", length=uploads.MOST_BYTES + 1, cookie=cookie)

    assert status == 413
    assert "The file is larger than 50 MB." in text
    assert "Drop the file onto the field" in text


def test_an_export_file_in_chunks_has_the_same_limit(served: product.Product, author: requests.Session) -> None:
    chunks = (b"x" * MEGABYTE for _ in range(52))

    answer = author.post(
        served.url + "/bots/import/",
        data=chunks,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        timeout=60,
    )

    assert answer.status_code == 413
    assert "at most 50 MB" in answer.text


def test_an_export_file_may_be_larger_than_a_form(served: product.Product, author: requests.Session) -> None:
    token = author.cookies["csrftoken"]
    file = ("bot.json", b'{"bot": ' + b" " * 5 * MEGABYTE, "application/json")

    answer = author.post(
        served.url + "/bots/import/",
        files={"file": file},
        data={"csrfmiddlewaretoken": token},
        headers={"Referer": served.url},
        timeout=60,
    )

    assert answer.status_code == 200
    assert "in line 1, column" in answer.text
