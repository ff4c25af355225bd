"""Parley as production starts it: what it refuses, tells browsers, and keeps to itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.operations.test_env import production

ROOT = Path(__file__).resolve().parents[2]
HOST = "bots.example.test"

TRAVERSALS = [
    "/static/../parley.sqlite3",
    "/static/%2e%2e/parley.sqlite3",
    "/static/..%2fparley.sqlite3",
    "/static//etc/passwd",
    "/static/../../../../../../etc/passwd",
    "/static/..\\parley.sqlite3",
    "/static/link-out",
]


HEALTH, API, PAGE = "/healthz", "/api/v1/conversations/000-x/messages", "/login/"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("production")
    (folder / "static").mkdir()
    (folder / "static" / "link-out").symlink_to("/etc/passwd")
    command = [sys.executable, "-m", "tests.operations.production_asked", HOST, HEALTH, API, PAGE, *TRAVERSALS]
    environ = production(folder) | {"PARLEY_ALLOWED_HOSTS": HOST, "PARLEY_TRUSTED_PROXIES": "127.0.0.1"}
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"], **environ}, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_request_without_tls_is_sent_to_tls(answers: dict[str, Any]) -> None:
    assert answers["plain"]["status"] == 301
    assert answers["plain"]["headers"]["Location"] == f"https://{HOST}/login/"


def test_cookies_are_for_this_host_over_tls_and_for_no_script(answers: dict[str, Any]) -> None:
    cookies = answers["page"]["cookies"] | answers["log-in"]["cookies"]

    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(cookies)
    for flags in cookies.values():
        assert (flags["secure"], flags["httponly"], flags["samesite"]) == (True, True, "Lax")
        assert (flags["path"], flags["domain"]) == ("/", "")


def test_every_answer_tells_browsers_what_to_refuse(answers: dict[str, Any]) -> None:
    assert answers["page"]["headers"]["Cross-Origin-Opener-Policy"] == "same-origin"
    for name in (HEALTH, API):
        headers = answers[name]["headers"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answers["page"]["headers"]["Strict-Transport-Security"].startswith("max-age=31536000")


def test_no_page_gets_a_second_policy(answers: dict[str, Any]) -> None:
    names = answers[PAGE]["names"]

    assert answers[PAGE]["status"] == 200
    assert sorted(names) == sorted(set(names))
    assert "script-src 'self'" in answers[PAGE]["headers"]["Content-Security-Policy"]


def test_a_foreign_host_gets_nothing_and_stands_in_no_link(answers: dict[str, Any]) -> None:
    assert answers["poisoned"]["status"] == 400
    assert "evil.test" not in answers["poisoned"]["text"]
    assert "evil.test" not in answers["poisoned by a proxy header"]["text"]
    assert f"https://{HOST}/credentials/oauth/callback/" in answers["redirect uri"]["text"]


def test_a_log_in_leads_to_this_host_only_and_makes_a_new_session(answers: dict[str, Any]) -> None:
    assert answers["log-in"]["status"] == 302
    assert answers["log-in"]["headers"]["Location"] == "/bots/"
    assert not answers["same session"]


def test_the_back_office_is_for_staff(answers: dict[str, Any]) -> None:
    assert answers["back office"]["status"] == 302
    assert answers["back office"]["headers"]["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("name", ["missing", "defect", "defect of the API", "poisoned", API])
def test_what_goes_wrong_shows_nothing_of_the_inside(answers: dict[str, Any], name: str) -> None:
    text = answers[name]["text"]

    assert answers[name]["status"] in (400, 401, 404, 500)
    for inside in ("Traceback", "SELECT", "/srv/parley", str(ROOT), "RuntimeError", "django", "urlpatterns"):
        assert inside not in text


def test_no_spelling_leads_out_of_the_static_files(answers: dict[str, Any]) -> None:
    found = [answers[path] for path in TRAVERSALS]

    assert {answer["status"] for answer in found} <= {400, 404}
    assert not any("root:" in answer["text"] or "SQLite format" in answer["text"] for answer in found)


def test_a_changed_password_ends_the_other_sessions_and_a_log_out_its_own(answers: dict[str, Any]) -> None:
    found = answers["sessions"]

    assert (found["before"], found["own"], found["other"]) == (200, 200, 302)
    assert found["log-out by a link"] == 405
    assert found["after log-out"] == 302
