"""The one translator between rows and BotSpec (the draft), and the cache of published versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any, TypeVar

import cachetools

from bots.engine import spec
from bots.models import Bot, Dialog, Intent, Interaction, Version
from integrations.engine.spec import Damaged, IntegrationSpec
from integrations.models import Integration
from integrations.services import definitions

Row = TypeVar("Row", Interaction, Intent, Dialog)
Part = TypeVar("Part")

MOST_KEPT = 64_000_000  # bytes of JSON, which takes about as much again when it is read


class NotPublished(Exception):
    """The bot has no live version."""


def draft(bot: Bot) -> spec.BotSpec:
    """Return the bot as it stands in the editor; raises spec.InvalidSpec when a stored row is damaged."""
    return _draft(
        bot,
        dialogs=bot.dialogs.all(),
        interactions=bot.interactions.select_related("integration"),
        integrations=bot.integrations.select_related("credential"),
        intents=bot.intents.all(),
    )


def drafts(bots: Sequence[Bot]) -> dict[int, spec.BotSpec | spec.InvalidSpec]:
    """Return the drafts of many bots by primary key, in four queries; a damaged one is its exception."""
    dialogs = _by_bot(Dialog.objects.filter(bot__in=bots))
    interactions = _by_bot(Interaction.objects.filter(bot__in=bots).select_related("integration"))
    integrations = _by_bot(Integration.objects.filter(bot__in=bots).select_related("credential"))
    intents = _by_bot(Intent.objects.filter(bot__in=bots))
    found: dict[int, spec.BotSpec | spec.InvalidSpec] = {}
    for bot in bots:
        try:
            found[bot.pk] = _draft(
                bot,
                dialogs=dialogs.get(bot.pk, ()),
                interactions=interactions.get(bot.pk, ()),
                integrations=integrations.get(bot.pk, ()),
                intents=intents.get(bot.pk, ()),
            )
        except spec.InvalidSpec as error:
            found[bot.pk] = error
    return found


def _by_bot(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.bot_id, []).append(row)
    return found


def _draft(
    bot: Bot,
    *,
    dialogs: Iterable[Dialog],
    interactions: Iterable[Interaction],
    integrations: Iterable[Integration],
    intents: Iterable[Intent],
) -> spec.BotSpec:
    known = list(intents)
    tiles: dict[int, list[spec.Interaction]] = {}
    for row in interactions:
        tiles.setdefault(row.dialog_id, []).append(_read(row, interaction))
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
        dialogs=tuple(_dialogs(dialogs, tiles)),
        integrations=tuple(_read_integration(row) for row in integrations),
        intents={str(row.key): row.name for row in known},
        intent_examples={str(row.key): _read(row, _examples) for row in known if row.phrases or row.patterns},
    )


def _read(row: Row, by: Callable[[Row], Part]) -> Part:
    try:
        return by(row)
    except spec.InvalidSpec as error:
        raise spec.InvalidSpec(f"the {row._meta.verbose_name} “{row.name}”: {error}") from error


def _read_integration(row: Integration) -> IntegrationSpec:
    try:
        return definitions.to_spec(row)
    except Damaged as error:
        raise spec.InvalidSpec(str(error)) from error


def _kind(row: Dialog) -> spec.DialogKind:
    kind: spec.DialogKind = spec.from_builtins(row.kind, spec.DialogKind)
    return kind


def _examples(row: Intent) -> spec.Examples:
    found: spec.Examples = spec.from_builtins({"phrases": row.phrases, "patterns": row.patterns}, spec.Examples)
    return found


def _dialogs(rows: Iterable[Dialog], interactions: dict[int, list[spec.Interaction]]) -> Iterable[spec.Dialog]:
    for row in rows:
        yield spec.Dialog(
            key=row.key,
            name=row.name,
            kind=_read(row, _kind),
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


def _size(bot: spec.BotSpec) -> int:
    return len(spec.encode(bot))


def kept() -> cachetools.LRUCache[Any, spec.BotSpec]:
    """Return a place for specifications, bounded by what they weigh: one bot may be thousands of times another."""
    return cachetools.LRUCache(MOST_KEPT, getsizeof=_size)


@cachetools.cached(kept(), lock=Lock())
def published(version_id: int) -> spec.BotSpec:
    """Return a published version's specification; versions never change, so each process reads one only once.

    Raises NotPublished for one that was deleted.
    """
    stored = Version.objects.filter(pk=version_id).values_list("spec", flat=True).first()
    if stored is None:
        raise NotPublished("This version was deleted.")
    result: spec.BotSpec = spec.from_builtins(stored, spec.BotSpec)
    return result
