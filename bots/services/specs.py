"""The one translator between rows and BotSpec (the draft), and the cache of published versions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bots.engine import spec
from bots.models import Bot, Dialog, Interaction, Version
from integrations.services import definitions


class NotPublished(Exception):
    """The bot has no live version."""


def draft(bot: Bot) -> spec.BotSpec:
    """Return the bot as it stands in the editor; raises spec.InvalidSpec when a stored row is damaged."""
    interactions: dict[int, list[spec.Interaction]] = {}
    for row in bot.interactions.select_related("integration"):
        interactions.setdefault(row.dialog_id, []).append(interaction(row))
    return spec.BotSpec(
        key=str(bot.key),
        name=bot.name,
        language=bot.language,
        session_seconds=bot.session_seconds,
        failure_text=bot.failure_text,
        error_text=bot.error_text,
        fallback_text=bot.fallback_text,
        split_long_texts=bot.split_long_texts,
        debug=bot.debug,
        global_functions=bot.global_functions,
        dialogs=tuple(_dialogs(bot.dialogs.all(), interactions)),
        integrations=tuple(definitions.to_spec(row) for row in bot.integrations.select_related("credential")),
    )


def _dialogs(rows: Iterable[Dialog], interactions: dict[int, list[spec.Interaction]]) -> Iterable[spec.Dialog]:
    for row in rows:
        yield spec.Dialog(
            key=row.key,
            name=row.name,
            kind=spec.from_builtins(row.kind, spec.DialogKind),
            enabled=row.enabled,
            interactions=tuple(interactions.get(row.pk, ())),
        )


def interaction(row: Interaction) -> spec.Interaction:
    """Return one tile as the engine knows it."""
    content = dict(row.content)
    if row.integration is not None:
        content["integration"] = row.integration.key
    data = {
        "key": row.key,
        "name": row.name,
        "kind": row.kind,
        "content": content,
        "rules": row.rules,
        "enabled": row.enabled,
        "delay_ms": row.delay_ms,
        "pre_process": row.pre_process,
        "post_process": row.post_process,
        "process_response": row.process_response,
    }
    result: spec.Interaction = spec.from_builtins(data, spec.Interaction)
    return result


@lru_cache(maxsize=256)
def published(version_id: int) -> spec.BotSpec:
    """Return a published version's specification; versions never change, so each process reads one only once."""
    result: spec.BotSpec = spec.from_builtins(
        Version.objects.values_list("spec", flat=True).get(pk=version_id), spec.BotSpec
    )
    return result
