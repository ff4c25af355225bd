"""Oddities of an import: each is named, and a sound file has none."""

from __future__ import annotations

from typing import Any

import pytest

from bots.engine import exportfile, exportwarnings
from tests.samples import parcel_bot


def test_a_sound_file_has_no_oddity() -> None:
    assert exportwarnings.warnings(parcel_bot.document()) == []


@pytest.mark.parametrize(
    ("place", "change", "sentence"),
    [
        ("conversationMessage", {"group": "gone"}, "belongs to a dialog that is not in the file"),
        ("conversationMessage", {"name": "greet"}, "Several interactions are named greet"),
        ("conversationMessage", {"id": "id-greet"}, "Several interactions have the id id-greet"),
        ("conversationMessage", {"nextMessageId": "nowhere"}, "do not agree"),
        (
            "conversationMessage",
            {"interactionType": "APPLE_RICHLINK"},
            "APPLE_RICHLINK (1) are kept, but not supported",
        ),
        ("conversationMessage", {"chatBotId": "other"}, "1 parts of the file say that they belong to another bot"),
        ("responder", {"id": "x", "name": "x"}, "look up uses an integration that is not in the file"),
        ("groups", {"dialogType": "FALLBACK_DIALOG"}, "The bot has 2 fallback dialogs"),
    ],
)
def test_an_oddity_is_named_and_the_file_is_read_all_the_same(
    place: str, change: dict[str, Any], sentence: str
) -> None:
    document = parcel_bot.document()
    document[place][0] |= change

    assert any(sentence in warning for warning in exportwarnings.warnings(document))
    exportfile.read(document)


def test_a_rich_message_that_is_no_json_is_named_unless_variables_make_it() -> None:
    document = parcel_bot.document()
    tile = document["conversationMessage"][0]
    for text, expected in (("{oops", 1), ("{$botContext.card}", 0)):
        tile["interactionType"] = "UNIVERSAL"
        tile["content"]["results"]["tile"]["tileData"][0] = {"universalWidget": {"leMessageJson": text}}
        assert len(exportwarnings.warnings(document)) == expected
