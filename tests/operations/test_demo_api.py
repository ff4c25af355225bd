"""The demo API does what docs/demo-api.md says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import uvicorn

from bots.demo import api, guide

ADA = {"accountNumber": "10024417", "email": "ada@example.com"}


class Client(requests.Session):
    """Asks the demo API, which runs in a thread of the test."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.trust_env = False
        self.port = port

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, f"http://127.0.0.1:{self.port}{url}", *arguments, timeout=20, **options)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with Client(listener.getsockname()[1]) as opened:
        yield opened
    server.should_exit = True
    thread.join()


def test_a_balance_keeps_its_spelling(client: Client) -> None:
    assert '"balance":1250.40' in client.get("/balance", params=ADA).text


def test_a_balance_needs_a_number_and_its_own_address(client: Client) -> None:
    assert client.get("/balance").status_code == 400
    assert client.get("/balance", params=ADA | {"email": "ben@example.com"}).status_code == 404


@pytest.mark.parametrize("header", ["Basic ZGVtbzpkZW1vLXBhc3N3b3Jk", "Bearer demo-token"])
def test_the_secured_balance_takes_both_credentials(client: Client, header: str) -> None:
    assert client.get("/secure/balance", params=ADA, headers={"Authorization": header}).json()["holder"] == "Ada Okafor"


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic ZGVtbzp3cm9uZw=="])
def test_the_secured_balance_refuses_others(client: Client, header: str) -> None:
    assert client.get("/secure/balance", params=ADA, headers={"Authorization": header}).status_code == 401


def test_orders_are_found_by_id_and_by_address(client: Client) -> None:
    assert client.get("/orders/a-1001").json()["items"][0]["name"] == "Walnut desk lamp"
    assert client.get("/orders/none").status_code == 404
    assert len(client.get("/orders", params={"email": "ada@example.com"}).json()) == 2


def test_stores_are_a_list(client: Client) -> None:
    assert isinstance(client.get("/stores").json(), list)
    assert len(client.get("/stores", params={"city": "bristol"}).json()) == 2


def test_the_search_puts_the_best_answer_first_and_nothing_where_nothing_fits(client: Client) -> None:
    results = client.get("/faq", params={"query": "When do I get my refund?"}).json()["results"]

    assert results[0]["question"] == "When do I get my refund?"
    assert client.get("/faq", params={"query": "zebra"}).json()["results"] == []


def test_the_echo_tells_what_arrived(client: Client) -> None:
    heard = client.put("/echo?a=1&a=2", json={"b": [3]}, headers={"X-Mine": "yes"}).json()

    assert (heard["method"], heard["query"], heard["json"]) == ("PUT", [["a", "1"], ["a", "2"]], {"b": [3]})
    assert heard["headers"]["x-mine"] == "yes"


def test_the_flaky_call_works_after_its_failures_for_each_key(client: Client) -> None:
    statuses = [client.get("/flaky?key=nobody-else-uses&failures=2").status_code for _ in range(3)]

    assert statuses == [503, 503, 200]
    assert client.get("/flaky?key=other&failures=1").status_code == 503


def test_the_failing_call_fails_as_asked_and_the_slow_one_answers(client: Client) -> None:
    assert client.post("/fail/429").status_code == 429
    assert client.get("/fail/200").status_code == 400
    assert client.get("/slow?seconds=0.01").json() == {"waited": 0.01}


def test_every_example_of_its_own_page_can_be_called(client: Client) -> None:
    page = client.get("/").text

    for path, _ in guide.CALLS:
        assert path.replace("&", "&amp;") in page
        assert client.get(path.replace("seconds=3", "seconds=0")).status_code != 404
