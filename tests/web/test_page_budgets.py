"""Every page of the URL inventory: at most 15 SQL queries, and not one more when there are ten times as many rows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from bots import urls as bots_urls
from bots.models import Bot, Dialog, Interaction
from credentials import urls as credentials_urls
from credentials.models import Credential
from integrations import urls as integrations_urls
from integrations.models import Environment
from tests.web import crowd

MOST_QUERIES = 15
FEW, MANY = 2, 20
# What only a run, an upload or a conversation has an address for; what is there for everybody and costs nothing.
WITHOUT_ROWS = {
    "import_report", "import_progress", "import_again", "cancel_import", "tests_run", "cancel_tests", "test_run",
    "test_run_cancel", "test_run_body", "test_run_pin",
    "preview_log", "oauth_callback", "undo", "openapi_operations",
}  # fmt: skip
SEARCHED = {"search": "?q=say", "bots": "?q=o", "compare_versions": "?from=1"}
MODELS = [
    "bots_bot", "bots_version", "bots_channelkey", "credentials_auditentry", "credentials_credential",
    "credentials_egressrule", "credentials_membership", "credentials_organization", "integrations_environment",
    "integrations_integration", "auth_user",
]  # fmt: skip


@pytest.fixture
def administrator(client: Client, owner: User, bot: Bot) -> Client:
    owner.is_staff = owner.is_superuser = True
    owner.save()
    client.force_login(owner)
    return client


def inventory() -> list[URLPattern]:
    patterns = (*bots_urls.urlpatterns, *integrations_urls.urlpatterns, *credentials_urls.urlpatterns)
    return [each for each in patterns if each.name and each.name not in WITHOUT_ROWS]


def arguments(bot: Bot) -> dict[str, Any]:
    """One row for each argument that an address may take; `pk` means another thing in each part of the product."""
    dialog = Dialog.objects.filter(bot=bot, name__startswith="Talk").earliest("pk")
    spoken = Interaction.objects.filter(dialog=dialog, kind="text").earliest("pk")
    return {
        "bot_id": bot.pk,
        "dialog_id": dialog.pk,
        "interaction_id": spoken.pk,
        "intent_id": bot.intents.earliest("pk").pk,
        "test_id": bot.saved_tests.earliest("pk").pk,
        "environment_id": Environment.objects.filter(organization=bot.organization).earliest("pk").pk,
        "revision_id": bot.revisions.latest("pk").pk,
        "key_id": bot.channel_keys.earliest("pk").pk,
        "number": 1,
        "to": 0,
        "tab": "content",
        "kind": "basic",
        "slug": "basic",
    }


def addresses(bot: Bot) -> Iterator[tuple[str, str]]:
    given = arguments(bot)
    for pattern in inventory():
        names = re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern))
        values = {name: given.get(name, _own(name, str(pattern.pattern), bot)) for name in names}
        missing = [name for name, value in values.items() if value is None]
        assert not missing, f"{pattern.name}: add what {missing} may be, or the name to WITHOUT_ROWS"
        yield str(pattern.name), reverse(str(pattern.name), kwargs=values) + SEARCHED.get(str(pattern.name), "")
    for model in MODELS:
        yield f"admin {model}", reverse(f"admin:{model}_changelist")
    yield "admin", reverse("admin:index")


def _own(name: str, route: str, bot: Bot) -> Any:
    """Return what `pk` or `key` is in an address that begins like this."""
    organization = bot.organization
    owners: dict[tuple[str, str], Any] = {
        ("pk", "environments/"): Environment.objects.filter(organization=organization),
        ("pk", "bots/"): bot.integrations,
        ("pk", "organization/members/"): organization.memberships,
        ("pk", "organization/egress/"): organization.egress_rules,
        ("key", "credentials/"): Credential.objects.filter(organization=organization),
        ("key", "bots/"): bot.interactions,
    }
    rows = next((found for (one, start), found in owners.items() if one == name and route.startswith(start)), None)
    row = rows.earliest("pk") if rows is not None else None
    return getattr(row, name, None)


def weigh(client: Client, address: str) -> int | None:
    """Return how many queries a page takes; None for an address that shows no page."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code < 500, address
    return len(queries) if response.status_code == 200 else None


@pytest.mark.usefixtures("store")
def test_no_page_needs_many_queries_or_more_of_them_for_more_rows(
    administrator: Client, owner: User, bot: Bot, capsys: pytest.CaptureFixture[str]
) -> None:
    crowd.grow(bot, user=owner, by=FEW)
    few = {name: weigh(administrator, address) for name, address in addresses(bot)}
    crowd.grow(bot, user=owner, by=MANY)
    many = {name: weigh(administrator, address) for name, address in addresses(bot)}

    shown = {name: count for name, count in many.items() if count is not None}
    with capsys.disabled():
        sys.stdout.write(f"\nSQL queries of {len(shown)} pages, the dearest first:\n")
        sys.stdout.writelines(
            f"{count:4}  {name}\n" for name, count in sorted(shown.items(), key=lambda pair: -pair[1])
        )
    assert {name: count for name, count in shown.items() if count > MOST_QUERIES} == {}
    assert {name: (few[name], count) for name, count in shown.items() if count > (few[name] or 0)} == {}
    assert len(shown) > 45
