"""What an authorization server's faults and refusals do: a sentence, a rest, and nothing lost."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from credentials import kinds
from credentials.models import AuditEntry, Credential
from credentials.net import oauth
from credentials.services import health, refresh, tokens, trial, use, vault
from tests.authorization_server import CLIENT_SECRET, answers
from tests.services.oauth_credentials import Office, again, held

SERVER_FAULTS = [
    (503, "<h1>busy</h1>", "answered 503. Try again later"),
    (200, "<html>sign in</html>", "holds no access token"),
    (200, '["a"]', "holds no access token"),
    (200, '{"access_token": {"a": 1}}', "holds no access token"),
    (200, '{"access_token": "a\\nb"}', "holds no access token"),
    (404, "nothing here", "answered 404 at the Token URL"),
    (
        200,
        '{"error": "invalid_scope", "error_description": "no such scope"}',
        "answered invalid_scope: no such scope. Check Scope",
    ),
    (400, '{"error": "we<ird", "error_description": "x"}', "answered weird: x."),
    (400, '{"error": {"code": 7}}', "The authorization server answered"),
    (200, b"\xff\xfe", "holds no access token"),
    (200, "x" * 300_000, "larger than"),
]


@pytest.mark.parametrize(("status", "body", "sentence"), SERVER_FAULTS)
def test_a_broken_answer_is_a_sentence_and_keeps_the_tokens(
    office: Office, status: int, body: str | bytes, sentence: str
) -> None:
    credential = office.authorized(left=-1)
    office.server.instead = answers(status, body)

    outcome = office.call(credential)

    assert (outcome.kind, sentence in outcome.message) == ("credential", True), outcome.message
    assert held(credential).refresh_token == "r3fresh-1-t0ken"


def test_a_redirect_of_the_token_url_is_not_followed_with_the_secret(office: Office) -> None:
    office.server.instead = answers(307, "", Location=f"{office.server.url}/elsewhere")

    outcome = office.call(office.client())

    assert "redirects to another address" in outcome.message
    assert len(office.server.token_requests) == 1


@pytest.mark.parametrize("lasts", ['"3600"', "3600.5", "3600"])
def test_a_life_is_understood_in_the_forms_that_servers_write(office: Office, lasts: str) -> None:
    office.server.instead = answers(200, f'{{"access_token": "t", "expires_in": {lasts}}}')
    credential = office.client()

    office.call(credential)

    ends_at = held(credential).ends_at
    assert ends_at and 3500 < ends_at - time.time() <= 3601


@pytest.mark.parametrize("lasts", ["-1", "0", "null", "[]", '"soon"', "1e400"])
def test_a_life_that_makes_no_sense_is_none(office: Office, lasts: str) -> None:
    office.server.instead = answers(200, f'{{"access_token": "t", "expires_in": {lasts}}}')
    credential = office.client()

    office.call(credential)

    assert held(credential).ends_at is None


def test_a_slow_server_is_given_up_and_the_token_used_while_it_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()
    office.server.instead = lambda request: (200, {}, b"") if release.wait(20) else None
    monkeypatch.setattr(oauth, "SECONDS", 0.3)
    ending = office.authorized(left=30)

    outcome = office.call(ending)
    state = again(ending).token_state
    release.set()

    assert outcome.ok
    assert office.server.api_requests == ["Bearer acc3ss-1-t0ken"]
    assert "took too long" in state["failure"]


def test_after_a_temporary_failure_the_server_has_a_rest(office: Office) -> None:
    credential = office.authorized(left=-1)
    office.server.instead = answers(503, "")

    first = [office.call(credential) for _ in range(3)]
    asked = len(office.server.token_requests)
    _failed(credential, seconds_ago=31)
    office.server.instead = lambda request: None
    later = office.call(credential)

    assert {each.kind for each in first} == {"credential"}
    assert (asked, later.ok) == (1, True)
    assert "failure" not in again(credential).token_state


def _failed(credential: Credential, *, seconds_ago: float) -> None:
    row = again(credential)
    moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    row.token_state["failed_at"] = moment.isoformat()
    row.save(update_fields=["token_state"])


def test_a_mended_setting_is_tried_at_once(office: Office) -> None:
    credential = office.client(client_secret="wrong")
    before = office.call(credential)

    vault.change(
        credential,
        actor=office.owner,
        name="Shop",
        values=office.server.settings(),
        allowed_hosts=[office.server.host],
    )

    assert "answered invalid_client: Wrong client or secret. Check Client ID" in before.message
    assert office.call(credential).ok


def test_tokens_of_another_client_are_dropped_with_the_change(office: Office) -> None:
    credential = office.authorized()
    values = office.server.settings(auth_url=f"{office.server.url}/authorize", client_id="another")

    vault.change(credential, actor=office.owner, name="Shop", values=values, allowed_hosts=[])

    assert tokens.of(again(credential)) is None
    assert health.of(again(credential)).text == "Not authorized"


def test_what_is_not_authorized_says_who_must_act(office: Office) -> None:
    outcome = office.call(office.code())

    assert outcome.kind == "credential"
    assert "is not authorized yet. An administrator must open it" in outcome.message


def test_fetching_a_token_is_the_test(office: Office) -> None:
    good = trial.token(office.authorized(), actor=office.owner)
    Credential.objects.all().delete()
    bad = trial.token(office.client(client_secret="wrong"), actor=office.owner)

    assert (good.ok, good.message) == (True, "The authorization server gave a token that lasts 60 min.")
    assert not bad.ok
    assert "invalid_client" in bad.message


def test_tokens_are_sealed_to_their_credential_and_their_purpose(office: Office) -> None:
    mine = office.authorized()
    stored = Credential.objects.values_list("tokens", flat=True).get(pk=mine.pk)
    row = again(mine)
    row.sealed, row.tokens = row.tokens, row.sealed
    row.save()
    use.forget()

    outcome = office.call(mine)

    assert "acc3ss" not in stored
    assert outcome.kind == "credential"
    assert "belong to another credential" in outcome.message


def test_an_answer_that_was_put_down_is_unreadable_in_redis(office: Office, store: object) -> None:
    credential = office.authorized()
    fresh = tokens.Tokens("acc3ss-secret", "r3fresh-secret", 0.0, None)

    refresh.answers.put_down(credential, answer=fresh, started_from=1)

    kept = b" ".join(store.get(key) for key in store.keys("parley:oauth:answer:*"))
    assert kept
    assert b"secret" not in kept


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"token_url": "http://login.test/token"}, "token_url"),
        ({"token_url": "login.test"}, "token_url"),
        ({"auth_url": "https://login.test/#x"}, "auth_url"),
        ({"expired_statuses": "200"}, "expired_statuses"),
        ({"expired_statuses": "often"}, "expired_statuses"),
        ({"extra_parameters": "state=1"}, "extra_parameters"),
        ({"extra_parameters": "prompt"}, "extra_parameters"),
        ({"client_auth": "telepathy"}, "client_auth"),
        ({"client_secret": ""}, "client_secret"),
    ],
)
def test_settings_that_cannot_work_are_refused_when_stored(office: Office, values: dict[str, str], field: str) -> None:
    with pytest.raises(kinds.BadValue) as caught:
        office.code(**values) if "auth_url" not in values else office._make(
            "oauth_code", office.server.settings(**values)
        )

    assert caught.value.field == field


def test_nothing_of_a_refusal_holds_a_secret(office: Office) -> None:
    credential = office.authorized(left=-1)
    said = {"error": "invalid_client", "error_description": f"secret {CLIENT_SECRET} of r3fresh-1-t0ken is wrong"}
    office.server.instead = answers(400, json.dumps(said))

    outcome = office.call(credential)

    shown = outcome.message + json.dumps(again(credential).token_state) + repr(list(AuditEntry.objects.values()))
    assert "••••" in shown
    assert CLIENT_SECRET not in shown
    assert "r3fresh-1" not in shown
