"""Publishing, comparing, restoring, rolling back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from bots.engine import spec
from bots.models import Bot
from bots.services import authoring, bots, comparing, rules, specs, versions
from credentials.models import AuditEntry, Organization
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(owner: User, organization: Organization) -> Bot:
    return bots.create(bots.NewBot("Shop"), user=owner, organization_id=organization.pk)


def say(bot: Bot, user: User, text: str) -> None:
    row = bot.interactions.get(name="Welcome text")
    authoring.change(row.pk, user=user, values={"name": row.name, "content": spec.Content(text=text)})


def test_publishing_freezes_the_draft_and_makes_it_live(owner: User, shop: Bot) -> None:
    version = versions.publish(shop.pk, user=owner, note="First")

    say(shop, owner, "Changed later")

    shop.refresh_from_db()
    assert shop.live_version == version
    frozen = specs.published(version.pk)
    assert frozen.interaction_by_name["Welcome text"][1].content.text == "Hello! What can I do for you?"
    assert AuditEntry.objects.filter(action="bot.published", detail__version=1).exists()


def test_numbers_go_up_and_rolling_back_leaves_the_draft(owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    say(shop, owner, "Second")
    versions.publish(shop.pk, user=owner)

    versions.roll_back(shop.pk, user=owner, number=1)

    shop.refresh_from_db()
    assert (shop.live_version.number, shop.versions.count()) == (1, 2)
    assert specs.draft(shop).interaction_by_name["Welcome text"][1].content.text == "Second"


def test_a_restored_draft_says_again_what_the_version_said(owner: User, shop: Bot) -> None:
    integration = factories.make_integration(shop, name="Balance", fields=[{"key": "total", "value": "{$.api_B.t}"}])
    row = authoring.insert(shop.dialogs.first().pk, user=owner, kind="integration")
    authoring.change(row.pk, user=owner, values={"content": spec.Content(integration=str(integration.key))})
    made = rules.add(row.pk, user=owner, condition="api_result")
    rules.change(row.pk, user=owner, rule=spec.Rule(key=made.key, condition=spec.Condition("api_result", ("SUCCESS",))))
    before = specs.draft(shop)
    versions.publish(shop.pk, user=owner)
    authoring.delete(row.pk, user=owner)
    shop.integrations.all().delete()
    authoring.insert(shop.dialogs.last().pk, user=owner, kind="text")
    bots.change(shop.pk, user=owner, values={"failure_text": "Sorry."})

    versions.restore(shop.pk, user=owner, number=1)

    shop.refresh_from_db()
    assert specs.draft(shop) == before


def test_restoring_two_interactions_that_swapped_names_works(owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    text, starter = shop.interactions.get(name="Welcome text"), shop.interactions.get(name="Welcome starter")
    for row, name in ((text, "Passing"), (starter, "Welcome text"), (text, "Welcome starter")):
        authoring.change(row.pk, user=owner, values={"name": name})

    versions.restore(shop.pk, user=owner, number=1)

    text.refresh_from_db()
    assert text.name == "Welcome text"


def test_a_restored_credential_must_be_one_of_the_organization(owner: User, shop: Bot) -> None:
    frozen = factories.integration_spec("Balance", credential="5c3f6a0e-0000-4000-8000-000000000000")
    version = versions.publish(shop.pk, user=owner)
    version.spec = {**version.spec, "integrations": [spec.to_builtins(frozen)]}
    version.save()

    versions.restore(shop.pk, user=owner, number=1)

    assert shop.integrations.get().credential is None


def test_a_bot_off_the_air_has_no_live_version(owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)

    versions.unpublish(shop.pk, user=owner)

    shop.refresh_from_db()
    assert shop.live_version is None


@pytest.mark.parametrize("write", [versions.publish, versions.unpublish])
def test_a_stranger_cannot_publish(write: object, stranger: User, shop: Bot) -> None:
    with pytest.raises(Bot.DoesNotExist):
        write(shop.pk, user=stranger)  # type: ignore[operator]


def test_the_difference_of_two_versions_reads_by_item_with_names(owner: User, shop: Bot) -> None:
    before = specs.draft(shop)
    say(shop, owner, "Hello again")
    text = shop.interactions.get(name="Welcome text")
    fallback = shop.interactions.get(name="Fallback text")
    rules.set_next_action(text.pk, user=owner, action=spec.Action("interaction", fallback.key))
    bots.change(shop.pk, user=owner, values={"session_seconds": 60})
    authoring.insert(shop.dialogs.first().pk, user=owner, kind="image")
    shop.refresh_from_db()

    found = comparing.compare(before, new=specs.draft(shop))

    words = {(item.verb, item.kind, item.name) for item in found}
    assert words == {
        ("changed", "Settings", "Shop"),
        ("changed", "Dialog", "Welcome"),
        ("changed", "Interaction", "Welcome text"),
        ("added", "Interaction", "Image"),
    }
    changed = next(item for item in found if item.name == "Welcome text")
    assert {(change.label, change.after) for change in changed.changes} >= {("Text", "Hello again")}
    (rule,) = (each for each in changed.changes if each.label == "Rule 1")
    assert (rule.before, rule.after) == ("–", "Always\nNext action: Fallback text")


def test_a_draft_equals_itself(shop: Bot) -> None:
    assert comparing.compare(specs.draft(shop), new=specs.draft(shop)) == []
