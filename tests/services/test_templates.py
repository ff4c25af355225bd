"""Bots from the built-in templates, and the demo content made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from bots.demo import content
from bots.engine import checks
from bots.models import Bot
from bots.services import bots, names, specs, templates
from credentials.models import Credential, Membership, Organization, Role
from integrations.models import Environment

PORT = 18_999


@pytest.mark.parametrize("template", templates.ALL)
def test_a_template_is_a_bot_without_a_problem(owner: User, organization: Organization, template: str) -> None:
    made = templates.create_bot(
        bots.NewBot(name="Mine"), template=template, user=owner, organization_id=organization.pk
    )

    assert made.name == "Mine"
    assert made.environment is not None
    assert templates.ADDRESS_KEY in made.environment.values
    assert list(checks.check(specs.draft(made), parses=lambda *given, **more: None)) == []


def test_two_bots_from_one_template_stand_side_by_side(owner: User, organization: Organization) -> None:
    for name in ("One", "Two"):
        templates.create_bot(bots.NewBot(name=name), template="faq", user=owner, organization_id=organization.pk)

    assert Environment.objects.filter(organization=organization).count() == 1
    with pytest.raises(names.Refused):
        templates.create_bot(bots.NewBot(name="One"), template="faq", user=owner, organization_id=organization.pk)


def test_the_environment_of_an_organization_stays_as_its_authors_left_it(
    owner: User, organization: Organization
) -> None:
    mine = {templates.ADDRESS_KEY: "https://api.example.test", "other": "kept"}
    Environment.objects.create(organization=organization, name=templates.ENVIRONMENT, values=mine)

    made = templates.create_bot(bots.NewBot(name="Mine"), template="faq", user=owner, organization_id=organization.pk)

    assert made.environment is not None
    assert made.environment.values == mine


@pytest.mark.django_db
def test_the_demo_content_has_two_log_ins_two_credentials_and_published_bots() -> None:
    assert content.install(port=PORT)

    roles = dict(Membership.objects.values_list("user__username", "role"))
    assert roles == {content.ADMINISTRATOR: Role.ADMINISTRATOR, content.AUTHOR: Role.AUTHOR}
    assert {each.kind for each in Credential.objects.all()} == {"basic", "access_token"}
    assert not Bot.objects.filter(live_version=None).exists()
    assert Bot.objects.count() == len(templates.ALL)


@pytest.mark.django_db
def test_the_demo_content_is_added_once_and_what_people_changed_stays(tmp_path: Path) -> None:
    content.bring_up(tmp_path, port=PORT)
    Bot.objects.filter(name="Order status").update(name="My orders")
    Bot.objects.get(name="Store locator").interactions.all().delete()

    content.bring_up(tmp_path, port=PORT)

    assert sorted(Bot.objects.values_list("name", flat=True)) == [
        "Account balance", "FAQ from an API", "My orders", "Store locator",
    ]  # fmt: skip
    assert Bot.objects.get(name="Store locator").interactions.count() == 0


@pytest.mark.django_db
def test_a_moved_demo_api_is_followed_only_where_nobody_chose_another_address(tmp_path: Path) -> None:
    content.bring_up(tmp_path, port=PORT)
    Environment.objects.update(values={templates.ADDRESS_KEY: templates.demo_address(PORT), "mine": "kept"})
    Credential.objects.filter(name="Demo token").update(allowed_hosts=["api.example.test"])

    content.bring_up(tmp_path, port=PORT + 1)

    moved = Environment.objects.get().values
    assert moved == {templates.ADDRESS_KEY: templates.demo_address(PORT + 1), "mine": "kept"}
    hosts = dict(Credential.objects.values_list("name", "allowed_hosts"))
    assert hosts == {"Demo user": [f"127.0.0.1:{PORT + 1}"], "Demo token": ["api.example.test"]}


@pytest.mark.django_db
def test_log_ins_with_a_known_password_are_not_made_in_production(settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="known password"):
        call_command("demo")

    assert not User.objects.exists()
