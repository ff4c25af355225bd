"""The pages that publish a bot and show what was published."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bots.models import Bot
from bots.services import bots, versions
from credentials.models import Organization
from tests.web import pages


@pytest.fixture
def shop(owner: User, organization: Organization) -> Bot:
    return bots.create(bots.NewBot("Shop"), user=owner, organization_id=organization.pk)


def test_publishing_takes_a_note_and_makes_the_version_live(client: Client, owner: User, shop: Bot) -> None:
    client.force_login(owner)

    response = client.post(reverse("publish", args=[shop.pk]), {"note": "First words"}, follow=True)

    text = pages.text_of(response)
    assert "First words" in text
    assert "v1 live" in text
    assert "Version 1 is live" in text


def test_a_note_that_is_too_long_is_told_and_kept(client: Client, owner: User, shop: Bot) -> None:
    client.force_login(owner)

    response = client.post(reverse("publish", args=[shop.pk]), {"note": "x" * 401})

    assert "at most 400" in pages.beside(response, "id_note")
    assert pages.value_of(response, "note") == "x" * 401
    assert not shop.versions.exists()


def test_the_publish_page_shows_what_changes(client: Client, owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    bots.change(shop.pk, user=owner, values={"failure_text": "No luck."})
    client.force_login(owner)

    text = pages.text_of(client.get(reverse("publish", args=[shop.pk])))

    assert "Failure text" in text
    assert "No luck." in text


def test_two_versions_are_compared(client: Client, owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    bots.change(shop.pk, user=owner, values={"error_text": "Oh dear."})
    versions.publish(shop.pk, user=owner)
    client.force_login(owner)

    address = reverse("compare_versions", args=[shop.pk])
    changed = pages.text_of(client.get(address, {"from": "1", "to": "2"}))
    same = pages.text_of(client.get(address, {"from": "2", "to": "draft"}))

    assert "Oh dear." in changed
    assert "Both say the same" in same
    assert client.get(address, {"from": "9"}).status_code == 404
    assert client.get(address, {"from": "x"}).status_code == 404


def test_rolling_back_and_restoring(client: Client, owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    bots.change(shop.pk, user=owner, values={"error_text": "Oh dear."})
    versions.publish(shop.pk, user=owner)
    client.force_login(owner)

    client.post(reverse("roll_back", args=[shop.pk, 1]))
    client.post(reverse("restore_version", args=[shop.pk, 1]))

    shop.refresh_from_db()
    assert shop.live_version.number == 1
    assert shop.error_text != "Oh dear."


def test_taking_off_the_air(client: Client, owner: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    client.force_login(owner)

    client.post(reverse("unpublish", args=[shop.pk]))

    shop.refresh_from_db()
    assert shop.live_version is None


def test_the_list_costs_the_same_for_many_versions(
    client: Client, owner: User, shop: Bot, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        versions.publish(shop.pk, user=owner)
    client.force_login(owner)

    with django_assert_max_num_queries(15):
        client.get(reverse("versions", args=[shop.pk]))


@pytest.mark.parametrize("name", ["roll_back", "restore_version"])
def test_a_stranger_gets_404(name: str, client: Client, owner: User, stranger: User, shop: Bot) -> None:
    versions.publish(shop.pk, user=owner)
    client.force_login(stranger)

    assert client.post(reverse(name, args=[shop.pk, 1])).status_code == 404
    assert client.get(reverse("compare_versions", args=[shop.pk])).status_code == 404


def test_pages_need_a_log_in(client: Client, shop: Bot) -> None:
    assert client.get(reverse("versions", args=[shop.pk])).status_code == 302
    assert client.post(reverse("publish", args=[shop.pk])).status_code == 302
    assert not shop.versions.exists()


def test_a_draft_that_cannot_be_read_is_a_problem_of_its_pages_and_no_failure(
    client: Client, owner: User, shop: Bot
) -> None:
    versions.publish(shop.pk, user=owner)
    shop.interactions.update(content={"text": 5})
    client.force_login(owner)

    for page in (reverse("publish", args=[shop.pk]), f"{reverse('compare_versions', args=[shop.pk])}?from=1"):
        shown = client.get(page)
        assert shown.status_code == 200
        assert "1 problem" in pages.text_of(shown)
        assert "Both say the same" not in pages.text_of(shown)
