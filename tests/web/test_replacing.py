"""The pages that replace a credential everywhere: say what follows, do it, report, take it back."""

from __future__ import annotations

import pytest
import redis
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import versions
from credentials import kinds
from credentials.models import Credential, Organization
from credentials.services import vault
from integrations.models import Integration
from tests import factories
from tests.redis_server import redis_server, store  # noqa: F401
from tests.web.pages import beside, text_of, value_of


@pytest.fixture(autouse=True)
def _with_redis(store: redis.Redis) -> None:  # noqa: F811
    """The list of users asks it."""


@pytest.fixture
def page(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def old(organization: Organization, owner: User) -> Credential:
    return make(organization, owner, "Old")


@pytest.fixture
def new(organization: Organization, owner: User) -> Credential:
    return make(organization, owner, "New")


def make(organization: Organization, owner: User, name: str, hosts: tuple[str, ...] = ()) -> Credential:
    values = {"access_token": f"t0ken of {name}", "token_type": "Bearer"}
    kind = kinds.ALL["access_token"]
    return vault.create(organization, actor=owner, name=name, kind=kind, values=values, allowed_hosts=hosts)


def url(credential: Credential, by: Credential | None = None) -> str:
    path = reverse("replace_credential", args=[credential.key])
    return f"{path}?by={by.key}" if by else path


def test_the_first_page_lists_who_uses_it_and_offers_the_others(
    page: Client, bot: Bot, old: Credential, new: Credential
) -> None:
    factories.make_integration(bot, name="Orders", credential=old, url="https://orders.test/")

    answer = page.get(url(old))

    words = text_of(answer)
    assert "Orders" in words
    assert "New (Access Token, Ready)" in words
    assert "Old (Access Token" not in words


def test_what_nobody_uses_has_nothing_to_replace(page: Client, old: Credential, new: Credential) -> None:
    assert "there is nothing to replace" in text_of(page.get(url(old)))


def test_the_second_page_says_what_follows_for_hosts_and_published_versions(
    page: Client, bot: Bot, old: Credential, organization: Organization, owner: User
) -> None:
    factories.make_integration(bot, name="Orders", credential=old, url="https://orders.test/")
    versions.publish(bot.pk, user=owner)
    strict = make(organization, owner, "Strict", ("other.test",))

    words = text_of(page.get(url(old, strict)))

    assert "Strict may not be sent to orders.test" in words
    assert "Let Strict be sent to orders.test, too" in words
    assert "Published versions get Strict, too" in words
    assert Integration.objects.get().credential == old


def test_it_is_done_reported_and_undone(page: Client, bot: Bot, old: Credential, new: Credential, owner: User) -> None:
    row = factories.make_integration(bot, name="Orders", credential=old, url="https://orders.test/")
    versions.publish(bot.pk, user=owner)

    report = page.post(url(old, new), {"published": "on"}, follow=True)
    row.refresh_from_db()
    replaced = row.credential
    page_of_old = text_of(page.get(reverse("credential", args=[old.key])))
    undone = page.post(reverse("undo_replacement", args=[old.key]), {"of": value_of(report, "of")}, follow=True)

    row.refresh_from_db()
    assert replaced == new
    assert "1 integration changed" in text_of(report)
    assert "Whatever still names it gets New instead" in page_of_old
    assert "1 integration uses Old again." in text_of(undone)
    assert row.credential == old
    assert Credential.objects.get(pk=old.pk).replaced_by is None


def test_a_stand_in_is_ended_from_the_page(page: Client, old: Credential, new: Credential) -> None:
    Credential.objects.filter(pk=old.pk).update(replaced_by=new)

    page.post(reverse("end_stand_in", args=[old.key]))

    assert Credential.objects.get(pk=old.pk).replaced_by is None


def test_a_credential_that_is_replaced_itself_is_not_offered(
    page: Client, bot: Bot, old: Credential, new: Credential, organization: Organization, owner: User
) -> None:
    factories.make_integration(bot, credential=old)
    third = make(organization, owner, "Third")
    Credential.objects.filter(pk=new.pk).update(replaced_by=third)

    answer = page.get(url(old, new))

    assert "Select a valid choice" in beside(answer, "id_by")


@pytest.mark.parametrize("text", ["", "nonsense"])
def test_a_report_of_nothing_leads_back_to_the_credential(page: Client, old: Credential, text: str) -> None:
    answer = page.get(reverse("credential_replaced", args=[old.key]), {"of": text})

    assert answer.url == reverse("credential", args=[old.key])


def test_a_report_of_another_credential_undoes_nothing_here(
    page: Client, bot: Bot, old: Credential, new: Credential
) -> None:
    row = factories.make_integration(bot, credential=old, url="https://orders.test/")
    report = page.post(url(old, new), {}, follow=True)

    page.post(reverse("undo_replacement", args=[new.key]), {"of": value_of(report, "of")})

    row.refresh_from_db()
    assert row.credential == new
