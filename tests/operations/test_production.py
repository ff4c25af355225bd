"""What PARLEY_ENV=production switches on: Django's own check finds nothing, cookies are closed, HTTPS is a must."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.operations.test_env import production

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import json
from django.test import Client
from django.conf import settings
secure = Client().get("/login/", secure=True, headers={"Host": "bots.example.com"})
plain = Client().get("/login/", headers={"Host": "bots.example.com"})
token = secure.cookies["__Host-csrftoken"]
print(json.dumps({
    "csrf": [token["secure"], token["httponly"], token["samesite"]],
    "session": [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE],
    "hsts": secure["Strict-Transport-Security"], "plain": [plain.status_code, plain["Location"]],
    "debug": settings.DEBUG,
    "other host": Client().get("/login/", secure=True, headers={"Host": "evil.test"}).status_code,
}))
"""


def manage(tmp_path: Path, *arguments: str, **more: str) -> str:
    environ = {"PATH": os.environ["PATH"], **production(tmp_path), "PARLEY_TRUSTED_PROXIES": "127.0.0.1", **more}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_djangos_deployment_check_finds_nothing(tmp_path: Path) -> None:
    assert "no issues" in manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING")


def test_a_check_warns_where_no_proxy_may_say_that_tls_was_used(tmp_path: Path) -> None:
    told = manage(tmp_path, "check", PARLEY_TRUSTED_PROXIES="")

    assert "credentials.W001" in told
    assert "PARLEY_TRUSTED_PROXIES" in told


def test_cookies_are_closed_and_plain_http_leads_to_https(tmp_path: Path) -> None:
    manage(tmp_path, "collectstatic", "--noinput", "-v0")
    told = json.loads(manage(tmp_path, "shell", "-v0", "-c", ASK).splitlines()[0])

    assert told["csrf"] == [True, True, "Lax"]
    assert told["session"] == [True, True, "Lax"]
    assert told["hsts"] == "max-age=31536000"
    assert told["plain"] == [301, "https://bots.example.com/login/"]
    assert told["debug"] is False
    assert told["other host"] == 400
