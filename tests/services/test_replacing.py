"""Replacing a credential in all integrations at once: what is said before, what is done, and the way back."""

from __future__ import annotations

import pytest
import redis
from django.contrib.auth.models import User

from bots.models import Bot
from bots.services import versions
from credentials import kinds, wire
from credentials.models import AuditEntry, Credential, Organization
from credentials.services import standins, use, uses, vault
from integrations.models import Environment, Integration
from integrations.services import replacing
from tests import factories


@pytest.fixture(autouse=True)
def _with_redis(store: redis.Redis) -> None:
    """The list of users asks it."""


@pytest.fixture
def old(organization: Organization, owner: User) -> Credential:
    return make(organization, owner, "Old", "old-t0ken")


@pytest.fixture
def new(organization: Organization, owner: User) -> Credential:
    return make(organization, owner, "New", "new-t0ken")


def make(organization: Organization, owner: User, name: str, token: str, hosts: tuple[str, ...] = ()) -> Credential:
    values = {"access_token": token, "token_type": "Bearer"}
    kind = kinds.ALL["access_token"]
    return vault.create(organization, actor=owner, name=name, kind=kind, values=values, allowed_hosts=hosts)


def integrate(bot: Bot, credential: Credential, name: str, url: str) -> Integration:
    return factories.make_integration(bot, name=name, credential=credential, url=url)


def named(integration: Integration) -> str:
    return Integration.objects.get(pk=integration.pk).credential.name


def authorization(credential: Credential) -> str:
    signer = use.signer_for(str(credential.key), organization_id=credential.organization_id)
    signed = signer.sign(wire.Outgoing("GET", "https://a.test/"))
    return dict(signed.headers)["Authorization"]


def test_what_follows_is_said_before_anything_is_changed(bot: Bot, old: Credential, new: Credential) -> None:
    integrate(bot, old, "Orders", "https://orders.test/{id}")
    integrate(bot, old, "Inside", "https://10.0.0.5/x")
    before = AuditEntry.objects.count()

    plan = replacing.plan(old, by=new)

    assert [(step.use.name, step.fresh, step.lacking) for step in plan.steps] == [
        ("Inside", ("10.0.0.5",), ()),
        ("Orders", ("orders.test",), ()),
    ]
    assert "10.0.0.5" in plan.steps[0].blocked
    assert plan.steps[1].blocked == ""
    assert {use.name for use in uses.of(old)} == {"Orders", "Inside"}
    assert AuditEntry.objects.count() == before


def test_a_replacement_that_is_not_ready_or_of_another_type_is_told(
    bot: Bot, old: Credential, organization: Organization, owner: User
) -> None:
    values = {"client_id": "c", "client_secret": "s", "auth_url": "https://a.test/", "token_url": "https://a.test/t"}
    kind = kinds.ALL["oauth_code"]
    other = vault.create(organization, actor=owner, name="Fresh", kind=kind, values=values | {"client_auth": "header"})

    cautions = replacing.plan(old, by=other).cautions

    assert "Fresh is not ready: Not authorized." in cautions[0]
    assert "Access Token is replaced by OAuth 2.0, Authorization Code" in cautions[1]


def test_all_integrations_of_all_bots_get_the_new_one_with_their_hosts(
    bot: Bot, old: Credential, new: Credential, owner: User, organization: Organization
) -> None:
    other = factories.make_bot(organization, name="Other")
    rows = [integrate(bot, old, "Orders", "https://orders.test/"), integrate(other, old, "Stock", "https://s.test/")]

    done = replacing.replace(replacing.plan(old, by=new), actor=owner, add_hosts=False, published=False)

    new.refresh_from_db()
    assert [named(row) for row in rows] == ["New", "New"]
    assert new.attached_hosts == ["orders.test", "s.test"]
    assert (set(done.changed), done.added) == ({row.pk for row in rows}, ("orders.test", "s.test"))
    entry = AuditEntry.objects.get(action="credential.replaced")
    assert (entry.subject, entry.actor, entry.detail["by"]) == ("Old", owner, "New")
    assert entry.detail["integrations"] == ["Account balance: Orders", "Other: Stock"]
    assert AuditEntry.objects.filter(action="integration.changed", detail__fields=["Credential"]).count() == 2
    vault.delete(old, actor=owner)


def test_an_integration_whose_host_the_new_one_may_not_be_sent_to_keeps_the_old(
    bot: Bot, old: Credential, organization: Organization, owner: User
) -> None:
    strict = make(organization, owner, "Strict", "t0ken", ("orders.test",))
    good, left = integrate(bot, old, "Orders", "https://orders.test/"), integrate(bot, old, "Stock", "https://s.test/")
    plan = replacing.plan(old, by=strict)

    done = replacing.replace(plan, actor=owner, add_hosts=False, published=False)

    strict.refresh_from_db()
    assert plan.lacking == ("s.test",)
    assert (named(good), named(left), done.changed) == ("Strict", "Old", (good.pk,))
    assert strict.allowed_hosts == ["orders.test"]


