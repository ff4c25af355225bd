"""File names and answers of APIs that would like to be run: no page that shows them runs any of it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import importing
from tests.browser.test_import_hostile import expect_harmless, watched
from tests.samples import hostile_bot

__all__ = ["watched"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

VENOM, NAME = hostile_bot.VENOM, hostile_bot.NAME
FILE_NAME = "\"'><img src=x onerror=alert(1)><svg onload=alert(2)>.json"  # browsers send no slash in a name
ANSWERS = {  # path: status, reason, media type, body
    "/json": (200, "OK", "application/json", json.dumps({NAME: [VENOM, {VENOM: NAME}], "__proto__": VENOM})),
    "/page": (200, "OK", "text/html", f"<!doctype html><title>{VENOM}</title>{VENOM}"),
    "/picture": (200, "OK", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('/canary/s')\"/>"),
    "/broken": (200, "OK", "application/json", '{"a": ' + VENOM),
    "/error": (500, f"Gone {NAME}", "application/json", json.dumps({"error": VENOM})),
    "/type": (200, "OK", f"text/html;charset={NAME}", VENOM),
    "/elsewhere": (302, "Found", "text/plain", VENOM),
}
POLICY_SPEAKS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`The policy had to stop ${event.violatedDirective} ${event.blockedURI}`));"""


class Hostile(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, reason, media_type, body = ANSWERS[self.path]
        self.send_response(status, reason)
        self.send_header("Content-Type", media_type)
        self.send_header("X-Venom", VENOM)
        self.send_header("Set-Cookie", f"a={NAME}")
        if status == 302:
            self.send_header("Location", f"javascript:fetch('/canary/location')//{NAME}")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def strict(watched: Page) -> Page:
    """A page whose policy says aloud what it had to stop; that fails the test, as any error on the console does."""
    watched.add_init_script(POLICY_SPEAKS)
    return watched


def new_integration(page: Page, *, name: str) -> None:
    page.goto("/bots/")
    page.get_by_role("link", name="Account balance", exact=True).click()
    page.get_by_role("link", name="Integrations").click()
    page.get_by_role("link", name="New integration").first.click()
    page.get_by_label("Integration Name").fill(name)
    page.get_by_label("Response Data Variable Name").fill(name)


def test_no_answer_of_an_api_is_run_by_the_pages_that_show_it(strict: Page, hostile: str) -> None:
    new_integration(strict, name="Hostile")
    for path in ANSWERS:
        strict.get_by_label(re.compile("^URL")).fill(f"{hostile}{path}")
        strict.locator("#test-run").get_by_role("button", name="Test run").click()
        expect(strict.locator("#test-run")).to_contain_text(path)
        expect(strict.locator("#test-run [role=tablist]").first).to_be_visible()
        for tab in strict.locator("#test-run [role=tab]").all():
            tab.click()
            expect_harmless(strict)


def test_a_field_that_a_hostile_key_made_is_only_text(strict: Page, hostile: str) -> None:
    new_integration(strict, name="Keys")
    strict.get_by_label(re.compile("^URL")).fill(f"{hostile}/json")
    strict.locator("#test-run").get_by_role("button", name="Test run").click()
    expect(strict.locator(".tree-value").first).to_be_visible()
    strict.locator(".tree-value").first.click()
    expect(strict.get_by_role("menu")).to_be_visible()
    expect_harmless(strict)
    strict.get_by_role("menuitem").first.click()
    expect_harmless(strict)


def test_no_name_of_a_file_is_run(strict: Page) -> None:
    importing.look_at(strict, name=FILE_NAME, data=json.dumps(hostile_bot.document()).encode())
    expect(strict.locator("main")).to_contain_text("onerror=alert(1)")
    expect_harmless(strict)

    importing.look_at(strict, name=FILE_NAME, data=b'{"interactionType": 1}' * 1_001)  # so large that a worker reads it
    expect(strict.get_by_role("button", name="Try again")).to_be_visible()
    expect(strict.locator("main")).to_contain_text("onerror=alert(1)")
    expect_harmless(strict)

    strict.goto("/bots/")
    strict.get_by_role("link", name="Account balance", exact=True).click()
    strict.get_by_role("link", name="Integrations").click()
    strict.get_by_role("link", name="Import OpenAPI").click()
    file = {"name": FILE_NAME, "mimeType": "application/json", "buffer": VENOM.encode()}
    strict.get_by_label("OpenAPI document").set_input_files(file)
    strict.get_by_role("button", name="Look at it").click()
    expect(strict.get_by_role("alert").first).to_be_visible()
    expect_harmless(strict)
