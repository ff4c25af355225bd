"""Where a credential is used, and how the last calls with it ended."""

from __future__ import annotations

import time

import pytest
import redis
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from bots.models import Bot
from bots.services import versions
from config import redis as connections
from credentials import kinds, wire
from credentials.models import Credential, Organization
from credentials.sealed import Ciphertext
from credentials.services import lastcalls, overview, policies, uses, vault
from integrations.engine.scope import Scope
from integrations.models import Integration
from integrations.services import calls, definitions
from integrations.services.edge import real_edge
from tests import factories
from tests.loopback_api import Answer, Api
from tests.services.calling import no_script


@pytest.fixture
def credential(organization: Organization, owner: User, api: Api) -> Credential:
    return vault.create(
        organization,
        actor=owner,
        name="Shop",
        kind=kinds.ALL["access_token"],
        values={"access_token": "t0ken-of-the-shop", "token_type": "Bearer"},
        allowed_hosts=[api.url],
    )


@pytest.fixture
def integration(bot: Bot, credential: Credential, api: Api) -> Integration:
    return factories.make_integration(bot, name="Orders", credential=credential, url=api.url, retries=0)


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "policy_for", lambda organization: wire.Policy(loopback=True))


def call(integration: Integration) -> None:
    spec = definitions.to_spec(integration)
    edge = real_edge(integration.bot.organization_id, bot=str(integration.bot.key))
    calls.run(spec, scope=Scope(), edge=edge, run_script=no_script, context=calls.CallContext())


def test_the_last_call_of_each_integration_is_told_with_its_outcome(
    bot: Bot, credential: Credential, integration: Integration, api: Api, store: redis.Redis
) -> None:
    other = factories.make_integration(bot, name="Stock", credential=credential, url=api.url, retries=0)
    factories.make_integration(bot, name="Unused", credential=credential, url=api.url)
    api.will_answer(Answer(200), Answer(401), Answer(503))
    begun = time.time()

    for each in (integration, other, integration):
        call(each)
    lastcalls.write()

    found = {use.name: use.last for use in uses.of(credential)}
    assert (found["Orders"].status, found["Orders"].failure, found["Orders"].refused) == (503, "http", False)
    assert (found["Stock"].status, found["Stock"].refused) == (401, True)
    assert found["Unused"] is None
    assert begun <= found["Stock"].at <= found["Orders"].at <= time.time()


def test_noting_a_call_asks_neither_sql_nor_redis(
    integration: Integration,
    store: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    spec = definitions.to_spec(integration)
    edge = real_edge(integration.bot.organization_id, bot="b")
    monkeypatch.setattr(lastcalls, "connections", None)

    with django_assert_num_queries(0):
        edge.called(spec, 200, "")

    assert list(lastcalls._new) == [(spec.credential, f"b/{spec.key}")]


def test_one_thread_writes_what_is_noted_within_its_second(store: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    monkeypatch.setattr(lastcalls, "write_later", lambda: started.append(1))
    last = lastcalls.LastCall(5.0, 200, "")

    for number in range(3):
        lastcalls.note("k", caller=f"b/{number}", call=last)
    lastcalls.write()
    lastcalls.note("k", caller="b/0", call=last)

    assert len(started) == 2
    assert lastcalls.of(["k", "other"]) == {"k": {f"b/{number}": last for number in range(3)}, "other": {}}
    assert store.ttl("parley:lastcall:k") > 80 * 86_400


def test_without_redis_the_users_are_listed_all_the_same(
    credential: Credential, integration: Integration, store: redis.Redis, settings: object
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    connections.client.cache_clear()

    call(integration)
    lastcalls.write()

    assert [(use.name, use.last) for use in uses.of(credential)] == [("Orders", None)]


def test_a_live_version_uses_what_it_froze(
    credential: Credential, bot: Bot, integration: Integration, owner: User, store: redis.Redis
) -> None:
    versions.publish(bot.pk, user=owner)
    both = uses.of(credential)
    Integration.objects.update(credential=None)
    frozen = uses.of(credential)
    versions.unpublish(bot.pk, user=owner)

    assert [(use.pk, use.live) for use in both] == [(integration.pk, 1)]
    assert [(use.name, use.pk, use.live, use.live_url) for use in frozen] == [("Orders", None, 1, integration.url)]
    assert uses.of(credential) == []


def test_what_a_live_version_needs_is_not_deleted(
    credential: Credential, bot: Bot, integration: Integration, owner: User, store: redis.Redis
) -> None:
    versions.publish(bot.pk, user=owner)
    Integration.objects.update(credential=None)

    with pytest.raises(vault.InUse) as caught:
        vault.delete(credential, actor=owner)

    assert [use.live for use in caught.value.uses] == [1]


def test_what_an_api_refuses_needs_attention_though_nothing_stored_is_wrong(
    credential: Credential, integration: Integration, api: Api, organization: Organization, store: redis.Redis
) -> None:
    api.will_answer(Answer(401), Answer(200))

    call(integration)
    lastcalls.write()
    refused = overview.of(organization)
    call(integration)
    lastcalls.write()

    assert [(row.health.text, row.health.level, row.uses) for row in refused] == [("Refused by the API", "warn", 1)]
    assert "answered 401" in refused[0].health.detail
    assert overview.attention(overview.of(organization)) == []


def test_what_failed_before_the_latest_change_tells_nothing_of_how_it_is_now(
    credential: Credential, integration: Integration, api: Api, organization: Organization, store: redis.Redis
) -> None:
    api.will_answer(Answer(401))
    call(integration)
    lastcalls.write()

    Credential.objects.update(updated_at=timezone.now())

    assert overview.attention(overview.of(organization)) == []


def test_secrets_that_cannot_be_read_need_attention_after_the_first_call(
    credential: Credential, integration: Integration, organization: Organization, store: redis.Redis
) -> None:
    Credential.objects.update(sealed=Ciphertext("damaged"))

    call(integration)
    lastcalls.write()

    [row] = overview.attention(overview.of(organization))
    assert (row.health.text, row.health.level) == ("Not usable at the last call", "bad")


def test_the_worst_comes_first_and_a_long_list_needs_few_queries(
    organization: Organization, owner: User, store: redis.Redis, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        values = {"access_token": "t0ken", "token_type": ""}
        kind = kinds.ALL["access_token"]
        vault.create(organization, actor=owner, name=f"b{number}", kind=kind, values=values)
    Credential.objects.filter(name="b3").update(secrets_set_at={})
    Credential.objects.filter(name="b7").update(disabled=True)

    with django_assert_num_queries(2):
        rows = overview.of(organization)

    assert [row.credential.name for row in rows[:3]] == ["b3", "b7", "b0"]
    assert [row.health.level for row in overview.attention(rows)] == ["bad", "warn"]
