"""OAuth 2.0 tokens against a real authorization server: fetched, refreshed once, kept, and what a refusal says."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from credentials import egress, wire
from credentials.models import AuditEntry
from credentials.net import oauth
from credentials.services import health, refresh, tokens
from integrations.engine.outcome import CallOutcome, tries
from integrations.services import calls
from tests.authorization_server import answers
from tests.services.oauth_credentials import Office, again, held


def test_a_client_fetches_a_token_for_itself_and_keeps_it(office: Office) -> None:
    credential = office.client(
        scope="read write", audience="https://api.example.test", extra_parameters="resource=a b\nx=1"
    )

    outcomes = [office.call(credential) for _ in range(3)]

    asked = office.server.token_requests[0]
    assert [each.ok for each in outcomes] == [True] * 3
    assert (office.server.fetches, len(office.server.token_requests)) == (1, 1)
    assert asked.form == {
        "grant_type": "client_credentials",
        "scope": "read write",
        "audience": "https://api.example.test",
        "resource": "a b",
        "x": "1",
    }
    assert set(office.server.api_requests) == {"Bearer acc3ss-1-t0ken"}


def test_a_client_may_authenticate_in_the_body(office: Office) -> None:
    assert office.call(office.client(client_auth="body")).ok
    assert office.server.token_requests[0].authorization == ""


@pytest.mark.parametrize("left", [-5.0, 30.0])
def test_a_token_is_refreshed_before_it_ends(office: Office, left: float) -> None:
    credential = office.authorized(left=left)

    assert office.call(credential).ok
    assert office.server.refreshes == 1
    assert office.server.api_requests == ["Bearer acc3ss-2-t0ken"]
    assert held(credential).refresh_token == "r3fresh-2-t0ken"


def test_a_token_that_lasts_is_left_alone(office: Office) -> None:
    assert office.call(office.authorized(left=120.0)).ok
    assert office.server.refreshes == 0


def test_a_refused_token_is_refreshed_once_and_the_call_repeated_once(office: Office) -> None:
    credential = office.authorized()
    office.server.revoke()

    outcome = office.call(credential, method="POST", retries=0)

    assert (outcome.ok, office.server.refreshes) == (True, 1)
    assert office.server.api_requests == ["Bearer acc3ss-1-t0ken", "Bearer acc3ss-2-t0ken"]


def test_an_api_that_refuses_every_token_does_not_make_parley_hammer_the_server(office: Office) -> None:
    credential = office.authorized()
    office.server.api_status = 401
    office.server.live = _Nothing()

    outcomes = [office.call(credential, retries=0) for _ in range(4)]

    assert {(each.kind, each.status) for each in outcomes} == {("http", 401)}
    assert (office.server.refreshes, len(office.server.api_requests)) == (1, 5)


class _Nothing(dict):  # type: ignore[type-arg]
    def get(self, key: object, default: object = None) -> object:
        return default


@pytest.mark.parametrize(
    ("rule", "status", "text"),
    [
        ({"expired_statuses": "403, 498"}, 498, "no"),
        ({"expired_text": "INVALID_SESSION"}, 200, '["INVALID_SESSION_ID"]'),
    ],
)
def test_a_credentials_own_rule_says_what_a_refused_token_looks_like(
    office: Office, rule: dict[str, str], status: int, text: str
) -> None:
    credential = office.authorized(**rule)
    office.server.api_status, office.server.api_text = status, text
    office.server.revoke()

    assert office.call(credential, retries=0).ok
    assert office.server.refreshes == 1


def test_without_a_rule_another_status_refreshes_nothing(office: Office) -> None:
    credential = office.authorized()
    office.server.api_status = 403
    office.server.revoke()

    assert office.call(credential, retries=0).status == 403
    assert office.server.refreshes == 0


def test_a_refresh_token_is_never_replaced_by_nothing(office: Office) -> None:
    office.server.rotates = False
    credential = office.authorized(left=-1)

    assert office.call(credential).ok
    assert held(credential).refresh_token == "r3fresh-1-t0ken"


@pytest.mark.parametrize("empty", ['""', "null", "7"])
def test_an_empty_refresh_token_is_nothing(office: Office, empty: str) -> None:
    credential = office.authorized(left=-1)
    office.server.instead = answers(200, f'{{"access_token": "t", "refresh_token": {empty}}}')

    office.call(credential)

    assert held(credential).refresh_token == "r3fresh-1-t0ken"


def test_a_separate_refresh_url_is_asked(office: Office) -> None:
    credential = office.authorized(left=-1, refresh_url=f"{office.server.url}/refresh")

    assert office.call(credential).ok
    assert office.server.token_requests[0].path == "/refresh"


def test_a_dead_grant_is_told_once_and_the_server_left_alone(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    credential = office.authorized(left=-1)
    office.server.end_grant()

    outcomes = [office.call(credential) for _ in range(5)]

    assert {each.kind for each in outcomes} == {"credential"}
    assert "answered invalid_grant: Unknown or used refresh token. The authorization has ended" in outcomes[4].message
    assert len(office.server.token_requests) == 1
    assert health.of(again(credential)).text == "Refreshing failed: reauthorize"
    assert AuditEntry.objects.filter(action="credential.refresh_failed").count() == 1
    assert [record.name for record in caplog.records].count("credentials.services.refresh") == 1


def test_on_invalid_grant_the_store_is_read_again_before_giving_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker without our lock (Redis lost it) was faster: what it stored counts."""
    credential = office.authorized(left=-1)

    def another_was_faster(*given: Any) -> wire.Incoming:
        issued = office.server.issue(refreshable=True)
        answer = oauth.Answer(issued["access_token"], issued["refresh_token"], 3600, time.time())
        tokens.store(credential.pk, tokens=tokens.from_answer(answer), started_from=1)
        return egress.send(*given)

    monkeypatch.setattr(refresh, "send", another_was_faster)
    office.server.instead = answers(400, '{"error": "invalid_grant"}')

    assert office.call(credential).ok
    assert held(credential).generation == 2
    assert "failure" not in again(credential).token_state


