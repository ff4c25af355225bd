"""The documents that bots were imported from, and what of a bot only people read: comments, descriptions of dialogs."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F
from django.db.models.functions import JSONObject

from bots.models import Bot, ImportedDocument

BATCH = 500


def keep(bot: Bot, *, text: str) -> None:
    """Keep the document's text; every interaction remembers which element it is, so that its copies know, too."""
    ImportedDocument.objects.update_or_create(bot=bot, defaults={"text": text})
    bot.interactions.update(source=JSONObject(key=F("key")))


def text_of(bot: Bot) -> str:
    """Return the text of the document, nothing for a bot that was made here."""
    found: str | None = ImportedDocument.objects.filter(bot=bot).values_list("text", flat=True).first()
    return found or ""


def origins(bot: Bot) -> dict[str, str]:
    """Return, for each copy of an imported interaction, the key of what it was copied from."""
    sources = bot.interactions.exclude(source=None).values_list("key", "source__key")
    return {key: origin for key, origin in sources if origin not in (None, key)}


def copy(bot: Bot, *, into: Bot) -> None:
    """Give a copy, whose rows have the same keys, the original's document and what only people read in it."""
    describe(into, dialogs=dialog_descriptions(bot), comments=comments(bot))
    sources = dict(bot.interactions.exclude(source=None).values_list("key", "source"))
    tiles = [row for row in into.interactions.all() if row.key in sources] if sources else []
    for tile in tiles:
        tile.source = sources[tile.key]
    into.interactions.bulk_update(tiles, ["source"], batch_size=BATCH)
    text = text_of(bot)
    if text:
        ImportedDocument.objects.create(bot=into, text=text)


def comments(bot: Bot) -> dict[str, str]:
    """Return the comments by the keys of the interactions."""
    return dict(bot.interactions.exclude(comment="").values_list("key", "comment"))


def dialog_descriptions(bot: Bot) -> dict[str, str]:
    """Return the descriptions by the keys of the dialogs."""
    return dict(bot.dialogs.exclude(description="").values_list("key", "description"))


def describe(bot: Bot, *, dialogs: Mapping[str, str], comments: Mapping[str, str]) -> None:
    """Store descriptions of dialogs and comments of interactions, by their keys."""
    described = [row for row in bot.dialogs.all() if row.key in dialogs]
    for row in described:
        row.description = dialogs[row.key]
    bot.dialogs.bulk_update(described, ["description"], batch_size=BATCH)
    commented = [row for row in bot.interactions.all() if row.key in comments] if comments else []
    for tile in commented:
        tile.comment = comments[tile.key]
    bot.interactions.bulk_update(commented, ["comment"], batch_size=BATCH)
