"""Publishing: freeze the draft, list what was frozen, compare, take back, choose what is live."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from bots.engine import spec
from bots.models import Bot, Version
from bots.services import drafts, owned, specs
from credentials.services import audit


@transaction.atomic
def publish(bot_id: int, *, user: Any, note: str = "", tests: str = "") -> Version:
    """Freeze the draft as the next version and make it live; raises spec.InvalidSpec for a damaged row.

    tests: what the saved tests said of this draft, for the record; nothing where there are none.
    """
    bot = owned.bot(bot_id, user=user)
    frozen = spec.to_builtins(specs.draft(bot))
    newest = bot.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = Version.objects.create(bot=bot, number=newest + 1, spec=frozen, note=note, published_by=user)
    _make_live(bot, version, user=user, action="bot.published", **({"tests": tests} if tests else {}))
    return version


@transaction.atomic
def roll_back(bot_id: int, *, user: Any, number: int) -> Version:
    """Make an older version live again; the draft stays as it is."""
    bot = owned.bot(bot_id, user=user)
    version: Version = bot.versions.get(number=number)
    _make_live(bot, version, user=user, action="bot.rolled_back")
    return version


@transaction.atomic
def unpublish(bot_id: int, *, user: Any) -> Bot:
    """Take the bot off the air: channels cannot begin conversations until it is published again."""
    bot = owned.bot(bot_id, user=user)
    Bot.objects.filter(pk=bot.pk).update(live_version=None)
    audit.record(bot.organization, actor=user, action="bot.unpublished", subject=bot.name)
    return bot


@transaction.atomic
def restore(bot_id: int, *, user: Any, number: int) -> Bot:
    """Make the draft what the version says; the draft as it was is lost unless it was published."""
    bot = owned.bot(bot_id, user=user)
    version: Version = bot.versions.get(number=number)
    drafts.replace(bot, draft=read(version), keep_name=True)
    audit.record(bot.organization, actor=user, action="bot.restored", subject=bot.name, version=number)
    return bot


def read(version: Version) -> spec.BotSpec:
    """Return what the version froze."""
    frozen: spec.BotSpec = spec.from_builtins(version.spec, spec.BotSpec)
    return frozen


def _make_live(bot: Bot, version: Version, *, user: Any, action: str, **detail: str) -> None:
    Bot.objects.filter(pk=bot.pk).update(live_version=version)
    bot.live_version = version
    audit.record(bot.organization, actor=user, action=action, subject=bot.name, version=version.number, **detail)