def test_old_tokens_never_replace_newer_ones(office: Office) -> None:
    credential = office.authorized()
    old = tokens.Tokens("old", "old", 0.0, None)

    stored = [tokens.store(credential.pk, tokens=old, started_from=generation) for generation in (0, 2)]

    assert stored == [False, False]
    assert held(credential).access_token == "acc3ss-1-t0ken"


def told(outcome: CallOutcome) -> list[tuple[str, int, int]]:
    return [(each.purpose, each.number, each.status) for each in outcome.attempts]


def test_each_question_for_a_token_is_a_line_of_its_own_before_the_try_that_it_serves(office: Office) -> None:
    credential = office.client()

    first, second = office.call(credential), office.call(credential)

    assert told(first) == [("token", 0, 200), ("call", 1, 200)]
    assert told(second) == [("call", 1, 200)]
    token = first.attempts[0]
    assert (token.method, token.url) == ("POST", f"{office.server.url}/token")
    assert token.total_ms > 0 and token.address.startswith("127.0.0.1")


def test_a_refresh_in_the_middle_of_a_call_stands_between_the_two_tries(office: Office) -> None:
    credential = office.authorized()
    office.server.revoke()

    outcome = office.call(credential, retries=0)

    assert told(outcome) == [("call", 1, 401), ("token", 0, 200), ("call", 2, 200)]


def test_a_question_that_is_refused_is_told_and_counts_as_no_try(office: Office) -> None:
    credential = office.authorized(left=-5.0)
    office.server.end_grant()

    outcome = office.call(credential)

    assert (outcome.kind, told(outcome)) == ("credential", [("token", 0, 400)])
    assert tries(outcome.attempts) == 0


def test_the_bot_log_has_a_line_for_each_question_and_no_secret(office: Office) -> None:
    lines: list[tuple[str, str, bool]] = []
    credential = office.client()
    office.server.instead = answers(503, "busy")
    context = calls.CallContext(log=lambda code, text, *, error=False, detail=None: lines.append((code, text, error)))

    office.call(credential, context=context)

    (token,) = (line for line in lines if line[0] == "token")
    assert re.fullmatch(rf"Order: Token: POST {office.server.url}/token answered 503, \d+ ms\.", token[1])
    assert token[2] is True
    assert not any("s3cret" in line[1] or "t0ken" in line[1] for line in lines)