def test_an_administrator_may_add_the_hosts_that_it_lacks(
    bot: Bot, old: Credential, organization: Organization, owner: User
) -> None:
    bot.environment = Environment.objects.create(
        organization=organization, name="Live", values={"host": "https://s.test"}
    )
    bot.save()
    strict = make(organization, owner, "Strict", "t0ken", ("orders.test",))
    row = integrate(bot, old, "Stock", "{$env.host}/stock")

    done = replacing.replace(replacing.plan(old, by=strict), actor=owner, add_hosts=True, published=False)

    strict.refresh_from_db()
    assert (named(row), strict.allowed_hosts, done.added) == ("Strict", ["orders.test", "s.test"], ("s.test",))


def test_a_published_version_gets_the_new_one_without_being_changed(
    bot: Bot, old: Credential, new: Credential, owner: User
) -> None:
    integrate(bot, old, "Orders", "https://orders.test/")
    frozen = versions.publish(bot.pk, user=owner)
    plan = replacing.plan(old, by=new)

    replacing.replace(plan, actor=owner, add_hosts=False, published=True)

    frozen.refresh_from_db()
    assert frozen.spec["integrations"][0]["credential"] == str(old.key)
    assert authorization(old) == "Bearer new-t0ken"
    signer = use.signer_for(str(old.key), organization_id=old.organization_id)
    assert signer.hosts == ("orders.test",)
    assert [use.live for use in plan.live] == [1]


def test_without_that_wish_published_versions_keep_the_old_one(
    bot: Bot, old: Credential, new: Credential, owner: User
) -> None:
    row = integrate(bot, old, "Orders", "https://orders.test/")
    versions.publish(bot.pk, user=owner)

    replacing.replace(replacing.plan(old, by=new), actor=owner, add_hosts=False, published=False)

    assert (named(row), authorization(old)) == ("New", "Bearer old-t0ken")
    assert [(use.pk, use.live) for use in uses.of(old)] == [(None, 1)]


def test_undoing_gives_back_all_that_nobody_has_changed_meanwhile(
    bot: Bot, old: Credential, new: Credential, owner: User, organization: Organization
) -> None:
    third = make(organization, owner, "Third", "t0ken")
    mine, theirs = integrate(bot, old, "Orders", "https://o.test/"), integrate(bot, old, "Stock", "https://s.test/")
    done = replacing.replace(replacing.plan(old, by=new), actor=owner, add_hosts=False, published=True)
    Integration.objects.filter(pk=theirs.pk).update(credential=third)

    counted = replacing.undo(replacing.read(replacing.ticket(done)), actor=owner)

    new.refresh_from_db()
    assert counted == (1, 1)
    assert (named(mine), named(theirs)) == ("Old", "Third")
    assert authorization(old) == "Bearer old-t0ken"
    assert new.attached_hosts == []
    assert AuditEntry.objects.filter(action="credential.replacement_undone", subject="Old").exists()


def test_a_host_that_the_new_one_needs_by_now_stays(bot: Bot, old: Credential, new: Credential, owner: User) -> None:
    integrate(bot, old, "Orders", "https://orders.test/")
    done = replacing.replace(replacing.plan(old, by=new), actor=owner, add_hosts=False, published=False)
    integrate(bot, new, "More", "https://orders.test/more")

    replacing.undo(done, actor=owner)

    new.refresh_from_db()
    assert new.attached_hosts == ["orders.test"]


def test_a_report_that_was_tampered_with_is_no_order() -> None:
    text = replacing.ticket(replacing.Done(1, 2, (3,), (), False))

    with pytest.raises(replacing.CannotUndo):
        replacing.read(text[:-1] + ("A" if text[-1] != "A" else "B"))


def test_stand_ins_form_no_chain_and_no_circle(old: Credential, new: Credential, owner: User) -> None:
    third = make(old.organization, owner, "Third", "third-t0ken")
    standins.begin(old, by=new, actor=owner)

    standins.begin(new, by=third, actor=owner)

    assert authorization(old) == authorization(new) == "Bearer third-t0ken"
    with pytest.raises(standins.Refused, match="replaced by another credential itself"):
        standins.begin(third, by=old, actor=owner)
    with pytest.raises(standins.Refused, match="another credential of this organization"):
        standins.begin(third, by=third, actor=owner)
    with pytest.raises(standins.Refused, match="It stands in for New, Old"):
        vault.delete(third, actor=owner)


def test_a_stand_in_that_is_disabled_is_refused_by_its_own_name(old: Credential, new: Credential, owner: User) -> None:
    standins.begin(old, by=new, actor=owner)
    vault.set_disabled(Credential.objects.get(pk=new.pk), actor=owner, disabled=True)

    with pytest.raises(wire.CallError, match="The credential New is disabled"):
        authorization(old)


def test_nothing_of_another_organization_stands_in(old: Credential, stranger: User) -> None:
    theirs = make(stranger.memberships.get().organization, stranger, "Theirs", "their-t0ken")

    with pytest.raises(standins.Refused):
        replacing.plan(old, by=theirs)
