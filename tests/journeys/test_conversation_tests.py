"""From a talk in the preview to a test that guards publishing: the running product over HTTP, workers and all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.product import AUTHOR, PASSWORD, Product, wait_for

pytestmark = pytest.mark.journey


class Author:
    """A signed-in author without a browser: forms are posted with the token of their page."""

    def __init__(self, parley: Product) -> None:
        self.url = parley.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.get("/login/")
        self.post("/login/", username=AUTHOR, password=PASSWORD)
        self.bot = re.findall(r'href="/bots/(\d+)/dialogs/"[^>]*>\s*Account balance', self.get("/bots/").text)[0]

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.url + path, timeout=30)

    def post(self, path: str, **fields: str) -> requests.Response:
        token = self.session.cookies["csrftoken"]
        answer = self.session.post(
            self.url + path, data={"csrfmiddlewaretoken": token, **fields}, headers={"Referer": self.url}, timeout=30
        )
        assert answer.status_code == 200, answer.text[:500]
        return answer

    def talk(self, *texts: str) -> str:
        """Talk to the draft as the preview does; return the conversation."""
        headers = {"X-CSRFToken": self.session.cookies["csrftoken"], "Referer": self.url}
        begun = self.session.post(
            f"{self.url}/api/v1/bots/{self.bot}/conversations", json={"draft": True}, headers=headers, timeout=30
        ).json()
        for number, text in enumerate(texts):
            answer = self.session.post(
                f"{self.url}/api/v1/conversations/{begun['id']}/messages",
                json={"message_id": f"m{number}", "text": text},
                headers={"Authorization": f"Bearer {begun['token']}", "Prefer": "wait=20"},
                timeout=30,
            )
            assert answer.status_code == 200, answer.text
        return str(begun["id"])

    def outcome(self, page: requests.Response) -> str:
        """Wait for the run that a page shows, and return the page that it ends with."""
        shown = [page.text]

        def over() -> bool:
            shown.append(self.get(page.url.removeprefix(self.url)).text)
            return 'hx-trigger="load delay:700ms"' not in shown[-1]

        wait_for(over, what="The run of the tests")
        return shown[-1]


@pytest.fixture
def author(served: Product) -> Iterator[Author]:
    author = Author(served)
    yield author
    author.session.close()


def test_a_preview_becomes_a_test_that_guards_publishing(served: Product, author: Author) -> None:
    conversation = author.talk("What is my balance?", "10024417", "ada@example.com")
    bot = f"/bots/{author.bot}"

    page = author.post(f"{bot}/tests/record/", conversation=conversation)
    green = author.outcome(page)
    test = re.findall(rf"{bot}/tests/(\d+)/", page.url)[0]
    red = author.outcome(author.post(f"{bot}/tests/{test}/kinds/", route0="timeout"))
    refused = author.outcome(author.post(f"{bot}/publish/", note="Guarded"))
    author.outcome(author.post(f"{bot}/tests/{test}/kinds/", route0=""))
    cleared = author.outcome(author.post(f"{bot}/publish/", note="Guarded"))
    run = re.findall(r'name="run" value="([^"]+)"', cleared)[0]
    published = author.post(f"{bot}/publish/", run=run, note="Guarded").text
    author.post(f"{bot}/tests/{test}/delete/")

    assert "1 test passed." in green
    assert "Thank you, Ada Okafor. Your balance is 1250.40 EUR." in red
    assert "I found no account with this number" in red
    assert "1 of 1 tests failed. The bot is not published yet." in refused
    assert "is live. Conversations that are running keep theirs." in published
    assert "Guarded" in published


def test_what_is_downloaded_runs_from_the_shell(served: Product, author: Author, tmp_path: Path) -> None:
    conversation = author.talk("What is my balance?", "it is on my card")
    bot = f"/bots/{author.bot}"
    page = author.post(f"{bot}/tests/record/", conversation=conversation)
    author.outcome(page)
    test = re.findall(rf"{bot}/tests/(\d+)/", page.url)[0]
    (tmp_path / "test.yaml").write_bytes(author.get(f"{bot}/tests/{test}/download/").content)
    (tmp_path / "bot.json").write_text(served.manage("export_bot", author.bot))
    author.post(f"{bot}/tests/{test}/delete/")

    report = json.loads(
        served.manage("test_bot", str(tmp_path / "bot.json"), str(tmp_path / "test.yaml"), "--format", "json")
    )

    assert report["ok"]
    assert report["summary"].startswith("1 scenarios (0 skipped), 2 turns")
