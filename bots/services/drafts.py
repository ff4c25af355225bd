"""Writes a whole BotSpec into the rows of a bot: the way back of `specs.draft`.

Used for a template, a copy, an import and a version that becomes the draft again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from bots.engine import exportfile, spec
from bots.models import Bot, Dialog, Interaction
from bots.services import authoring, intents
from credentials.models import Credential
from integrations.engine.spec import IntegrationSpec
from integrations.models import Integration
from integrations.services import definitions

SETTINGS = (
    "language", "session_seconds", "failure_text", "error_text", "fallback_text", "split_long_texts", "debug",
    "global_functions",
)  # fmt: skip


@transaction.atomic
def replace(
    bot: Bot, *, draft: spec.BotSpec, keep_name: bool = True, tell: Callable[[], None] = exportfile.silent
) -> None:
    """Make the bot's rows say what `draft` says; what the draft does not hold any more is deleted.

    Rows whose key stays keep what a draft does not carry: comments, imported leftovers, pinned responses.
    `tell` is called for each interaction; what it raises undoes everything.
    """
    for name in SETTINGS:
        setattr(bot, name, getattr(draft, name))
    if not keep_name:
        bot.name = draft.name
    bot.save()
    integrations = _integrations(bot, draft.integrations)
    _dialogs(bot, draft.dialogs, integrations, tell)
    intents.store(bot, draft=draft)
    gone = bot.integrations.exclude(pk__in=[row.pk for row in integrations.values()])
    gone.delete()


def _integrations(bot: Bot, wanted: Iterable[IntegrationSpec]) -> dict[str, Integration]:
    kept = {row.key: row for row in bot.integrations.all()}
    credentials = {str(row.key): row for row in Credential.objects.filter(organization=bot.organization_id)}
    _give_up_names(bot.integrations)
    rows: dict[str, Integration] = {}
    for each in wanted:
        row = kept.get(each.key) or Integration(bot=bot, key=each.key)
        for name in definitions.COPIED:
            setattr(row, name, getattr(each, name))
        for name in ("headers", "parameters", "fields"):
            setattr(row, name, spec.to_builtins(getattr(each, name)))
        row.credential = credentials.get(each.credential or "")
        row.save()
        rows[each.key] = row
    return rows


def _dialogs(
    bot: Bot, wanted: Iterable[spec.Dialog], integrations: Mapping[str, Integration], tell: Callable[[], None]
) -> None:
    kept = {row.key: row for row in bot.dialogs.all()}
    tiles = {row.key: row for row in bot.interactions.all()}
    _give_up_names(bot.interactions)
    bot.dialogs.update(kind=Dialog.Kind.STANDARD)
    seen, fresh = set(), []
    for position, each in enumerate(wanted):
        row = kept.get(each.key) or Dialog(bot=bot, key=each.key)
        row.name, row.kind, row.enabled, row.position = each.name, each.kind, each.enabled, position
        row.save()
        seen.add(each.key)
        for place, tile in enumerate(each.interactions):
            tell()
            made = _tile(row, tiles.pop(tile.key, None), tile, place, integrations)
            if made._state.adding:
                fresh.append(made)
            else:
                made.save()
    bot.interactions.filter(pk__in=[row.pk for row in tiles.values()]).delete()
    Interaction.objects.bulk_create(fresh)
    bot.dialogs.filter(pk__in=[row.pk for key, row in kept.items() if key not in seen]).delete()


def _tile(
    dialog: Dialog,
    kept: Interaction | None,
    tile: spec.Interaction,
    place: int,
    integrations: Mapping[str, Integration],
) -> Interaction:
    row = kept or Interaction(bot=dialog.bot, key=tile.key)
    row.dialog, row.position = dialog, place
    for name, value in values(tile).items():
        setattr(row, name, value)
    row.integration = integrations.get(tile.content.integration)
    return row


def values(tile: spec.Interaction) -> dict[str, Any]:
    """Return the columns of an interaction as the row keeps them (the integration is a reference of its own)."""
    return {
        "name": tile.name,
        "kind": tile.kind,
        "content": authoring.stored_content(tile.content),
        "rules": spec.to_builtins(tile.rules),
        "enabled": tile.enabled,
        "delay_ms": tile.delay_ms,
        "pre_process": tile.pre_process,
        "post_process": tile.post_process,
        "process_response": tile.process_response,
    }


def _give_up_names(rows: Any) -> None:
    """Names are unique in a bot at every moment, so rows that may swap theirs take a passing one first."""
    rows.update(name=Concat(Value("~"), Cast("pk", CharField())))
