"""The panel of one interaction: saving as one types, and what is done to its tile."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from bots.models import Bot, Dialog, Interaction
from bots.services import authoring, specs
from tests import factories
from tests.web import pages

HTMX = {"HX-Request": "true"}


@pytest.fixture
def dialog(bot: Bot) -> Dialog:
    return factories.make_dialog(bot, name="Orders")


@pytest.fixture
def row(dialog: Dialog) -> Interaction:
    return factories.make_interaction(dialog, name="Tell", content={"text": "Before"})


def at(name: str, row: Interaction, *more: object) -> str:
    return reverse(name, args=[row.bot_id, row.pk, *more])


def test_typing_is_saved_and_the_answer_replaces_no_field(client: Client, owner: User, row: Interaction) -> None:
    client.force_login(owner)

    response = client.post(
        at("save_interaction", row, "content"), {"name": "Tell all", "text": "After {$env.x}"}, headers=HTMX
    )

    row.refresh_from_db()
    assert (row.name, row.content) == ("Tell all", {"text": "After {$env.x}"})
    assert pages.root_id(response) == "save-state"
    assert pages.inside(response, "save-state") == "Saved"
    assert "id_text" not in pages.ids_of(response)
    assert "After {$env.x}" in pages.inside(response, f"tile-{row.pk}")


def test_a_name_in_use_is_told_beside_the_field_and_nothing_is_saved(
    client: Client, owner: User, row: Interaction
) -> None:
    factories.make_interaction(row.dialog, name="Ask")
    client.force_login(owner)

    response = client.post(at("save_interaction", row, "content"), {"name": "ask", "text": "After"}, headers=HTMX)

    row.refresh_from_db()
    assert pages.inside(response, "save-state") == "Not saved"
    assert "exists already" in pages.beside(response, "id_name")
    assert row.content == {"text": "Before"}


def test_without_script_a_wrong_form_comes_back_with_what_was_typed(
    client: Client, owner: User, row: Interaction
) -> None:
    client.force_login(owner)

    response = client.post(at("save_interaction", row, "content"), {"name": "", "text": "Typed for long"})

    assert "required" in pages.beside(response, "id_name")
    assert pages.value_of(response, "text") == "Typed for long"


def test_a_change_by_somebody_else_shows_both_versions(
    client: Client, owner: User, teammate: User, row: Interaction
) -> None:
    seen = authoring.revision(row, aspect="content")
    content = {**specs.spec.to_builtins(specs.interaction(row).content), "text": "Theirs"}
    theirs = specs.spec.from_builtins(content, specs.spec.Content)
    authoring.change(row.pk, user=teammate, values={"name": "Tell", "content": theirs})
    client.force_login(owner)

    response = client.post(
        at("save_interaction", row, "content"), {"name": "Tell", "text": "Mine", "seen": seen}, headers=HTMX
    )

    row.refresh_from_db()
    assert row.content == {"text": "Theirs"}
    assert response.headers["HX-Retarget"] == "#panel"
    assert pages.value_of(response, "text") == "Mine"
    assert "Theirs" in pages.inside(response, "panel")
    again = {"name": "Tell", "text": "Mine", "seen": pages.value_of(response, "seen")}
    client.post(at("save_interaction", row, "content"), again, headers=HTMX)
    row.refresh_from_db()
    assert row.content == {"text": "Mine"}


def test_lists_are_saved_in_order_and_without_empty_rows(client: Client, owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="quick_reply")
    client.force_login(owner)

    client.post(
        at("save_interaction", row, "content"),
        {
            "name": row.name,
            "text": "Well?",
            "quick_replies.title": ["Yes", "", "No"],
            "quick_replies.payload": ["y", "", ""],
            "quick_replies.image": ["", "", ""],
        },
        headers=HTMX,
    )

    row.refresh_from_db()
    chips = specs.interaction(row).content.quick_replies
    assert [(chip.title, chip.payload) for chip in chips] == [("Yes", "y"), ("No", "")]


def test_a_row_without_its_title_is_told_and_kept(client: Client, owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="quick_reply")
    client.force_login(owner)
    data = {"quick_replies.title": [""], "quick_replies.payload": ["only a payload"], "quick_replies.image": [""]}

    response = client.post(at("save_interaction", row, "content"), {"name": row.name, "text": "", **data})

    assert "Row 1: Title is missing" in pages.beside(response, "id_quick_replies")
    assert "only a payload" in response.content.decode()


def test_a_row_moves_without_script_by_the_button_that_was_pressed(client: Client, owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="multiple_choice")
    client.force_login(owner)
    data = {"name": row.name, "text": "", "choices.text": ["A", "B", "C"], "display": "buttons", "text_style": "none"}

    client.post(at("save_interaction", row, "content"), {**data, "list_operation": "choices:up:2"})

    row.refresh_from_db()
    assert row.content["choices"] == ["A", "C", "B"]


def test_cards_are_added_and_saved_with_their_buttons(client: Client, owner: User, dialog: Dialog) -> None:
    row = factories.make_interaction(dialog, kind="structured")
    client.force_login(owner)
    card = {
        "name": row.name,
        "tiles-count": "1",
        "tiles-0.title": "Shoes",
        "tiles-0.subtitle": "",
        "tiles-0.image": "",
        "tiles-0-buttons.label": ["Buy"],
        "tiles-0-buttons.type": ["web_url"],
        "tiles-0-buttons.value": ["https://example.com"],
        "tiles-0-buttons.target": ["blank"],
    }

    response = client.post(at("save_interaction", row, "content"), {**card, "card_operation": "add"}, headers=HTMX)

    row.refresh_from_db()
    tiles = specs.interaction(row).content.tiles
    assert [tile.title for tile in tiles] == ["Shoes", ""]
    assert tiles[0].buttons[0].value == "https://example.com"
    assert pages.root_id(response) == "panel"
    assert pages.value_of(response, "tiles-count") == "2"


def test_what_an_import_brought_beside_the_form_stays(client: Client, owner: User, dialog: Dialog) -> None:
    button = {"label": "Go", "type": "postback", "metadata": [{"type": "x"}]}
    row = factories.make_interaction(dialog, kind="button", content={"buttons": [button], "imported_type": "BUTTON"})
    client.force_login(owner)
    data = {"buttons.label": ["Go"], "buttons.type": ["postback"], "buttons.value": ["new"], "buttons.target": [""]}

    client.post(at("save_interaction", row, "content"), {"name": row.name, "text": "", **data}, headers=HTMX)

    row.refresh_from_db()
    content = specs.interaction(row).content
    assert content.imported_type == "BUTTON"
    assert (content.buttons[0].value, content.buttons[0].metadata) == ("new", ({"type": "x"},))


def test_a_script_that_does_not_parse_is_kept_and_told_at_its_line(
    client: Client, owner: User, row: Interaction
) -> None:
    client.force_login(owner)

    response = client.post(
        at("save_interaction", row, "code"), {"pre_process": "var a = 1;\nvar b = ;", "post_process": ""}, headers=HTMX
    )

    row.refresh_from_db()
    assert row.pre_process == "var a = 1;\nvar b = ;"
    assert "Line 2" in pages.inside(response, "id_pre_process-error")


def test_a_delay_beyond_the_limit_is_told(client: Client, owner: User, row: Interaction) -> None:
    client.force_login(owner)
    data = {"dialog": row.dialog_id, "delay_ms": "10001", "comment": "", "enabled": "on"}

    response = client.post(at("save_interaction", row, "settings"), data, headers=HTMX)

    assert "10000" in pages.beside(response, "id_delay_ms")


def test_an_interaction_moves_to_another_dialog(client: Client, owner: User, row: Interaction) -> None:
    other = factories.make_dialog(row.bot, name="Other")
    client.force_login(owner)
    data = {"dialog": other.pk, "delay_ms": "0", "comment": "", "enabled": "on"}

    response = client.post(at("save_interaction", row, "settings"), data, headers=HTMX)

    row.refresh_from_db()
    assert row.dialog == other
    assert response.headers["HX-Redirect"] == at("interaction", row)


def test_a_dialog_of_another_bot_is_no_choice(client: Client, owner: User, row: Interaction) -> None:
    foreign = factories.make_dialog(factories.make_bot(row.bot.organization))
    client.force_login(owner)
    data = {"dialog": foreign.pk, "delay_ms": "0", "comment": "", "enabled": "on"}

    client.post(at("save_interaction", row, "settings"), data, headers=HTMX)

    row.refresh_from_db()
    assert row.dialog_id != foreign.pk


def test_an_insertion_opens_the_panel_of_what_is_new(client: Client, owner: User, row: Interaction) -> None:
    client.force_login(owner)

    response = client.post(
        reverse("insert_interaction", args=[row.bot_id, row.dialog_id]), {"kind": "text", "at": "0"}, headers=HTMX
    )

    made = row.dialog.interactions.first()
    assert pages.root_id(response) == "tiles"
    assert {"panel", f"tile-{made.pk}"} <= set(pages.ids_of(response))
    assert response.headers["HX-Push-Url"] == at("interaction", made)


@pytest.mark.parametrize("kind", authoring.INSERTABLE)
def test_the_panel_of_every_kind_opens_and_saves_what_it_shows(
    kind: str, client: Client, owner: User, dialog: Dialog
) -> None:
    made = authoring.insert(dialog.pk, user=owner, kind=kind)
    before = specs.interaction(made).content
    client.force_login(owner)

    for tab in ("content", "rules", "code", "settings"):
        assert pages.root_id(client.get(at("panel", made), {"tab": tab})) == "panel"

    assert client.get(at("interaction", made)).status_code == 200
    made.refresh_from_db()
    assert specs.interaction(made).content == before


def test_a_deletion_offers_to_take_it_back(client: Client, owner: User, row: Interaction) -> None:
    client.force_login(owner)

    response = client.post(at("delete_interaction", row), headers=HTMX)

    assert not row.dialog.interactions.exists()
    assert pages.root_id(response) == "tiles"
    assert "/undo/" in response.headers["HX-Trigger"]


def test_switching_off_moving_and_copying_answer_with_the_tiles(client: Client, owner: User, row: Interaction) -> None:
    factories.make_interaction(row.dialog, name="Second")
    client.force_login(owner)

    for address in (at("toggle_interaction", row), at("move_interaction", row, 1), at("duplicate_interaction", row)):
        assert pages.root_id(client.post(address, headers=HTMX)) == "tiles"

    names = list(row.dialog.interactions.values_list("name", "enabled"))
    assert names == [("Second", True), ("Tell", False), ("Tell (copy)", False)]


@pytest.mark.parametrize("name", ["toggle_interaction", "duplicate_interaction", "delete_interaction", "add_rule"])
def test_a_stranger_gets_404(name: str, client: Client, stranger: User, row: Interaction) -> None:
    client.force_login(stranger)

    assert client.post(at(name, row)).status_code == 404
    assert client.post(at("save_interaction", row, "content"), {"name": "Theirs"}).status_code == 404
    assert client.get(at("panel", row)).status_code == 404
    row.refresh_from_db()
    assert row.name == "Tell"


def test_panels_need_a_log_in(client: Client, row: Interaction) -> None:
    assert client.get(at("panel", row)).status_code == 302
    assert client.post(at("save_interaction", row, "content")).status_code == 302


def test_a_key_leads_to_its_interaction(client: Client, owner: User, row: Interaction) -> None:
    client.force_login(owner)

    response = client.get(reverse("interaction_by_key", args=[row.bot_id, row.key]))

    assert response.headers["Location"] == at("interaction", row)
