"""The pages of the history, and Undo that outlives a reload and says when it is too late."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bots.models import Bot, Interaction
from bots.services import authoring, bots, intents, savedtests
from config import ui
from integrations.models import Environment, Integration, Revision, SampleValues
from integrations.services import definitions, environments, openapis
from tests import factories
from tests.samples import openapi_documents as documents
from tests.web import pages
from tests.web.integration_forms import HTMX

pytestmark = pytest.mark.usefixtures("store")


def undo_on(page: Any) -> str:
    """The address of the Undo button of a message on the page; empty where none is offered."""
    toasts = page.text.partition('id="toasts"')[2]
    found = re.search(r'<form method="post" action="([^"]+)"', toasts)
    return found[1] if found else ""


DELETED = ["integration", "intent", "test", "environment"]


@pytest.fixture
def rows(bot: Bot, integration: Integration) -> dict[str, Any]:
    return {
        "integration": integration,
        "intent": bot.intents.create(name="Greet", phrases=["hello"]),
        "test": bot.saved_tests.create(name="T", transcript=savedtests.EMPTY),
        "environment": Environment.objects.create(organization=bot.organization, name="Set", values={"a": "b"}),
    }


def delete(author: Client, bot: Bot, kind: str, row: Any) -> Any:
    address = {
        "integration": ("integration_delete", [bot.pk, row.pk]),
        "intent": ("delete_intent", [bot.pk, row.pk]),
        "test": ("delete_test", [bot.pk, row.pk]),
        "environment": ("environment_delete", [row.pk]),
    }[kind]
    return author.post(reverse(address[0], args=address[1]), follow=True)


@pytest.mark.parametrize("kind", DELETED)
def test_what_was_deleted_can_be_undone_where_it_is_said_and_after_a_reload(
    kind: str, author: Client, bot: Bot, rows: dict[str, Any]
) -> None:
    row = rows[kind]
    page = delete(author, bot, kind, row)
    assert undo_on(page)

    again = author.get(page.request["PATH_INFO"])
    assert undo_on(again) == undo_on(page)
    assert not undo_on(author.get(reverse("bots")))
    back = author.post(undo_on(again), follow=True)

    assert type(row).objects.filter(pk=row.pk).exists()
    assert "is back" in pages.text_of(back)
    assert not undo_on(author.get(page.request["PATH_INFO"]))


@pytest.mark.parametrize("kind", DELETED)
def test_an_undo_that_comes_too_late_says_so(kind: str, author: Client, bot: Bot, rows: dict[str, Any]) -> None:
    address = undo_on(delete(author, bot, kind, rows[kind]))
    author.post(address)

    assert "was changed since, by you" in pages.text_of(author.post(address, follow=True))
    Revision.objects.all().delete()
    assert "kept no longer" in pages.text_of(author.post(address, follow=True))


def test_a_pinned_response_and_sample_values_come_back_with_their_integration(
    author: Client, owner: User, teammate: User, bot: Bot, integration: Integration
) -> None:
    pinned = {"status": 200, "headers": [], "body": "pinned-words"}
    Integration.objects.filter(pk=integration.pk).update(pinned_response=pinned)
    for user in (owner, teammate):
        SampleValues.objects.create(integration=integration, user=user, values={"name": f"sample of {user}"})
    page = delete(author, bot, "integration", integration)
    kept = str(list(Revision.objects.values("changes")))
    assert "pinned-words" not in kept
    assert "sample of" not in kept

    author.post(undo_on(page))

    assert Integration.objects.get(pk=integration.pk).pinned_response == pinned
    found = SampleValues.objects.filter(integration=integration).values_list("user", "values")
    assert dict(found) == {user.pk: {"name": f"sample of {user}"} for user in (owner, teammate)}


def imported(author: Client, bot: Bot, *keys: str, **values: Any) -> Any:
    file = SimpleUploadedFile("shop.json", documents.as_json(documents.SHOP))
    address = author.post(reverse("openapi", args=[bot.pk]), {"file": file})["Location"]
    names = {f"name-{number}": f"Call{number}" for number in range(len(keys))}
    data = {"op": list(keys), "confirm": "1", "base": "https://eu.petshop.example/v2", "where": "literal"}
    return author.post(address, data | names | values, follow=True)


def operations(bot: Bot) -> list[str]:
    return [each.key for each in openapis.openapi.read(documents.SHOP).operations][:2]


def test_an_openapi_import_is_taken_back_as_a_whole(author: Client, bot: Bot) -> None:
    bot.environment = Environment.objects.create(organization=bot.organization, name="Set", values={"a": "b"})
    bot.save()
    page = imported(author, bot, *operations(bot), where="environment", key="shopUrl")
    assert bot.integrations.count() == 2
    bot.environment.refresh_from_db()
    assert "shopUrl" in bot.environment.values

    done = author.post(undo_on(page), follow=True)

    assert bot.integrations.count() == 0
    bot.environment.refresh_from_db()
    assert bot.environment.values == {"a": "b"}
    assert "Taken back: 3 changes" in pages.text_of(done)
    author.post(undo_on(done))
    assert bot.integrations.count() == 2


def test_an_openapi_import_that_was_worked_on_stays_whole(author: Client, owner: User, bot: Bot) -> None:
    page = imported(author, bot, *operations(bot))
    row = bot.integrations.latest("pk")
    row.url = "https://other.example/"
    definitions.save(row, actor=owner)

    refused = author.post(undo_on(page), follow=True)

    assert f"{row.name} was changed since, by owner" in pages.text_of(refused)
    assert bot.integrations.count() == 2


def test_an_openapi_import_that_is_called_by_now_stays(author: Client, bot: Bot) -> None:
    page = imported(author, bot, *operations(bot))
    tile = {"kind": "integration", "integration": bot.integrations.latest("pk"), "name": "Asks"}
    factories.make_interaction(factories.make_dialog(bot), **tile)

    assert "is called by now, by Asks" in pages.text_of(author.post(undo_on(page), follow=True))
    assert bot.integrations.count() == 2


def test_global_functions_offer_to_take_back_ones_own_last_change(author: Client, owner: User, bot: Bot) -> None:
    save, page = reverse("save_global_functions", args=[bot.pk]), reverse("global_functions", args=[bot.pk])
    bots.change_global_functions(bot.pk, user=owner, source="var theirs;")
    assert 'id="undo-last" method="post" action="" hidden' in author.get(page).text

    saved = author.post(save, {"source": "var mine;"}, headers=HTMX)
    address = re.search(r'id="undo-last" method="post" action="([^"]+)"', saved.text)
    assert address and address[1] in author.get(page).text
    author.post(address[1])

    bot.refresh_from_db()
    assert bot.global_functions == "var theirs;"


@pytest.fixture
def tile(bot: Bot, owner: User) -> Interaction:
    row = factories.make_interaction(factories.make_dialog(bot), name="Ask <b>", content={"text": "One"})
    authoring.change(row.pk, user=owner, values={"comment": "<i>why</i>"})
    return row


def test_the_page_says_who_changed_what_and_leads_there(author: Client, bot: Bot, tile: Interaction) -> None:
    page = author.get(reverse("history", args=[bot.pk]))

    text = pages.text_of(page)
    assert "owner" in text
    assert "Comment" in text
    assert "<i>why</i>" in text
    assert "<i>why" not in page.text
    assert reverse("interaction", args=[bot.pk, tile.pk]) in page.text


def test_an_older_state_is_restored_by_a_button_that_can_be_undone(author: Client, bot: Bot, tile: Interaction) -> None:
    page = author.get(reverse("history", args=[bot.pk]), {"kind": "interaction", "item": tile.key})
    found = re.search(r'action="(/history/\d+/restore/)"', page.text)
    assert found

    done = author.post(found[1], follow=True)
    tile.refresh_from_db()
    assert tile.comment == ""
    author.post(undo_on(done))

    tile.refresh_from_db()
    assert tile.comment == "<i>why</i>"


def test_the_history_of_one_item_or_kind_shows_no_other(
    author: Client, owner: User, bot: Bot, tile: Interaction
) -> None:
    intents.create(bot.pk, user=owner, name="Wish")
    address = reverse("history", args=[bot.pk])

    assert "Wish" not in author.get(address, {"kind": "interaction", "item": tile.key}).text
    assert "Wish" in author.get(address, {"kind": "intent"}).text
    assert "Ask" not in author.get(address, {"kind": "intent"}).text
    assert author.get(address, {"kind": "nonsense", "before": "x", "item": "'"}).status_code == 200


def test_a_long_history_has_pages(author: Client, owner: User, bot: Bot) -> None:
    for number in range(31):
        intents.create(bot.pk, user=owner, name=f"Wish {number}")

    first = author.get(reverse("history", args=[bot.pk]))
    older = re.search(r'href="\?(before=\d+)"', first.text)

    assert "Wish 30" in first.text
    assert older
    assert "Wish 0<" in author.get(f"{reverse('history', args=[bot.pk])}?{older[1]}").text


def test_an_environment_has_a_history_of_its_own(author: Client, owner: User, bot: Bot) -> None:
    row = environments.create(bot.organization_id, user=owner, name="Set")
    environments.change(row.pk, user=owner, written=environments.Written("Set", "", {"base": "x"}))
    assert reverse("environment_history", args=[row.pk]) in author.get(reverse("environment", args=[row.pk])).text

    page = author.get(reverse("environment_history", args=[row.pk]))

    assert {"base", "x"} <= set(pages.text_of(page).split())


def test_a_stranger_sees_no_history_and_goes_nowhere_back(
    client: Client, stranger: User, bot: Bot, tile: Interaction
) -> None:
    client.force_login(stranger)
    revision = Revision.objects.latest("pk")

    assert client.get(reverse("history", args=[bot.pk])).status_code == 404
    for name in ("take_back", "restore_revision"):
        said = client.post(reverse(name, args=[revision.pk]), follow=True)
        assert "kept no longer" in pages.text_of(said)
    tile.refresh_from_db()
    assert tile.comment


@pytest.mark.parametrize("kind", ["dialog", "interaction"])
def test_an_undo_of_a_fragment_is_there_after_a_reload(kind: str, author: Client, bot: Bot, tile: Interaction) -> None:
    page = reverse("dialog", args=[bot.pk, tile.dialog_id])
    row = tile.dialog if kind == "dialog" else tile
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{page}?tab=rules"}
    author.post(reverse(f"move_{kind}", args=[bot.pk, row.pk, 0]), headers=headers)

    assert undo_on(author.get(page))
    author.post(undo_on(author.get(page)))
    assert not undo_on(author.get(page))


def test_an_undo_is_not_offered_for_ever(author: Client, bot: Bot, rows: dict[str, Any]) -> None:
    page = delete(author, bot, "intent", rows["intent"]).request["PATH_INFO"]
    session = author.session
    where, _, text, undo = session[ui.AGAIN]
    session[ui.AGAIN] = [where, 0, text, undo]
    session.save()

    assert not undo_on(author.get(page))


def test_an_undo_that_was_used_says_so(author: Client, bot: Bot, tile: Interaction) -> None:
    author.post(reverse("delete_interaction", args=[bot.pk, tile.pk]))
    token, _ = author.session["deleted"][-1]
    address = reverse("undo", args=[bot.pk, token])
    author.post(address)

    assert "taken back already" in pages.text_of(author.post(address, follow=True))
