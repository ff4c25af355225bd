"""Publishing: freeze the draft, list what was frozen, compare, take back, choose what is live."""

from __future__ import annotations

import contextlib
from typing import Any

from django.db import transaction

from bots.engine import spec
from bots.models import Bot, Version
from bots.services import comparing, drafts, names, owned, specs, wholes
from credentials.models import Credential
from credentials.services import audit
from integrations.services import uploads


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


def differences(bot: Bot, *, old: spec.BotSpec | None, new: spec.BotSpec | None) -> list[comparing.Item] | None:
    """Return what is different in `new`, item by item, with names of credentials; nothing where one is not there."""
    if old is None or new is None:
        return None
    was, now = ({each.key: each.credential for each in one.integrations} for one in (old, new))
    pairs = ((was[key], now[key]) for key in was.keys() & now.keys())
    others = {key for pair in pairs if pair[0] != pair[1] for key in pair if key}
    rows = Credential.objects.filter(organization=bot.organization_id, key__in=others) if others else ()
    return comparing.compare(old, new=new, credentials={str(row.key): row.name for row in rows})


@transaction.atomic
def unpublish(bot_id: int, *, user: Any) -> Bot:
    """Take the bot off the air: channels cannot begin conversations until it is published again."""
    bot = owned.bot(bot_id, user=user)
    Bot.objects.filter(pk=bot.pk).update(live_version=None)
    audit.record(bot.organization, actor=user, action="bot.unpublished", subject=bot.name)
    return bot


@transaction.atomic
def restore(bot_id: int, *, user: Any, number: int) -> str:
    """Make the draft what the version says; returns what `take_back_restore` needs, for half an hour.

    Without Redis the draft as it was is lost unless it was published, and nothing is returned; so is a draft that
    cannot be read, which a version mends.
    """
    bot = owned.bot(bot_id, user=user)
    version: Version = bot.versions.get(number=number)
    token = ""
    with contextlib.suppress(uploads.NotKept, spec.InvalidSpec):
        token = uploads.keep(user, name=bot.name, data=spec.encode(specs.draft(bot)), purpose=_kept(bot))
    with wholes.recorded(bot, user=user):
        drafts.replace(bot, draft=read(version), keep_name=True)
    audit.record(bot.organization, actor=user, action="bot.restored", subject=bot.name, version=number)
    return token


def _kept(bot: Bot) -> str:
    return f"draft-{bot.pk}"


@transaction.atomic
def take_back_restore(bot_id: int, *, user: Any, token: str) -> None:
    """Make the draft what it was before a restore; raises Refused when that is kept no longer."""
    bot = owned.bot(bot_id, user=user)
    try:
        kept = uploads.find(user, token=token, purpose=_kept(bot))
    except uploads.NotKept as error:
        raise names.Refused("The draft as it was cannot be fetched just now. Try again in a minute.") from error
    if kept is None:
        raise names.Refused("The draft as it was is kept for half an hour, which is over.")
    with wholes.recorded(bot, user=user):
        drafts.replace(bot, draft=spec.decode(kept.data), keep_name=True)
    audit.record(bot.organization, actor=user, action="bot.restore_undone", subject=bot.name)


def read(version: Version) -> spec.BotSpec:
    """Return what the version froze; raises spec.InvalidSpec for a damaged one."""
    try:
        frozen: spec.BotSpec = spec.from_builtins(version.spec, spec.BotSpec)
    except spec.InvalidSpec as error:
        raise spec.InvalidSpec(f"version {version.number}: {error}") from error
    return frozen


def _make_live(bot: Bot, version: Version, *, user: Any, action: str, **detail: str) -> None:
    Bot.objects.filter(pk=bot.pk).update(live_version=version)
    bot.live_version = version
    audit.record(bot.organization, actor=user, action=action, subject=bot.name, version=version.number, **detail)
