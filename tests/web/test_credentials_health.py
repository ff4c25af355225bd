"""The health of credentials as an administrator sees it: what is wrong first, with the button that mends it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import redis
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bots.models import Bot
from credentials import kinds
from credentials.models import Credential, Organization
from credentials.services import lastcalls, tokens, vault
from tests import factories
from tests.redis_server import redis_server, store  # noqa: F401
from tests.web.pages import text_of

OAUTH = {
    "client_id": "parley",
    "client_secret": "cl1ent-s3cret",
    "auth_url": "https://login.test/authorize",
    "token_url": "https://login.test/token",
    "client_auth": "header",
}


@pytest.fixture
def page(client: Client, owner: User, store: redis.Redis) -> Client:  # noqa: F811
    client.force_login(owner)
    return client


def make(organization: Organization, owner: User, kind: str = "oauth_code", name: str = "Shop") -> Credential:
    values = OAUTH if kind.startswith("oauth") else {"access_token": "t0ken", "token_type": "Bearer"}
    return vault.create(organization, actor=owner, name=name, kind=kinds.ALL[kind], values=values)


def authorized(credential: Credential, *, age: float, left: float) -> Credential:
    now = time.time()
    held = tokens.Tokens("acc3ss", "r3fresh", now - age, now + left)
    tokens.store(credential.pk, tokens=held, started_from=None, authorized=True)
    return Credential.objects.get(pk=credential.pk)


def fail(credential: Credential, kind: str, message: str) -> None:
    tokens.note_failure(credential.pk, started_from=tokens.generation(credential), kind=kind, message=message)


def one(page: Client, credential: Credential) -> str:
    return text_of(page.get(reverse("credential", args=[credential.key]))).replace("\xa0", " ")


def all_of(page: Client) -> str:
    return text_of(page.get(reverse("credentials"))).replace("\xa0", " ")


def test_what_works_tells_its_last_refresh_and_its_next_expiry(
    page: Client, organization: Organization, owner: User
) -> None:
    credential = authorized(make(organization, owner), age=7200, left=3 * 3600 + 30)

    words = one(page, credential)

    assert "Authorized, access token ends at" in words
    assert "Last refresh 2 hours ago" in words
    assert "Next expiry in 3 hours" in words
    assert "Last used never" in words
    assert "All well" in all_of(page)
    assert "Needs attention" not in all_of(page)


def test_a_dead_grant_comes_first_with_the_reason_and_the_button(
    page: Client, organization: Organization, owner: User
) -> None:
    make(organization, owner, "access_token", "A token")
    dead = authorized(make(organization, owner, name="Zoo"), age=7200, left=-60)
    fail(dead, "grant", "The authorization server answered invalid_grant. Reauthorize.")

    listed, own = all_of(page), one(page, dead)

    assert "1 of 2 needs attention" in listed
    assert listed.index("Zoo") < listed.index("A token")
    for words in (listed, own):
        assert "Refreshing failed: reauthorize" in words
        assert "ended 1 minute ago" in words
        assert "answered invalid_grant" in words
        assert "Reauthorize" in words
    assert "Last failure just now" in own


def test_a_server_that_was_down_is_asked_again_with_one_button(
    page: Client, organization: Organization, owner: User
) -> None:
    down = authorized(make(organization, owner), age=7200, left=-60)
    fail(down, "temporary", "The authorization server answered 503. Try again later.")

    assert "Ask for a token now for Shop" in all_of(page)
    assert "Refreshing failed: tried again soon" in one(page, down)


def test_what_is_not_authorized_or_disabled_offers_just_that(
    page: Client, organization: Organization, owner: User
) -> None:
    make(organization, owner, name="New")
    off = make(organization, owner, "access_token", "Off")
    vault.set_disabled(off, actor=owner, disabled=True)

    words = all_of(page)

    assert "2 of 2 need attention" in words
    assert "Authorize New" in words
    assert "Enable Off" in words
    assert "Calls fail until an administrator enables it." in one(page, off)


def test_the_last_calls_of_its_integrations_stand_on_its_page(
    page: Client, organization: Organization, owner: User, bot: Bot
) -> None:
    credential = make(organization, owner, "access_token")
    row = factories.make_integration(bot, name="Orders", credential=credential)
    caller = lastcalls.caller(bot=str(bot.key), integration=str(row.key))
    lastcalls.note(str(credential.key), caller=caller, call=lastcalls.LastCall(time.time() - 7300, 401, "http"))
    lastcalls.write()
    Credential.objects.update(updated_at=timezone.now() - timedelta(days=1))

    words, answer = one(page, credential), page.get(reverse("credential", args=[credential.key])).content.decode()

    assert "Orders Account balance editor answered 401 2 hours ago" in words
    assert "Refused by the API" in words
    assert reverse("integration", args=[bot.pk, row.pk]) in answer
    assert reverse("bot", args=[bot.pk]) in answer


def test_a_monitor_is_told_what_needs_attention_by_text_and_status(
    page: Client, organization: Organization, owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    make(organization, owner, "access_token", "Well")
    call_command("credential_health")
    make(organization, owner, name="CRM")

    with pytest.raises(SystemExit) as ended:
        call_command("credential_health")

    first, second = capsys.readouterr().out.splitlines()
    assert first == "All credentials are well."
    assert second == "Acme: CRM: warn: Not authorized. Calls fail until somebody authorizes it."
    assert ended.value.code == 1
