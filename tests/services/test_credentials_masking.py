"""No spelling of a secret gets through; what is not secret does."""

from __future__ import annotations

import base64
import json
import logging
from urllib.parse import quote, quote_plus

import pytest

from credentials import masking, wire

SECRET = 'pä55"wörd/+ &%'

SPELLINGS = {
    "as it is": SECRET,
    "percent-encoded": quote(SECRET, safe=""),
    "percent-encoded, slash kept": quote(SECRET),
    "percent-encoded, both cases": quote(SECRET, safe="").replace("%C3", "%c3").replace("%A4", "%a4"),
    "as form value": quote_plus(SECRET),
    "in JSON": json.dumps({"a": SECRET}),
    "in JSON, not escaped": json.dumps({"a": SECRET}, ensure_ascii=False),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "URL-safe base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 behind one byte": base64.b64encode(b"u" + SECRET.encode()).decode(),
    "base64 behind two bytes": base64.b64encode(b"u:" + SECRET.encode()).decode(),
    "base64 behind a user name": base64.b64encode(b"ann:" + SECRET.encode() + b":x").decode(),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_is_masked(name: str) -> None:
    shown = masking.text(f"before {SPELLINGS[name]} after", (SECRET,))

    core = SPELLINGS[name].strip('{}":a ')[4:-6]
    assert core not in shown
    assert "••••" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


def test_a_longer_secret_is_masked_before_one_that_it_contains() -> None:
    assert masking.text("x-abcdef-y", ("abc", "abcdef")) == "x-••••-y"


def test_headers_that_hold_secrets_by_name_are_masked_without_knowing_them() -> None:
    rows = (("Authorization", "Bearer abc"), ("Cookie", "a=b"), ("X-API-Key", "k"), ("Accept", "*/*"), ("X-Id", "7"))

    assert masking.headers(rows, ()) == (
        ("Authorization", "Bearer ••••"),
        ("Cookie", "••••"),
        ("X-API-Key", "••••"),
        ("Accept", "*/*"),
        ("X-Id", "7"),
    )


def test_an_authorization_header_without_a_scheme_is_masked_whole() -> None:
    assert masking.headers((("Authorization", "abcdef"),), ()) == (("Authorization", "••••"),)


def test_a_request_is_masked_in_all_its_parts() -> None:
    sent = wire.Outgoing("POST", "https://u:p@a.test/s3cret?k=s3cret", (("X", "s3cret"),), b'{"k": "s3cret"}')

    assert masking.request(sent, ("s3cret",)) == wire.Outgoing(
        "POST", "https://••••@a.test/••••?k=••••", (("X", "••••"),), '{"k": "••••"}'.encode()
    )


def test_a_log_url_keeps_names_and_loses_values() -> None:
    assert masking.without_query("https://a.test/x?q=1&token=abc#y") == "https://a.test/x?q=••••&token=••••"


def test_logs_and_tracebacks_lose_the_secrets_of_running_calls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(masking.SecretFilter())

    with masking.KeptOutOfLogs(("s3cret-value",)):
        try:
            raise ValueError("holds s3cret-value")
        except ValueError:
            logging.getLogger("test").exception("failed with %s", "s3cret-value")

    assert "s3cret-value" not in caplog.text
    assert "failed with ••••" in caplog.text


def test_nothing_is_remembered_after_the_call() -> None:
    with masking.KeptOutOfLogs(("one", "two")):
        pass

    assert not masking._live
