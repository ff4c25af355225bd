"""Every address of the product, asked by everybody in each way: the right answer, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from bots.models import Bot
from bots.services import authoring, channel_keys, conversations, savedtests, testjobs, versions
from config import middleware
from credentials import kinds
from credentials.models import EgressRule, Membership
from credentials.services import vault
from integrations.engine.spec import IntegrationSpec
from integrations.models import Environment
from integrations.services import testruns
from tests import factories, routes
from tests.web import route_decisions

pytestmark = [pytest.mark.usefixtures("store"), pytest.mark.django_db]

PAGES = routes.pages()
NAMED = sorted({route.name for route in PAGES})
SECRET = "Zq7-name-of-the-others"
# What they are about is not there before something was done, or is named in the query.
WITHOUT_ROW = {"undo", "test_run_body", "test_run_pin", "naming", "rename"}
OF_ANOTHER_TYPE = {"authorize_credential", "fetch_token", "open_key_store"}  # not for the type that `rows` makes
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)|<style|<[^>]+\s(?:style|on[a-z]+)\s*=|javascript:", re.IGNORECASE)


@pytest.fixture
def rows(bot: Bot, owner: User, teammate: User) -> dict[str, str]:
    """One row for each kind of parameter, all of the organization that the stranger does not belong to."""
    bot.environment = Environment.objects.create(organization=bot.organization, name=SECRET)
    bot.name = SECRET
    bot.save()
    dialog = factories.make_dialog(bot, name=f"{SECRET} dialog")
    rule = {"key": "r1", "condition": {"kind": "exact", "values": ["x"]}, "action": {"kind": "next"}}
    interaction = factories.make_interaction(dialog, name=SECRET, content={"text": SECRET}, rules=[rule])
    integration = factories.make_integration(bot, name=SECRET, response_variable="r")
    values = {"user_name": "ann", "password": "s3cr3t-of-the-shop"}
    credential = vault.create(bot.organization, actor=owner, name=SECRET, kind=kinds.ALL["basic"], values=values)
    egress = EgressRule.objects.create(organization=bot.organization, destination="a.test")
    key, _ = channel_keys.create(bot, label=SECRET, actor=owner)
    version = versions.publish(bot.pk, user=owner, note=SECRET)
    test = bot.saved_tests.create(name=SECRET, transcript=savedtests.EMPTY)
    definition = IntegrationSpec(key=integration.key, name=SECRET, response_variable="r", url="http://a.test/")
    authoring.change(interaction.pk, user=owner, values={"comment": SECRET})
    order = testruns.Order(bot=bot.pk, user=owner.pk, definition=definition, integration=integration.pk)
    return {
        "<int:bot_id>": str(bot.pk), "<int:dialog_id>": str(dialog.pk), "<int:to>": "0", "<str:tab>": "content",
        "<int:interaction_id>": str(interaction.pk), "<uuid:key>": str(credential.key), "<slug:kind>": "basic",
        "dialogs/key/<str:key>": interaction.key, "integrations/key/<str:key>": str(integration.key),
        "rules/<str:key>": "r1", "<int:key_id>": str(key.pk),
        "<int:number>": str(getattr(version, "number", 1)), "<int:test_id>": str(test.pk),
        "<int:intent_id>": str(bot.intents.create(name=SECRET).pk), "environments/<int:pk>": str(bot.environment_id),
        "members/<int:pk>": str(Membership.objects.get(user=teammate).pk), "egress/<int:pk>": str(egress.pk),
        "integrations/<int:pk>": str(integration.pk), "tests/runs/<str:run_id>": testjobs.order(bot, chosen=[test.pk]),
        "test-runs/<str:run_id>": testruns.order(order), "<str:token>": "unknown", "<str:bot>": str(bot.key),
        "integrations/<str:name>": SECRET, "<str:conversation>": conversations.begin(bot, draft=True).id,
        "<int:environment_id>": str(bot.environment_id),
        "<int:revision_id>": str(bot.revisions.latest("pk").pk),
        "<path:object_id>": "1", "<path:content_type_id>": "1", "<id>": str(owner.pk),
        "(?P<app_label>auth|credentials|integrations|bots)": "bots",
    }  # fmt: skip


def addresses(rows: dict[str, str], name: str) -> list[str]:
    return [route.filled(rows) for route in PAGES if route.name == name]


def asked(client: Client, address: str, **headers: str) -> Iterator[tuple[str, Any]]:
    """The answer to each method, as if nothing had been asked before."""
    for method in ("get", "post", "delete") if address.startswith("/api/") else ("get", "post"):
        with transaction.atomic():
            yield method, getattr(client, method)(address, headers=headers)
            transaction.set_rollback(True)


def as_user(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client


def staff() -> User:
    return User.objects.create_superuser("staff", password="correct horse battery")


def test_every_address_has_a_decision_and_every_decision_an_address() -> None:
    decided = {name for name in NAMED if name.startswith("admin:") or name in route_decisions.DECISIONS}
    hot = {route.path for route in routes.api()}

    assert sorted(set(NAMED) - decided) == [], "say in route_decisions who may use this address"
    assert sorted(set(route_decisions.DECISIONS) - set(NAMED)) == []
    assert hot == route_decisions.ASGI


@pytest.mark.parametrize("name", NAMED)
def test_nobody_uses_an_address_without_logging_in(name: str, rows: dict[str, str]) -> None:
    decision = route_decisions.of(name)
    if decision == "anybody":
        return
    for address in addresses(rows, name):
        for _, answer in asked(as_user(None), address):
            to_login = answer.status_code == 302 and "/login/?next=" in answer["Location"]
            if decision == "API of members":
                assert answer.status_code in (401, 405)
            elif decision == "staff" and name.endswith("logout"):
                assert answer.status_code in (302, 405)
            elif name == "admin:password_change":  # leads to the one page for it, which asks for a log-in
                assert answer["Location"] == "/password/"
            else:
                assert to_login, (address, answer.status_code)
            assert SECRET.encode() not in answer.content


@pytest.mark.parametrize("name", NAMED)
def test_a_stranger_finds_nothing_of_another_organization(name: str, rows: dict[str, str], stranger: User) -> None:
    decision = route_decisions.of(name)
    for address in addresses(rows, name):
        statuses = set()
        for _, answer in asked(as_user(stranger), address):
            assert SECRET.encode() not in answer.content, address
            statuses.add(answer.status_code)
            if answer.status_code == 302:
                assert decision in ("staff", "anybody", "signed in"), (address, answer["Location"])
        if decision.startswith("rows") or decision == "API of members":
            assert statuses <= {404, 405}, (address, statuses)
            assert 404 in statuses
        if decision == "staff":
            assert statuses <= {302, 403, 405}, (address, statuses)


@pytest.mark.parametrize("name", NAMED)
def test_an_author_uses_what_members_may_and_no_more(name: str, rows: dict[str, str], teammate: User) -> None:
    decision = route_decisions.of(name)
    for address in addresses(rows, name):
        statuses = {answer.status_code for _, answer in asked(as_user(teammate), address)}
        wanted: dict[str, set[int]] = {
            "administrators": {403, 405},
            "rows of administrators": {403, 404, 405},
            "staff": {302, 403, 405},
        }
        assert 500 not in statuses
        if decision in wanted:
            assert statuses <= wanted[decision], (address, statuses)
        elif decision == "rows of members" and name not in WITHOUT_ROW:
            assert not statuses & {401, 403}, (address, statuses)
            assert statuses - {404, 405}, (address, statuses)


@pytest.mark.parametrize("name", NAMED)
def test_administrators_use_all_but_the_back_office(name: str, rows: dict[str, str], owner: User) -> None:
    decision = route_decisions.of(name)
    for address in addresses(rows, name):
        statuses = {answer.status_code for _, answer in asked(as_user(owner), address)}
        assert 500 not in statuses
        if decision == "staff":
            assert statuses <= {302, 403, 405}, (address, statuses)
        elif "administrators" in decision and name not in OF_ANOTHER_TYPE:
            assert statuses - {403, 404, 405}, (address, statuses)


@pytest.mark.parametrize("name", NAMED)
def test_each_page_is_strict_about_its_content_and_says_nothing_inline(
    name: str, rows: dict[str, str], owner: User
) -> None:
    everything = staff()
    Membership.objects.create(user=everything, organization=owner.memberships.get().organization, role="administrator")
    for address in addresses(rows, name):
        for client in (as_user(None), as_user(everything)):
            for _, answer in asked(client, address):
                policy = answer["Content-Security-Policy"]
                assert "unsafe" not in policy
                assert policy == middleware.POLICY or policy.startswith("default-src 'none'")
                assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
                assert answer["Referrer-Policy"] == "same-origin"
                assert answer.status_code != 500, address
                if answer["Content-Type"].startswith("text/html"):
                    assert INLINE.findall(answer.content) == [], address


@pytest.mark.parametrize("name", NAMED)
def test_no_form_counts_that_another_site_sent(name: str, rows: dict[str, str], owner: User) -> None:
    """With the session, without the token, also where the request calls itself one of HTMX."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner if not name.startswith("admin:") else staff())
    for address in addresses(rows, name):
        for headers in ({}, {"HX-Request": "true"}, {"Origin": "https://evil.test"}):
            with transaction.atomic():
                answer = client.post(address, headers=headers)
                transaction.set_rollback(True)
            assert answer.status_code in (403, 405), (address, answer.status_code)


@pytest.mark.parametrize("address", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_logging_in_leads_nowhere_else(client: Client, owner: User, address: str) -> None:
    answer = client.post(reverse("login"), {"username": "owner", "password": "correct horse battery", "next": address})

    assert answer["Location"] == reverse("bots")


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "localhost:80@evil.test", "", "a b"])
def test_a_host_that_parley_does_not_answer_for_gets_no_page(client: Client, host: str) -> None:
    answer = client.get(reverse("login"), headers={"Host": host}, SERVER_NAME=host)

    assert answer.status_code == 400
    assert b"evil" not in answer.content
    assert b"Traceback" not in answer.content


def test_an_error_page_gives_nothing_away(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("Zq7-inner-detail")

    monkeypatch.setattr("bots.models.Bot.objects.for_user", broken)
    client = as_user(owner)

    for address in (reverse("bots"), reverse("bot", args=[1]), "/admin/no/", "/no", "/static/no"):
        answer = client.get(address)
        assert answer.status_code in (302, 404, 500)
        for leak in (b"Zq7", b"Traceback", b"RuntimeError", b"/work", b"site-packages", b"settings", b"DEBUG"):
            assert leak not in answer.content
