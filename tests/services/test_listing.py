"""The list of bots: each comes once, and is counted from an index however many there are."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bots.models import Bot
from bots.services import bots
from credentials.models import Organization
from credentials.services import organizations

pytestmark = pytest.mark.django_db


def test_a_member_of_several_organizations_sees_each_bot_once_and_a_stranger_none(
    owner: User, organization: Organization
) -> None:
    other = organizations.create(name="Other", creator=owner)
    colleague, stranger = User.objects.create_user("colleague"), User.objects.create_user("stranger")
    for each in (organization, other):
        each.memberships.create(user=colleague)
        Bot.objects.create(organization=each, name="Bank")

    assert Bot.objects.for_user(owner).count() == Bot.objects.for_user(colleague).count() == 2
    assert [bot.organization for bot in bots.listing(owner, organization=other)] == [other]
    assert not bots.listing(stranger, organization=other)


def test_bots_are_counted_without_reading_or_comparing_them(owner: User, organization: Organization) -> None:
    with CaptureQueriesContext(connection) as queries:
        bots.listing(owner, organization=organization).count()
    (counting,) = [query["sql"] for query in queries]

    assert "DISTINCT" not in counting
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {counting}")
            plan = [row[-1] for row in cursor.fetchall()]
        assert any("bots_bot USING COVERING INDEX" in step for step in plan), plan
