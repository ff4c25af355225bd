"""What interactions show: chips, choices, buttons, tiles from lists, rich messages, images and links."""

from __future__ import annotations

from typing import Any

from bots.engine.spec import Button, Chip, Content, Interaction, Kind, Tile
from tests.engine.talk import Talk, dialog, starter
from tests.factories import bot_spec

LISTS = {"Shops.name": ["North", "South", "West"], "Shops.street": ["1 Oak", "2 Elm"], "Shops.name.count": 3}


def shown(kind: Kind, *, variables: dict[str, Any] | None = None, **content: Any) -> Talk:
    one = Interaction("t", "t", kind, Content(**content))
    talk = Talk(bot_spec(dialog("d", starter("hi"), one)), variables=dict(variables or {}))
    talk.say("hi")
    return talk


def body(kind: Kind, *, variables: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    """Return kind and fields of the only message of an interaction."""
    one = Interaction("t", "t", kind, Content(**content))
    talk = Talk(bot_spec(dialog("d", starter("hi"), one)), variables=dict(variables or {}))
    (reply,) = talk.say("hi").replies
    return {"kind": reply.kind, **reply.body}


def test_quick_replies_carry_title_and_payload() -> None:
    chips = (Chip("Blue {$userMessage}", "colour-1"), Chip("Red", image="r.png"), Chip("Where", type="location"))

    message = body("quick_reply", text="Which?", quick_replies=chips)

    assert (message["kind"], message["text"]) == ("quick_replies", "Which?")
    assert message["quick_replies"] == [
        {"title": "Blue hi", "payload": "colour-1"},
        {"title": "Red", "payload": "Red", "image": "r.png"},
        {"type": "location", "title": "Where"},
    ]


def test_choices_are_trimmed_labels() -> None:
    message = body("multiple_choice", text="?", choices=("Red\n", "Green"), text_style="letters")

    assert (message["choices"], message["display"], message["text_style"]) == (["Red", "Green"], "buttons", "letters")


def test_buttons_say_what_they_do() -> None:
    buttons = (Button("Open", "web_url", "https://x.test/{$userMessage}"), Button("Other", value="other"))

    assert body("button", text="?", buttons=buttons)["buttons"] == [
        {"label": "Open", "type": "web_url", "value": "https://x.test/hi", "target": "blank"},
        {"label": "Other", "type": "postback", "value": "other"},
    ]


def test_a_link_to_a_script_is_left_out() -> None:
    talk = shown("button", text="?", buttons=(Button("Open", "web_url", "javascript:alert(1)"),))

    assert "left out" in talk.errors()[0]


def test_a_tile_is_repeated_for_each_value_of_the_longest_list() -> None:
    tile = Tile("{Shops.name}", "{Shops.street}", buttons=(Button("Go to {Shops.name}", value="{Shops.name}"),))

    tiles = body("structured", tiles=(tile,), variables=LISTS)["tiles"]

    assert [(t["title"], t["subtitle"]) for t in tiles] == [("North", "1 Oak"), ("South", "2 Elm"), ("West", "")]
    assert tiles[1]["buttons"] == [{"label": "Go to South", "type": "postback", "value": "South"}]


def test_at_most_ten_tiles_are_shown() -> None:
    many = {"Shops.name": [str(number) for number in range(25)]}
    talk = shown("structured", tiles=(Tile("{Shops.name}"),), variables=many)

    assert len(body("structured", tiles=(Tile("{Shops.name}"),), variables=many)["tiles"]) == 10
    assert any("only the first 10" in line for line in talk.errors())


def test_an_empty_list_shows_nothing_and_a_question_still_waits() -> None:
    talk = shown("structured_question", tiles=(Tile("{Shops.name}"),), variables={"Shops.name": []})

    assert talk.waiting == "t"


def test_a_list_field_in_a_text_is_its_first_value() -> None:
    assert body("text", text="{Shops.name}: {Shops.name.count}", variables=LISTS)["text"] == "North: 3"


def test_a_rich_message_is_filled_in_and_parsed() -> None:
    rich = '{"type": "text", "text": "Hi {$botContext.name}", "n": {$botContext.count}, "more": {$botContext.doc}}'
    values = {"name": 'A "quoted" name', "count": 3, "doc": '{"a": [1.5]}'}

    assert body("universal", rich_json=rich, variables=values)["json"] == {
        "type": "text",
        "text": 'Hi A "quoted" name',
        "n": 3,
        "more": {"a": [1.5]},
    }


def test_a_rich_message_may_be_one_variable() -> None:
    values = {"card": '{"type": "vertical", "elements": []}'}

    assert body("universal", rich_json="{$botContext.card}", variables=values)["json"]["type"] == "vertical"


def test_a_rich_message_that_is_no_json_is_not_sent_and_is_logged() -> None:
    talk = shown("universal", rich_json="{broken", waits=True)

    assert "no JSON document" in talk.errors()[0]
    assert talk.waiting == "t"


def test_a_universal_interaction_waits_only_where_it_says_so() -> None:
    assert shown("universal", rich_json="{}").waiting == ""
    assert shown("universal", rich_json="{}", waits=True).waiting == "t"


def test_images_and_links() -> None:
    assert body("image", url=" https://x.test/{$userMessage}.gif ") == {
        "kind": "image",
        "url": "https://x.test/hi.gif",
    }
    link = body("link", url="https://x.test/", text="Our shop")
    assert (link["kind"], link["url"], link["text"]) == ("link", "https://x.test/", "Our shop")
